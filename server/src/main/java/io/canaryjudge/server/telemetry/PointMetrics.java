package io.canaryjudge.server.telemetry;

import io.canaryjudge.server.ingest.series.PointAccounting;
import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.Refusal;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.EnumSet;
import org.slf4j.Logger;

/**
 * Counts points of foreign series by what became of them.
 *
 * <p>Used by any thread.
 */
public final class PointMetrics implements PointAccounting {

  private final Ledger ledger;
  private final Counter taken;
  private final Counter repeated;
  private final Counter shadowed;
  private final Counter unmatched;

  /** Registers its metrics. */
  public PointMetrics(PrometheusRegistry registry) {
    ledger =
        new Ledger(
            "points",
            EnumSet.complementOf(EnumSet.of(Door.GRPC)),
            "Points of series in requests that were answered.",
            "refused",
            "Points that make no sense, or came too late for every run.",
            EnumSet.allOf(Refusal.class),
            registry);
    taken = ledger.outcome("taken", "Points that a run counts, or counts from.");
    repeated = ledger.outcome("repeated", "Points that had come before.");
    shadowed =
        ledger.outcome(
            "shadowed",
            "Points not counted because another series of the instance counts the same.");
    unmatched = ledger.outcome("unmatched", "Points that no open run is made of.");
  }

  @Override
  public void received(Door door, long points) {
    ledger.received(door, points);
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
    ledger.refused(door, reason, points);
  }

  /** See {@link Ledger#sayTotals}. */
  public void sayTotals(Logger log) {
    ledger.sayTotals(log);
  }
}
