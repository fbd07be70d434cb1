package io.canaryjudge.server.store;

import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.RunState;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One run: what it was created with, and where it is.
 *
 * @param id unique; not empty
 * @param service what is being rolled out
 * @param baselineVersion version of the baseline arm
 * @param canaryVersion version of the canary arm
 * @param allowSameVersion whether the arms may have the same version
 * @param arms how the arms are told apart in the service's own telemetry
 * @param policyName the policy it is judged by
 * @param policyRevision the revision of it, fixed at creation
 * @param effectivePolicy canonical JSON of that revision with the run's overrides applied
 * @param overrides what the run sets differently, as JSON; may be <code>{}</code>
 * @param labels for people and dashboards, by key
 * @param artifactDigest digest of what is rolled out; may be empty
 * @param retrospective whether its samples are recorded ones, with a clock of their own
 * @param producerCount how many producers a retrospective run waits for; at least 1
 * @param rangeEndMillis declared end of the records of a retrospective run, epoch milliseconds; 0
 *     for none
 * @param pulled whether the judge reads these records itself
 * @param createMillis when it was created, epoch milliseconds
 * @param startMillis start of its window 0, epoch milliseconds
 * @param state where it is in its life
 * @param endMillis when it stopped taking samples, epoch milliseconds; 0 while it takes them
 * @param decision the decision of its newest committed verdict, a person's before the judged one
 * @param creator who created it; may be empty
 * @param environment where it is rolled out, such as {@code staging}; may be empty
 * @param attempt which attempt at this artifact it is, from 1; 0 if it has no digest, and so is not
 *     linked to others
 * @param earlierAttempts those before it, newest first; at most 20
 */
public record RunRecord(
    String id,
    String service,
    String baselineVersion,
    String canaryVersion,
    boolean allowSameVersion,
    ArmSelection arms,
    String policyName,
    long policyRevision,
    String effectivePolicy,
    String overrides,
    SortedMap<String, String> labels,
    String artifactDigest,
    boolean retrospective,
    int producerCount,
    long rangeEndMillis,
    boolean pulled,
    long createMillis,
    long startMillis,
    RunState state,
    long endMillis,
    Decision decision,
    String creator,
    String environment,
    int attempt,
    List<EarlierAttempt> earlierAttempts) {

  /** Copies the collections. */
  public RunRecord {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    earlierAttempts = List.copyOf(earlierAttempts);
  }

  /** The same run, elsewhere in its life. */
  public RunRecord with(RunStatus status) {
    return with(environment, attempt, earlierAttempts, status);
  }

  /** The same run as an attempt after others. */
  public RunRecord asAttempt(int number, List<EarlierAttempt> earlier) {
    return with(environment, number, earlier, new RunStatus(state, decision, endMillis));
  }

  /** The same run in an environment. */
  public RunRecord in(String place) {
    return with(place, attempt, earlierAttempts, new RunStatus(state, decision, endMillis));
  }

  private RunRecord with(String place, int number, List<EarlierAttempt> earlier, RunStatus status) {
    return new RunRecord(
        id,
        service,
        baselineVersion,
        canaryVersion,
        allowSameVersion,
        arms,
        policyName,
        policyRevision,
        effectivePolicy,
        overrides,
        labels,
        artifactDigest,
        retrospective,
        producerCount,
        rangeEndMillis,
        pulled,
        createMillis,
        startMillis,
        status.state(),
        status.endMillis(),
        status.decision(),
        creator,
        place,
        number,
        earlier);
  }

  /** Whether it still takes samples. */
  public boolean open() {
    return endMillis == 0;
  }
}
