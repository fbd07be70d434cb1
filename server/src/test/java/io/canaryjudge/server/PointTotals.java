package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the metrics of a server say became of the points of foreign series that came by one door.
 *
 * @param received in requests that were answered
 * @param taken that a run counts, or counts from
 * @param repeated that had come before
 * @param shadowed of series that count what another series of the instance counts
 * @param unmatched that no open run is made of
 * @param refused by reason; those that are 0 left out
 * @param unaccounted what the server says is left
 */
public record PointTotals(
    long received,
    long taken,
    long repeated,
    long shadowed,
    long unmatched,
    Map<String, Long> refused,
    long unaccounted) {

  /** By door. */
  static Map<String, PointTotals> of(PrometheusRegistry registry) {
    Map<String, PointTotals> doors = new TreeMap<>();
    for (DataPointSnapshot point : points(registry, "received")) {
      String door = point.getLabels().get("door");
      doors.put(
          door,
          new PointTotals(
              sum(registry, "received", door),
              sum(registry, "taken", door),
              sum(registry, "repeated", door),
              sum(registry, "shadowed", door),
              sum(registry, "unmatched", door),
              byReason(registry, door),
              sum(registry, "unaccounted", door)));
    }
    assertThat(doors).containsOnlyKeys("otlp", "promql", "remote_write");
    return doors;
  }

  private static long sum(PrometheusRegistry registry, String outcome, String door) {
    return points(registry, outcome).stream()
        .filter(point -> door.equals(point.getLabels().get("door")))
        .mapToLong(PointTotals::value)
        .sum();
  }

  private static Map<String, Long> byReason(PrometheusRegistry registry, String door) {
    Map<String, Long> reasons = new TreeMap<>();
    for (DataPointSnapshot point : points(registry, "refused")) {
      Labels labels = point.getLabels();
      if (door.equals(labels.get("door")) && value(point) != 0) {
        reasons.put(labels.get("reason"), value(point));
      }
    }
    return reasons;
  }

  private static long value(DataPointSnapshot point) {
    return switch (point) {
      case CounterSnapshot.CounterDataPointSnapshot counter -> (long) counter.getValue();
      case GaugeSnapshot.GaugeDataPointSnapshot gauge -> (long) gauge.getValue();
      default -> throw new AssertionError("neither counter nor gauge: " + point);
    };
  }

  private static List<? extends DataPointSnapshot> points(
      PrometheusRegistry registry, String outcome) {
    String name = "canary_judge_points_" + outcome;
    for (MetricSnapshot snapshot : registry.scrape(name::equals)) {
      return snapshot.getDataPoints();
    }
    throw new AssertionError("no metric " + name);
  }

  /** received = taken + repeated + shadowed + unmatched + refused, and the server says so, too. */
  void assertBalanced() {
    long others =
        taken
            + repeated
            + shadowed
            + unmatched
            + refused.values().stream().mapToLong(Long::longValue).sum();
    assertThat(others).as(toString()).isEqualTo(received);
    assertThat(unaccounted).as(toString()).isZero();
  }
}
