package io.canaryjudge.server.ingest.series;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.MetricRole;
import io.canaryjudge.analysis.policy.MetricSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuleBookTest {

  private static MetricPolicy metric(
      String name, MetricKind kind, String unit, MetricSource... sources) {
    return new MetricPolicy(
        name,
        kind,
        unit,
        HarmfulDirection.INCREASE,
        MetricRole.DECIDES,
        1,
        false,
        0,
        List.of(),
        List.of(sources),
        null);
  }

  private static final RuleBook KNOWN =
      RuleBook.of(
          List.of(
              metric("error_rate", MetricKind.PROPORTION, "1"),
              metric("latency", MetricKind.DISTRIBUTION, "s")));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http_server_request_duration",
        "http_server_request_duration_seconds",
        "http_server_duration_milliseconds",
        "rpc_server_duration_milliseconds",
        "http_server_requests_seconds",
        "http_request_duration_seconds",
        "grpc_server_handling_seconds",
        "istio_request_duration_milliseconds",
        "response_latency_ms",
        "envoy_cluster_upstream_rq_time",
        "nginx_ingress_controller_request_duration_seconds",
        "traefik_service_request_duration_seconds"
      })
  void knowsDurations(String name) {
    assertThat(KNOWN.rules(name)).extracting(SeriesRule::metric).contains(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http_server_request_duration",
        "http_server_request_duration_seconds_count",
        "http_requests_total",
        "http_request_duration_seconds_count",
        "grpc_server_handled_total",
        "istio_requests_total",
        "response_total",
        "envoy_cluster_upstream_rq",
        "nginx_ingress_controller_requests",
        "traefik_service_requests_total"
      })
  void knowsCounts(String name) {
    assertThat(KNOWN.rules(name)).extracting(SeriesRule::metric).contains(0);
  }

  @Test
  void knowsNothingOfOtherMetrics() {
    assertThat(RuleBook.of(List.of(metric("sign_ups", MetricKind.PROPORTION, "1"))).names())
        .isEmpty();
    assertThat(KNOWN.rules("go_goroutines")).isEmpty();
  }

  @Test
  void aSourceNamesItsSeriesInEitherSpelling() {
    RuleBook book =
        RuleBook.of(
            List.of(
                metric(
                    "memory",
                    MetricKind.DISTRIBUTION,
                    "By",
                    new MetricSource("process.memory.usage", List.of(), List.of()))));
    assertThat(book.rules("process_memory_usage")).hasSize(1);
    assertThat(book.rules("process_memory_usage_bytes")).hasSize(1);
  }

  @Test
  void aSourceSaysWhatFails() {
    RuleBook book =
        RuleBook.of(
            List.of(
                metric(
                    "error_rate",
                    MetricKind.PROPORTION,
                    "1",
                    new MetricSource(
                        "",
                        List.of(new LabelMatcher("http.route", List.of("/pay*"))),
                        List.of(
                            new LabelMatcher(
                                "http.response.status_code", List.of("5*", "429")))))));
    SeriesRule rule = book.rules("http_server_request_duration").getFirst();
    assertThat(rule.matches(labels("/pay/card", "200"))).isTrue();
    assertThat(rule.matches(labels("/cart", "200"))).isFalse();
    assertThat(rule.failed(labels("/pay", "429"))).isTrue();
    assertThat(rule.failed(labels("/pay", "503"))).isTrue();
    assertThat(rule.failed(labels("/pay", "404"))).isFalse();
  }

  private static Labels labels(String route, String status) {
    return Labels.of(Map.of("http.route", route, "http.response.status_code", status));
  }

  @Test
  void namesWherePrometheusKeepsThem() {
    assertThat(KNOWN.exposedNames())
        .contains(
            "http_requests_total",
            "http_request_duration_seconds_bucket",
            "http_request_duration_seconds_count",
            "envoy_cluster_upstream_rq",
            "response_latency_ms_bucket")
        .doesNotContain(
            "http_request_duration_seconds", // of a summary: quantiles
            "http_requests_count",
            "http_requests_bucket");
    assertThat(
            RuleBook.of(
                    List.of(
                        metric(
                            "queue",
                            MetricKind.DISTRIBUTION,
                            "1",
                            new MetricSource("queue.length", List.of(), List.of()))))
                .exposedNames())
        .contains("queue_length", "queue_length_bucket");
  }
}
