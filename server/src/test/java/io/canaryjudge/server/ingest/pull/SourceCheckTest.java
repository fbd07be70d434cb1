package io.canaryjudge.server.ingest.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.proto.v1.CheckMetricSourcesRequest;
import io.canaryjudge.proto.v1.CheckMetricSourcesResponse;
import io.canaryjudge.proto.v1.MetricSources;
import io.canaryjudge.proto.v1.SourceSeries;
import io.canaryjudge.server.TestServer;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a policy would find, at a server that asks a recorded Prometheus. */
class SourceCheckTest {

  private static final String POLICY =
      """
      name: fine
      alpha: 0.01
      beta: 0.05
      window: 5s
      metrics:
        - name: error_rate
          kind: proportion
          thresholds:
            - limit: 0.01
        - name: latency
          kind: distribution
          unit: s
          thresholds:
            - quantile: 0.5
              limit: 0.3
            - quantile: 0.5
              limit: 0.5
      """;

  @TempDir private Path directory;

  private final long now = System.currentTimeMillis();
  private RecordedPrometheus prometheus;
  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    prometheus = new RecordedPrometheus();
    server = TestServer.start(directory, Map.of("prometheus.url", prometheus.url().toString()));
  }

  @AfterEach
  void stop() {
    server.close();
    prometheus.close();
  }

  private void scrape(String name, String version, Map<String, String> more, int ago, int value) {
    Map<String, String> labels = new TreeMap<>(more);
    labels.put("__name__", name);
    labels.put("service", "checkout");
    labels.put("version", version);
    labels.put("instance", "pod-" + version);
    prometheus.add(labels, now - 1_000L * ago, Integer.toString(value));
  }

  private void serve(String version, int ago, int requests) {
    scrape("http_requests_total", version, Map.of("code", "200"), ago, requests);
    scrape("http_requests_total", version, Map.of("code", "500"), ago, requests / 10);
    String buckets = "http_request_duration_seconds_bucket";
    scrape(buckets, version, Map.of("le", "0.1"), ago, requests / 2);
    scrape(buckets, version, Map.of("le", "0.5"), ago, requests);
    scrape(buckets, version, Map.of("le", "+Inf"), ago, requests);
  }

  private static CheckMetricSourcesRequest.Builder request() {
    return CheckMetricSourcesRequest.newBuilder()
        .setText(POLICY)
        .setService("checkout")
        .setBaselineVersion("1.4.2")
        .setCanaryVersion("1.5.0");
  }

  @Test
  void whatIsThereIsShownByArm() {
    for (int ago = 60; ago > 0; ago -= 15) {
      serve("1.4.2", ago, 1_000 - ago);
      serve("1.5.0", ago, ago == 15 ? 5 : 100 - ago); // begins again
      serve("1.3.0", ago, 7);
    }

    CheckMetricSourcesResponse found = server.policies().checkMetricSources(request().build());

    assertThat(found.getProblemsList())
        .singleElement()
        .asString()
        .contains("match neither arm", "1.3.0");
    MetricSources errors = found.getMetrics(0);
    assertThat(errors.getMetric()).isEqualTo("error_rate");
    assertThat(errors.getProblemsList()).isEmpty();
    assertThat(errors.getSeriesList())
        .extracting(SourceSeries::getName)
        .containsOnly("http_requests_total");
    SourceSeries old = errors.getSeries(0);
    assertThat(old.getCanary()).isFalse();
    assertThat(old.getKind()).isEqualTo(SourceSeries.Kind.KIND_COUNTER);
    assertThat(old.getSeriesCount()).isEqualTo(2);
    assertThat(old.getInstancesList()).containsExactly("pod-1.4.2");
    assertThat(old.getLastValue()).isEqualTo(985 + 98);
    assertThat(old.getLastTime().getSeconds()).isEqualTo((now - 15_000) / 1_000);
    assertThat(old.getFailureIncrease()).isEqualTo(98 - 94);
    assertThat(old.getIncrease()).isEqualTo(45 + 98 - 94);
    assertThat(errors.getSeries(1).getIncrease()).isEqualTo(30 + 5 + (7 - 4) + 0);

    MetricSources latency = found.getMetrics(1);
    SourceSeries histogram = latency.getSeries(0);
    assertThat(histogram.getKind()).isEqualTo(SourceSeries.Kind.KIND_HISTOGRAM);
    assertThat(histogram.getUnit()).isEqualTo("s");
    assertThat(histogram.getUpperBoundsList()).containsExactly(0.1, 0.5);
    assertThat(histogram.getSeriesCount()).isEqualTo(1);
    assertThat(histogram.getIncrease()).isEqualTo(45);
    assertThat(histogram.getUnresolvedThresholdsList()).containsExactly(0);
    assertThat(latency.getProblemsList())
        .hasSize(2)
        .allMatch(problem -> problem.contains("threshold 0 lies within one bucket"));
  }

  @Test
  void whatIsMissingIsSaid() {
    serve("1.4.2", 30, 1_000);

    CheckMetricSourcesResponse found = server.policies().checkMetricSources(request().build());
    assertThat(found.getMetrics(0).getProblemsList())
        .containsExactly("no series of the CANARY arm");

    found = server.policies().checkMetricSources(request().setService("search").build());
    assertThat(found.getProblemsList()).singleElement().asString().contains("no series", "search");
  }

  @Test
  void aPrometheusThatDoesNotAnswerIsAProblemInWords() throws Exception {
    prometheus.close();

    HttpResponse<String> answer =
        server.post(
            "/api/v1/policies/checkSources",
            "{\"name\":\"policies/standard\",\"service\":\"checkout\","
                + "\"baseline_version\":\"1\",\"canary_version\":\"2\"}");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).contains("no answer", "latency");
  }

  @Test
  void badRequestsAreRefused() {
    List<CheckMetricSourcesRequest> bad =
        List.of(
            request().clearSource().build(),
            request().setText("name: [1").build(),
            request().clearService().build(),
            request().setRange(com.google.protobuf.Duration.newBuilder().setSeconds(901)).build());
    for (CheckMetricSourcesRequest each : bad) {
      assertThatThrownBy(() -> server.policies().checkMetricSources(each))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageStartingWith("INVALID_ARGUMENT");
    }
  }
}
