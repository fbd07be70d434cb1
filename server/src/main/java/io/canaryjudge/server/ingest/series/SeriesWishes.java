package io.canaryjudge.server.ingest.series;

import io.canaryjudge.analysis.policy.LabelMatcher;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What series an open run is made of, for whoever goes and gets them. It may be more than what the
 * run uses of them, and is never less.
 *
 * @param runId the run
 * @param retrospective whether it is made of recorded samples
 * @param startMillis when the run began, epoch milliseconds
 * @param names of series, as Prometheus spells them, with {@code _bucket} and with those that say
 *     something about a process; at least 1
 * @param scope what all its series match; empty if each has the service under one of {@link
 *     #SERVICE_LABELS}
 * @param service name of the service
 */
public record SeriesWishes(
    String runId,
    boolean retrospective,
    long startMillis,
    SortedSet<String> names,
    List<LabelMatcher> scope,
    String service) {

  /** Where a service's name may stand; the value of {@code job} may be {@code namespace/name}. */
  public static final List<String> SERVICE_LABELS = ArmMatcher.SERVICE_LABELS;

  /** Copies the collections. */
  public SeriesWishes {
    names = Collections.unmodifiableSortedSet(new TreeSet<>(names));
    scope = List.copyOf(scope);
  }
}
