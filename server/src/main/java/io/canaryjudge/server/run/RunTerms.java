package io.canaryjudge.server.run;

import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.server.store.RunRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What does not change over the life of a run, as far as samples are concerned.
 *
 * @param runId the run
 * @param retrospective whether its samples are recorded ones
 * @param startMillis start of window 0, epoch milliseconds
 * @param windowMillis length of a window
 * @param latenessMillis how long after its end a window of a live run takes samples
 * @param endMillis no sample at or after this moment is ever judged, epoch milliseconds
 * @param endDeclared whether {@code endMillis} was said to be the end of the samples
 * @param pulled whether the judge reads the samples itself, and takes no others
 * @param metrics in the order of the policy
 * @param metricIndex place in {@code metrics} by name
 */
public record RunTerms(
    String runId,
    boolean retrospective,
    long startMillis,
    long windowMillis,
    long latenessMillis,
    long endMillis,
    boolean endDeclared,
    boolean pulled,
    List<MetricPolicy> metrics,
    Map<String, Integer> metricIndex) {

  /** Copies the collections. */
  public RunTerms {
    metrics = List.copyOf(metrics);
    metricIndex = Map.copyOf(metricIndex);
  }

  static RunTerms of(RunRecord run, Policy policy, IngestLimits limits) {
    Map<String, Integer> index = new HashMap<>();
    for (MetricPolicy metric : policy.metrics()) {
      index.put(metric.name(), index.size());
    }
    return new RunTerms(
        run.id(),
        run.retrospective(),
        run.startMillis(),
        policy.windowMillis(),
        policy.latenessMillis(),
        endMillis(run, policy, limits),
        run.rangeEndMillis() != 0,
        run.pulled(),
        policy.metrics(),
        index);
  }

  private static long endMillis(RunRecord run, Policy policy, IngestLimits limits) {
    long end = run.retrospective() ? run.startMillis() + limits.maxRetrospectiveMillis() : MAX_END;
    if (run.rangeEndMillis() != 0) {
      end = Math.min(end, run.rangeEndMillis());
    }
    if (policy.deadlineMillis() > 0) {
      // An undecided run ends with the window that reaches the deadline; one that said GO before is
      // watched on.
      long judged = policy.deadlineMillis() + policy.watchAfterGoMillis() + policy.windowMillis();
      end = Math.min(end, run.startMillis() + judged);
    }
    return end;
  }

  /** Far enough for every run, and near enough for arithmetic without overflow. */
  private static final long MAX_END = Long.MAX_VALUE / 4;

  /** Index of the window that holds a moment; negative before the start. */
  long window(long timeMillis) {
    return Math.floorDiv(timeMillis - startMillis, windowMillis);
  }

  /** How many windows there are until the end, the last of them perhaps in part. */
  long windowsToEnd() {
    return window(endMillis - 1) + 1;
  }

  /** When a window begins, epoch milliseconds. */
  long windowStart(long index) {
    return startMillis + index * windowMillis;
  }
}
