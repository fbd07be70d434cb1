package io.canaryjudge.server.ingest.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.GetVerdictRequest;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.server.TestServer;
import io.canaryjudge.server.ingest.remotewrite.PrometheusSender;
import io.canaryjudge.server.ingest.remotewrite.ScrapedService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus scrapes two versions of a service as documented, and the judge asks it. */
class PulledRunTest {

  private static final Path DOCUMENT = Path.of("../docs/prometheus-pull.md");

  /** Decides as soon as it can, without a thought for bursts. */
  private static final String HASTY =
      """
      name: hasty
      alpha: 0.01
      beta: 0.05
      window: 2s
      lateness: 10s
      warm_up: 0s
      burst_guard: 2s
      metrics:
        - name: error_rate
          kind: proportion
          thresholds:
            - limit: 0.01
      """;

  @TempDir private Path folder;

  private static String documented(List<ScrapedService> before, List<ScrapedService> after)
      throws IOException {
    String text = Files.readString(DOCUMENT);
    int from = text.indexOf("```yaml\nglobal:") + "```yaml\n".length();
    String config = text.substring(from, text.indexOf("```", from));
    assertThat(config).contains("checkout-old:8080", "checkout-new:8080", "scrape_interval: 15s");
    return config
        .replace("\"checkout-old:8080\"", targets(before))
        .replace("\"checkout-new:8080\"", targets(after))
        .replace("scrape_interval: 15s", "scrape_interval: 1s");
  }

  private static String targets(List<ScrapedService> instances) {
    return instances.stream()
        .map(instance -> "\"" + instance.address() + "\"")
        .collect(Collectors.joining(", "));
  }

  private TestServer judge(PrometheusSender prometheus) throws IOException {
    Path policies = Files.createDirectories(folder.resolve("policies"));
    Files.writeString(policies.resolve("hasty.yaml"), HASTY);
    return TestServer.start(
        folder,
        Map.of(
            "prometheus.url",
            prometheus.url(),
            "prometheus.interval",
            "1s",
            "policies.directory",
            policies.toString()));
  }

  private static Duration seconds(int seconds) {
    return Duration.newBuilder().setSeconds(seconds).build();
  }

  private static String createRun(TestServer judge) {
    CreateAnalysisRunRequest.Builder request = TestServer.createRequest().toBuilder();
    request
        .getAnalysisRunBuilder()
        .getOverridesBuilder()
        .setWarmUp(seconds(0))
        .setWindow(seconds(2))
        .setLateness(seconds(10));
    return judge.judge().createAnalysisRun(request.build()).getAnalysisRun().getName();
  }

  private static Verdict verdict(TestServer judge, String run) {
    return judge
        .judge()
        .getVerdict(GetVerdictRequest.newBuilder().setAnalysisRun(run).build())
        .getVerdict();
  }

  private static double counter(TestServer judge, String series) throws Exception {
    return judge
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("canary_judge_" + series))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static void serve(ScrapedService service, String code, int requests, double seconds) {
    service.requests.labelValues(code).inc(requests);
    for (int i = 0; i < requests; i++) {
      service.duration.observe(seconds);
    }
  }

  @Test
  void everyRequestCountsOnceInItsArm() throws Exception {
    try (ScrapedService before = new ScrapedService(false);
        ScrapedService after = new ScrapedService(false);
        PrometheusSender prometheus =
            new PrometheusSender(documented(List.of(before), List.of(after)), folder);
        TestServer judge = judge(prometheus)) {
      serve(before, "200", 5_000, 0.05); // before the run, and none of its business
      serve(after, "200", 1, 0.05);
      await()
          .atMost(java.time.Duration.ofSeconds(60))
          .until(() -> prometheus.value("http_requests_total{version='1.4.2'}") == 5_000);
      await()
          .atMost(java.time.Duration.ofSeconds(60))
          .until(() -> prometheus.value("http_requests_total{version='1.5.0'}") == 1);
      String run = createRun(judge);
      await()
          .atMost(java.time.Duration.ofSeconds(60))
          // Several scrapes of both: a series is new only in a process that was seen before it.
          .until(() -> counter(judge, "points_taken_total{door=\"promql\"}") > 100);

      serve(before, "200", 300, 0.05);
      serve(after, "200", 360, 0.3);
      serve(after, "500", 40, 0.3); // a new series

      await()
          .atMost(java.time.Duration.ofSeconds(90))
          .ignoreExceptions() // there are no metrics at first
          .untilAsserted(() -> assertCounts(verdict(judge, run)));
      assertThat(counter(judge, "points_repeated_total{door=\"promql\"}")).isPositive();
      assertThat(counter(judge, "prometheus_queries_total{outcome=\"taken\"}")).isPositive();
    }
  }

  private static void assertCounts(Verdict verdict) {
    MetricVerdict errors = verdict.getMetrics(0);
    assertThat(errors.getMetric()).isEqualTo("error_rate");
    assertThat(errors.getBaselineSampleCount()).isEqualTo(300);
    assertThat(errors.getCanarySampleCount()).isEqualTo(400);
    assertThat(errors.getThresholds(0).getCanaryEstimate()).isEqualTo(0.1, within(1e-12));
    MetricVerdict latency = verdict.getMetrics(1);
    assertThat(latency.getMetric()).isEqualTo("latency");
    assertThat(latency.getBaselineSampleCount()).isEqualTo(300);
    assertThat(latency.getCanarySampleCount()).isEqualTo(400);
  }

  @Test
  void aBadReleaseEndsInNoGo() throws Exception {
    // Two of the canary: a single one has to fail for a minute before it is believed.
    try (ScrapedService before = new ScrapedService(false);
        ScrapedService after = new ScrapedService(false);
        ScrapedService another = new ScrapedService(false);
        PrometheusSender prometheus =
            new PrometheusSender(documented(List.of(before), List.of(after, another)), folder);
        TestServer judge = judge(prometheus)) {
      String run =
          judge
              .judge()
              .createAnalysisRun(
                  TestServer.createRequest().toBuilder()
                      .setAnalysisRun(
                          TestServer.createRequest().getAnalysisRun().toBuilder()
                              .setPolicy("policies/hasty"))
                      .build())
              .getAnalysisRun()
              .getName();

      await()
          .atMost(java.time.Duration.ofMinutes(3))
          .pollInterval(java.time.Duration.ofMillis(200))
          .until(
              () -> {
                serve(before, "200", 40, 0.05);
                for (ScrapedService canary : List.of(after, another)) {
                  serve(canary, "200", 20, 0.05);
                  serve(canary, "500", 20, 0.05);
                }
                return verdict(judge, run).getTerminal();
              });

      Verdict verdict = verdict(judge, run);
      assertThat(verdict.getDecision()).isEqualTo(Decision.DECISION_NO_GO);
      assertThat(verdict.getMetrics(0).getDecision()).isEqualTo(Decision.DECISION_NO_GO);
      assertThat(verdict.getMetrics(0).getThresholds(0).getCanaryEstimate())
          .isEqualTo(0.5, within(0.02));
    }
  }
}
