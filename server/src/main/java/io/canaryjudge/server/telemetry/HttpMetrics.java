package io.canaryjudge.server.telemetry;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Counts HTTP requests. Used by any thread. */
public final class HttpMetrics {

  private final Counter requests;

  /** Registers its metrics. */
  public HttpMetrics(PrometheusRegistry registry) {
    requests =
        Counter.builder()
            .name("canary_judge_http_requests_total")
            .help("Requests that were answered, by route and status.")
            .labelNames("route", "status")
            .register(registry);
  }

  /**
   * A request was answered.
   *
   * @param route the pattern of its path, never the path itself: there are only so many
   * @param status the status code
   */
  public void answered(String route, int status) {
    requests.labelValues(route, Integer.toString(status)).inc();
  }
}
