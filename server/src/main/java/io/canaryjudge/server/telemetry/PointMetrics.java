package io.canaryjudge.server.telemetry;

import io.canaryjudge.server.ingest.series.PointAccounting;
import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.Refusal;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.EnumSet;
import java.util.Set;

/**
 * Counts points of foreign series by what became of them, and shows whether the counts add up.
 *
 * <p>Used by any thread.
 */
public final class PointMetrics implements PointAccounting {

  private static final Set<Door> DOORS = EnumSet.complementOf(EnumSet.of(Door.GRPC));

  private final Counter received;
  private final Counter taken;
  private final Counter repeated;
  private final Counter shadowed;
  private final Counter unmatched;
  private final Counter refused;

  /** Registers its metrics. */
  public PointMetrics(PrometheusRegistry registry) {
    received = byDoor("received", "Points of series in requests that were answered.", registry);
    taken = byDoor("taken", "Points that a run counts, or counts from.", registry);
    repeated = byDoor("repeated", "Points that had come before.", registry);
    shadowed =
        byDoor(
            "shadowed",
            "Points not counted because another series of the instance counts the same.",
            registry);
    unmatched = byDoor("unmatched", "Points that no open run is made of.", registry);
    refused =
        Counter.builder()
            .name("canary_judge_points_refused_total")
            .help("Points that make no sense, or came too late for every run.")
            .labelNames("door", "reason")
            .register(registry);
    for (Door door : DOORS) {
      for (Refusal reason : Refusal.values()) {
        refused.initLabelValues(door.label(), reason.label());
      }
    }
    GaugeWithCallback.builder()
        .name("canary_judge_points_unaccounted")
        .help("Points received less those with an outcome. Must be 0.")
        .labelNames("door")
        .callback(
            callback -> {
              for (Door door : DOORS) {
                callback.call(unaccounted(door), door.label());
              }
            })
        .register(registry);
  }

  private static Counter byDoor(String outcome, String help, PrometheusRegistry registry) {
    Counter counter =
        Counter.builder()
            .name("canary_judge_points_" + outcome + "_total")
            .help(help)
            .labelNames("door")
            .register(registry);
    for (Door door : DOORS) {
      counter.initLabelValues(door.label());
    }
    return counter;
  }

  @Override
  public void received(Door door, long points) {
    received.labelValues(door.label()).inc(points);
  }

  @Override
  public void taken(Door door, long points) {
    taken.labelValues(door.label()).inc(points);
  }

  @Override
  public void repeated(Door door, long points) {
    repeated.labelValues(door.label()).inc(points);
  }

  @Override
  public void shadowed(Door door, long points) {
    shadowed.labelValues(door.label()).inc(points);
  }

  @Override
  public void unmatched(Door door, long points) {
    unmatched.labelValues(door.label()).inc(points);
  }

  @Override
  public void refused(Door door, Refusal reason, long points) {
    refused.labelValues(door.label(), reason.label()).inc(points);
  }

  private double unaccounted(Door door) {
    double others = 0;
    for (Counter outcome : Set.of(taken, repeated, shadowed, unmatched)) {
      others += outcome.labelValues(door.label()).get();
    }
    for (Refusal reason : Refusal.values()) {
      others += refused.labelValues(door.label(), reason.label()).get();
    }
    return received.labelValues(door.label()).get() - others;
  }
}
