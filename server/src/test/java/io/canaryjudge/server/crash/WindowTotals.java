package io.canaryjudge.server.crash;

import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.aggregate.ProportionAggregate;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import java.util.SortedMap;
import java.util.TreeMap;

/** How much of what is in which window: the same for what was sent and for what was judged. */
final class WindowTotals {

  private record Count(long total, long failures) {
    Count plus(Count other) {
      return new Count(total + other.total, failures + other.failures);
    }
  }

  private final SortedMap<String, Count> counts = new TreeMap<>();

  /**
   * Adds some of one metric of one instance in one window.
   *
   * @param total requests, or values
   * @param failures among the requests
   */
  void add(long window, int metric, String instance, long total, long failures) {
    counts.merge(
        "window %d metric %d instance %s".formatted(window, metric, instance),
        new Count(total, failures),
        Count::plus);
  }

  /** Adds a sealed window. */
  void add(long window, WindowAggregate content) {
    for (WindowAggregate.Entry entry : content.entries()) {
      switch (entry.aggregate()) {
        case ProportionAggregate proportion ->
            add(
                window,
                entry.metric(),
                entry.instance(),
                proportion.total(),
                proportion.failures());
        case DistributionAggregate distribution ->
            add(window, entry.metric(), entry.instance(), distribution.count(), 0);
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WindowTotals totals && counts.equals(totals.counts);
  }

  @Override
  public int hashCode() {
    return counts.hashCode();
  }

  @Override
  public String toString() {
    return counts.toString();
  }
}
