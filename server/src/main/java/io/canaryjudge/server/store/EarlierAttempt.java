package io.canaryjudge.server.store;

import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.RunState;

/**
 * A run that tried the same artifact before, as it was when the later one was created.
 *
 * @param id of the run
 * @param createMillis when it was created, epoch milliseconds
 * @param state where it was in its life
 * @param decision its decision, a person's before the judged one
 */
public record EarlierAttempt(String id, long createMillis, RunState state, Decision decision) {}
