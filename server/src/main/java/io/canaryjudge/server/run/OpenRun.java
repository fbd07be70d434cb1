package io.canaryjudge.server.run;

import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.server.store.RunRecord;

/**
 * A run that takes samples.
 *
 * @param run as it was when this server took it up: its state and decision have moved on since
 * @param policy what it is judged by, its overrides applied
 * @param terms what samples are measured by
 */
public record OpenRun(RunRecord run, Policy policy, RunTerms terms) {}
