package io.canaryjudge.server.telemetry;

import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.Refusal;
import io.canaryjudge.server.run.SampleAccounting;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/**
 * Counts samples by what became of them, and shows whether the counts add up.
 *
 * <p>Used by any thread.
 */
public final class SampleMetrics implements SampleAccounting {

  private final Counter received;
  private final Counter accepted;
  private final Counter repeated;
  private final Counter late;
  private final Counter rejected;

  /** Registers its metrics. */
  public SampleMetrics(PrometheusRegistry registry) {
    received = byDoor("received", "Samples in batches that could be read.", registry);
    accepted = byDoor("accepted", "Samples that count in a window.", registry);
    repeated = byDoor("repeated", "Samples of batches that had come before.", registry);
    late = byDoor("late", "Samples whose window was sealed.", registry);
    rejected =
        Counter.builder()
            .name("canary_judge_samples_rejected_total")
            .help("Samples refused for another reason than being late.")
            .labelNames("door", "reason")
            .register(registry);
    for (Door door : Door.values()) {
      for (Refusal reason : Refusal.values()) {
        if (reason != Refusal.LATE) {
          rejected.initLabelValues(door.label(), reason.label());
        }
      }
    }
    GaugeWithCallback.builder()
        .name("canary_judge_samples_unaccounted")
        .help("Samples received less those accepted, repeated, late or rejected. Must be 0.")
        .labelNames("door")
        .callback(
            callback -> {
              for (Door door : Door.values()) {
                callback.call(unaccounted(door), door.label());
              }
            })
        .register(registry);
  }

  private static Counter byDoor(String outcome, String help, PrometheusRegistry registry) {
    Counter counter =
        Counter.builder()
            .name("canary_judge_samples_" + outcome + "_total")
            .help(help)
            .labelNames("door")
            .register(registry);
    for (Door door : Door.values()) {
      counter.initLabelValues(door.label());
    }
    return counter;
  }

  @Override
  public void received(Door door, long samples) {
    received.labelValues(door.label()).inc(samples);
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
    rejected.labelValues(door.label(), reason.label()).inc(samples);
  }

  /** What is missing in the counts of a door; read while samples come in, it may be off by them. */
  private double unaccounted(Door door) {
    double others =
        accepted.labelValues(door.label()).get()
            + repeated.labelValues(door.label()).get()
            + late.labelValues(door.label()).get();
    for (Refusal reason : Refusal.values()) {
      if (reason != Refusal.LATE) {
        others += rejected.labelValues(door.label(), reason.label()).get();
      }
    }
    return received.labelValues(door.label()).get() - others;
  }
}
