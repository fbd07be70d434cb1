package io.canaryjudge.server.telemetry;

import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.Refusal;
import io.canaryjudge.server.run.SampleAccounting;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Locale;
import org.slf4j.Logger;

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

  /**
   * Says what became of all samples, and says it as an error if some are missing. For the end, when
   * no more come in.
   */
  public void sayTotals(Logger log) {
    for (Door door : Door.values()) {
      if (unaccounted(door) != 0) {
        log.error("samples do not add up, which is a defect: {}", totals(door));
      } else if (received.labelValues(door.label()).get() > 0) {
        log.info("samples: {}", totals(door));
      }
    }
  }

  private String totals(Door door) {
    return String.format(
        Locale.ROOT,
        "door=%s received=%.0f accepted=%.0f repeated=%.0f late=%.0f rejected=%.0f",
        door.label(),
        received.labelValues(door.label()).get(),
        accepted.labelValues(door.label()).get(),
        repeated.labelValues(door.label()).get(),
        late.labelValues(door.label()).get(),
        rejected(door));
  }

  /** What is missing in the counts of a door; read while samples come in, it may be off by them. */
  private double unaccounted(Door door) {
    return received.labelValues(door.label()).get()
        - accepted.labelValues(door.label()).get()
        - repeated.labelValues(door.label()).get()
        - late.labelValues(door.label()).get()
        - rejected(door);
  }

  private double rejected(Door door) {
    double sum = 0;
    for (Refusal reason : Refusal.values()) {
      if (reason != Refusal.LATE) {
        sum += rejected.labelValues(door.label(), reason.label()).get();
      }
    }
    return sum;
  }
}
