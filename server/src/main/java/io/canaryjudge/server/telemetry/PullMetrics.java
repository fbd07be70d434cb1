package io.canaryjudge.server.telemetry;

import io.canaryjudge.server.ingest.pull.PullAccounting;
import io.canaryjudge.server.ingest.pull.PullOutcome;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Counts queries to a Prometheus by what became of them. Used by any thread. */
public final class PullMetrics implements PullAccounting {

  private final Counter queries;

  /** Registers its metrics. */
  public PullMetrics(PrometheusRegistry registry) {
    queries =
        Counter.builder()
            .name("canary_judge_prometheus_queries_total")
            .help("Queries to the Prometheus that series are read from, by what became of them.")
            .labelNames("outcome")
            .register(registry);
    for (PullOutcome outcome : PullOutcome.values()) {
      queries.initLabelValues(outcome.label());
    }
  }

  @Override
  public void ended(PullOutcome outcome) {
    queries.labelValues(outcome.label()).inc();
  }
}
