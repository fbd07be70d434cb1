package io.canaryjudge.server.run;

import io.canaryjudge.server.store.ArmSelection;
import java.util.Collections;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A request for a new run, as it came; {@link Runs#create} checks it.
 *
 * @param requestId makes a repeat harmless: a UUID
 * @param service what is being rolled out; 1 to 200 characters
 * @param baselineVersion version of the baseline arm; 1 to 200 characters
 * @param canaryVersion version of the canary arm; 1 to 200 characters
 * @param allowSameVersion whether the two may be the same
 * @param arms how the arms are told apart in the service's own telemetry
 * @param policyName the policy to judge by
 * @param policyRevision the revision of it; empty for the current one
 * @param overrides what this run sets differently from the policy, as canonical JSON; <code>{}
 *     </code> for nothing
 * @param labels for people and dashboards, by key; at most 16
 * @param artifactDigest digest of what is rolled out; may be empty
 * @param retrospective set for a run over recorded samples
 * @param creator who asks, where callers are authenticated; else empty
 * @param environment where it is rolled out, {@code [a-z][a-z0-9-]{0,62}}; may be empty
 */
public record CreateRun(
    String requestId,
    String service,
    String baselineVersion,
    String canaryVersion,
    boolean allowSameVersion,
    ArmSelection arms,
    String policyName,
    OptionalLong policyRevision,
    String overrides,
    SortedMap<String, String> labels,
    String artifactDigest,
    Optional<Retrospective> retrospective,
    String creator,
    String environment) {

  /** Copies the labels. */
  public CreateRun {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }

  /**
   * A run over recorded samples.
   *
   * @param startMillis start of window 0, epoch milliseconds
   * @param producerCount how many producers will send; 1 to 1000
   * @param endMillis end of the records, epoch milliseconds; 0 if only the producers know it
   * @param fromPrometheus whether the judge reads the records itself
   */
  public record Retrospective(
      long startMillis, int producerCount, long endMillis, boolean fromPrometheus) {

    /** Records of which only their producers know the end. */
    public Retrospective(long startMillis, int producerCount) {
      this(startMillis, producerCount, 0, false);
    }
  }
}
