package io.canaryjudge.server;

import io.canaryjudge.server.telemetry.ProcessMetrics;
import io.canaryjudge.server.telemetry.RunGauges;
import io.canaryjudge.server.telemetry.SampleMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Everything that is told to Prometheus, in one registry.
 *
 * @param registry what is scraped
 * @param process counts what the process does
 * @param samples counts what becomes of samples
 */
record Telemetry(PrometheusRegistry registry, ProcessMetrics process, SampleMetrics samples) {

  private static final Duration ENDED_RUNS_STAY = Duration.ofMinutes(10);
  private static final int MOST_RUNS_SHOWN = 200;

  static Telemetry start(InstantSource clock) {
    PrometheusRegistry registry = new PrometheusRegistry();
    JvmMetrics.builder().register(registry);
    RunGauges runs = new RunGauges(registry, clock, ENDED_RUNS_STAY, MOST_RUNS_SHOWN);
    return new Telemetry(registry, new ProcessMetrics(registry, runs), new SampleMetrics(registry));
  }
}
