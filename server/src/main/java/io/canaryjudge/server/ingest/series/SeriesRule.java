package io.canaryjudge.server.ingest.series;

import io.canaryjudge.analysis.policy.LabelMatcher;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How series of one name become samples of one metric of a policy.
 *
 * @param metric place of the metric in the policy
 * @param source place of the source among those of the metric, which count beside each other
 * @param rank of several rules of one source for one instance, the lowest that comes is used
 * @param unit of the values, where the name says it; empty if the point has to
 * @param where all have to match
 * @param failures of a proportion: a series that matches any counts failures; empty to go by {@code
 *     statuses}
 * @param statuses how failures are told if {@code failures} is empty; null if it cannot be told
 * @param counts what the events of the series are
 */
record SeriesRule(
    int metric,
    int source,
    int rank,
    String unit,
    List<LabelMatcher> where,
    List<LabelMatcher> failures,
    @Nullable Statuses statuses,
    Counts counts) {

  /** What the events are that a series counts. */
  enum Counts {
    /** Values, or requests whose labels say whether they failed. */
    ALL,

    /** Requests, of which another series counts the failures. */
    REQUESTS,

    /** Failures among what another series counts. */
    FAILURES
  }

  boolean matches(Labels labels) {
    return Matching.all(where, labels);
  }

  /** Whether a series counts failures; null if it does not say. */
  @Nullable Boolean failed(Labels labels) {
    if (counts != Counts.ALL) {
      return counts == Counts.FAILURES;
    }
    if (!failures.isEmpty()) {
      return Matching.any(failures, labels);
    }
    return statuses == null ? null : statuses.failed(labels);
  }
}
