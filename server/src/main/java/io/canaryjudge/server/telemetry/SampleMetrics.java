package io.canaryjudge.server.telemetry;

import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.Refusal;
import io.canaryjudge.server.run.SampleAccounting;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.EnumSet;
import org.slf4j.Logger;

/**
 * Counts samples by what became of them.
 *
 * <p>Used by any thread.
 */
public final class SampleMetrics implements SampleAccounting {

  private final Ledger ledger;
  private final Counter accepted;
  private final Counter repeated;
  private final Counter late;

  /** Registers its metrics. */
  public SampleMetrics(PrometheusRegistry registry) {
    ledger =
        new Ledger(
            "samples",
            EnumSet.allOf(Door.class),
            "Samples in batches that could be read.",
            "rejected",
            "Samples refused for another reason than being late.",
            EnumSet.complementOf(EnumSet.of(Refusal.LATE)),
            registry);
    accepted = ledger.outcome("accepted", "Samples that count in a window.");
    repeated = ledger.outcome("repeated", "Samples of batches that had come before.");
    late = ledger.outcome("late", "Samples whose window was sealed.");
  }

  @Override
  public void received(Door door, long samples) {
    ledger.received(door, samples);
  }

  @Override
  public void accepted(Door door, long samples) {
    accepted.labelValues(door.label()).inc(samples);
  }

  @Override
  public void repeated(Door door, long samples) {
    repeated.labelValues(door.label()).inc(samples);
  }

  @Override
  public void late(Door door, long samples) {
    late.labelValues(door.label()).inc(samples);
  }

  @Override
  public void rejected(Door door, Refusal reason, long samples) {
    ledger.refused(door, reason, samples);
  }

  /** See {@link Ledger#sayTotals}. */
  public void sayTotals(Logger log) {
    ledger.sayTotals(log);
  }
}
