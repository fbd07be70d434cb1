package io.canaryjudge.server.telemetry;

import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Everything that the process tells Prometheus, in one registry.
 *
 * @param registry what is served at {@code /metrics}
 * @param samples what became of samples
 * @param points what became of points of foreign series
 * @param pull what became of queries to a Prometheus
 * @param notifications what became of notifications
 * @param process whether the judge judges; tells the gauges of runs
 * @param grpc calls
 * @param http requests
 */
public record Telemetry(
    PrometheusRegistry registry,
    SampleMetrics samples,
    PointMetrics points,
    PullMetrics pull,
    NotifyMetrics notifications,
    ProcessMetrics process,
    GrpcMetrics grpc,
    HttpMetrics http) {

  private static final Duration ENDED_RUNS_STAY = Duration.ofMinutes(10);
  private static final int MOST_RUNS_SHOWN = 500;

  /**
   * Registers all metrics, with those of the JVM.
   *
   * @param clock decides when an ended run leaves the gauges
   */
  public static Telemetry start(InstantSource clock) {
    PrometheusRegistry registry = new PrometheusRegistry();
    JvmMetrics.builder().register(registry);
    Info.builder()
        .name("canary_judge_build_info")
        .help("Version of the server.")
        .labelNames("version")
        .register(registry)
        .addLabelValues(
            Optional.ofNullable(Telemetry.class.getPackage().getImplementationVersion())
                .orElse("unpackaged"));
    RunGauges runs = new RunGauges(registry, clock, ENDED_RUNS_STAY, MOST_RUNS_SHOWN);
    return new Telemetry(
        registry,
        new SampleMetrics(registry),
        new PointMetrics(registry),
        new PullMetrics(registry),
        new NotifyMetrics(registry),
        new ProcessMetrics(registry, runs),
        new GrpcMetrics(registry),
        new HttpMetrics(registry));
  }
}
