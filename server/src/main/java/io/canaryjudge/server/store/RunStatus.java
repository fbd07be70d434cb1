package io.canaryjudge.server.store;

import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.RunState;

/**
 * The part of a {@link RunRecord} that changes.
 *
 * @param state where the run is in its life
 * @param decision the decision of its newest verdict, a person's before the judged one
 * @param endMillis when it stopped taking samples, epoch milliseconds; 0 while it takes them
 */
public record RunStatus(RunState state, Decision decision, long endMillis) {}
