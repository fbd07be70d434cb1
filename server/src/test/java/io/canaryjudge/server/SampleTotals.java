package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the metrics of a server say became of its samples.
 *
 * @param received in batches that were read
 * @param accepted that count in a window
 * @param repeated of batches that had come before
 * @param late whose window was sealed
 * @param rejected for another reason, by reason; those that are 0 left out
 */
public record SampleTotals(
    long received, long accepted, long repeated, long late, Map<String, Long> rejected) {

  static SampleTotals of(PrometheusRegistry registry) {
    return new SampleTotals(
        counter(registry, "received"),
        counter(registry, "accepted"),
        counter(registry, "repeated"),
        counter(registry, "late"),
        byReason(registry));
  }

  private static long counter(PrometheusRegistry registry, String outcome) {
    return snapshot(registry, outcome).getDataPoints().stream()
        .mapToLong(point -> (long) point.getValue())
        .sum();
  }

  private static Map<String, Long> byReason(PrometheusRegistry registry) {
    Map<String, Long> reasons = new TreeMap<>();
    snapshot(registry, "rejected")
        .getDataPoints()
        .forEach(
            point -> {
              if (point.getValue() != 0) {
                reasons.merge(point.getLabels().get("reason"), (long) point.getValue(), Long::sum);
              }
            });
    return reasons;
  }

  private static CounterSnapshot snapshot(PrometheusRegistry registry, String outcome) {
    String name = "canary_judge_samples_" + outcome;
    for (MetricSnapshot snapshot : registry.scrape(name::equals)) {
      if (snapshot instanceof CounterSnapshot counter) {
        return counter;
      }
    }
    throw new AssertionError("no counter " + name);
  }

  /** received = accepted + repeated + late + rejected. */
  public void assertBalanced() {
    long others =
        accepted + repeated + late + rejected.values().stream().mapToLong(Long::longValue).sum();
    assertThat(others).as(toString()).isEqualTo(received);
  }
}
