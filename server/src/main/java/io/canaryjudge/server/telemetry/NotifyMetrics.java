package io.canaryjudge.server.telemetry;

import io.canaryjudge.server.notify.AttemptOutcome;
import io.canaryjudge.server.notify.NotifyAccounting;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What becomes of notifications, by target. Used by any thread. */
public final class NotifyMetrics implements NotifyAccounting {

  private static final double MILLIS_PER_SECOND = 1e3;
  private static final String TARGET = "target";

  private final Counter delivered;
  private final Counter failures;
  private final Counter givenUp;
  private final Gauge waiting;
  private final Gauge age;

  /** Registers its metrics. */
  public NotifyMetrics(PrometheusRegistry registry) {
    delivered =
        Counter.builder()
            .name("canary_judge_notifications_delivered_total")
            .help("Notifications that a target has taken.")
            .labelNames(TARGET)
            .register(registry);
    failures =
        Counter.builder()
            .name("canary_judge_notification_failures_total")
            .help("Attempts to deliver a notification that failed, by what became of them.")
            .labelNames(TARGET, "outcome")
            .register(registry);
    givenUp =
        Counter.builder()
            .name("canary_judge_notifications_given_up_total")
            .help("Notifications that are not tried any more.")
            .labelNames(TARGET)
            .register(registry);
    waiting =
        Gauge.builder()
            .name("canary_judge_notifications_waiting")
            .help("Notifications to be delivered.")
            .labelNames(TARGET)
            .register(registry);
    age =
        Gauge.builder()
            .name("canary_judge_notification_age_seconds")
            .help("How long the oldest notification to be delivered has waited.")
            .labelNames(TARGET)
            .register(registry);
  }

  /** Lets a target be seen before anything becomes of its notifications. */
  public void expect(String target) {
    delivered.initLabelValues(target);
    givenUp.initLabelValues(target);
    waiting.initLabelValues(target);
    age.initLabelValues(target);
  }

  @Override
  public void delivered(String target) {
    delivered.labelValues(target).inc();
  }

  @Override
  public void failed(String target, AttemptOutcome outcome) {
    failures.labelValues(target, outcome.label()).inc();
  }

  @Override
  public void givenUp(String target) {
    givenUp.labelValues(target).inc();
  }

  @Override
  public void waiting(String target, long count, long oldestMillis) {
    waiting.labelValues(target).set((double) count);
    age.labelValues(target).set(oldestMillis / MILLIS_PER_SECOND);
  }
}
