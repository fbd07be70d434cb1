package io.canaryjudge.server.ingest.remotewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.GetVerdictRequest;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.PolicyOverrides;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.server.PointTotals;
import io.canaryjudge.server.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A service that has nothing but an endpoint for Prometheus is judged, with the documented
 * configuration of Prometheus and a policy that names no series.
 */
class ScrapedVerdictTest {

  private static final String POLICY =
      """
      name: web
      alpha: 0.01
      beta: 0.05
      window: 5s
      burst_guard: 5s
      overridable: [window, lateness]
      metrics:
        - name: error_rate
          kind: proportion
          thresholds:
            - relative: 1.0
              floor: 0.01
        - name: latency
          kind: distribution
          unit: s
          thresholds:
            - quantile: 0.95
              limit: 0.5
      """;

  private static final int REQUESTS = 20; // each 20 ms, of each instance

  @TempDir private Path folder;

  private final ScheduledExecutorService traffic = Executors.newScheduledThreadPool(1);
  private final List<ScrapedService> services = new ArrayList<>();
  private final Random random = new Random(1);

  @AfterEach
  void stop() {
    traffic.shutdownNow();
    services.forEach(ScrapedService::close);
  }

  @Test
  void aGoodReleaseGoes() throws Exception {
    judge(0.01, Decision.DECISION_GO);
  }

  @Test
  void aReleaseThatFailsMoreOftenDoesNot() throws Exception {
    judge(0.08, Decision.DECISION_NO_GO);
  }

  private void judge(double canaryFailures, Decision expected) throws Exception {
    Path policies = Files.createDirectory(folder.resolve("policies"));
    Files.writeString(policies.resolve("web.yaml"), POLICY);
    try (TestServer server =
        TestServer.start(folder, Map.of("policies.directory", policies.toString()))) {
      // It has counted a lot before the run, which is no business of the run.
      List<ScrapedService> before = instances(2, Instant.now().minusSeconds(3_600));
      before.forEach(
          service -> {
            service.requests.labelValues("200").inc(100_000);
            service.requests.labelValues("500").inc(50_000);
          });
      String run = createRun(server);
      List<ScrapedService> after = instances(2, Instant.now());
      String config =
          DocumentedConfig.of(
              server.uri("/api/v1/write").toString(), addresses(before), addresses(after));
      try (PrometheusSender prometheus = new PrometheusSender(config, folder)) {
        Future<?> serving =
            traffic.scheduleAtFixedRate(
                () -> {
                  before.forEach(service -> serve(service, 0.01));
                  after.forEach(service -> serve(service, canaryFailures));
                },
                0,
                20,
                TimeUnit.MILLISECONDS);
        Verdict verdict =
            await()
                .atMost(Duration.ofSeconds(80))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> verdict(server, run), each -> !each.getOpen());

        assertThat(serving).isNotDone();
        assertThat(verdict.getDecision()).as(verdict.getExplanation()).isEqualTo(expected);
        PointTotals points = server.points().get("remote_write");
        assertThat(points.refused()).isEmpty();
        assertThat(points.taken()).isPositive();
        check(verdict, prometheus);
      }
    }
  }

  private List<ScrapedService> instances(int number, Instant start) throws Exception {
    List<ScrapedService> made = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      made.add(new ScrapedService(false).startedAt(start));
    }
    services.addAll(made);
    return made;
  }

  private static List<String> addresses(List<ScrapedService> services) {
    return services.stream().map(ScrapedService::address).toList();
  }

  private static String createRun(TestServer server) {
    return server
        .judge()
        .createAnalysisRun(
            CreateAnalysisRunRequest.newBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .setAnalysisRun(
                    AnalysisRun.newBuilder()
                        .setService("checkout")
                        .setBaselineVersion("1.4.2")
                        .setCanaryVersion("1.5.0")
                        .setPolicy("policies/web")
                        .setOverrides(
                            PolicyOverrides.newBuilder()
                                .setWindow(Durations.fromSeconds(2))
                                .setLateness(Durations.fromSeconds(8))))
                .build())
        .getAnalysisRun()
        .getName();
  }

  private static Verdict verdict(TestServer server, String run) {
    return server
        .judge()
        .getVerdict(GetVerdictRequest.newBuilder().setAnalysisRun(run).build())
        .getVerdict();
  }

  private void serve(ScrapedService service, double failures) {
    for (int i = 0; i < REQUESTS; i++) {
      service.requests.labelValues(random.nextDouble() < failures ? "500" : "200").inc();
      service.duration.observe(0.05 * Math.exp(0.4 * random.nextGaussian()));
    }
  }

  /** Holds the counts of a verdict against what was scraped by the end of its last window. */
  private void check(Verdict verdict, PrometheusSender prometheus) throws Exception {
    long end = Timestamps.toMillis(verdict.getSealedThroughTime());
    List<PrometheusSender.Scraped> requests = prometheus.scraped("http_requests_total");
    List<PrometheusSender.Scraped> values =
        prometheus.scraped("http_request_duration_seconds_count");
    for (ScrapedService service : services) {
      assertThat(service.scraped())
          .as("the endpoint counted what was scraped of it")
          .containsAll(totals(requests, service.address()));
    }

    MetricVerdict errors = verdict.getMetrics(0);
    assertThat(errors.getBaselineSampleCount())
        .isEqualTo(count(requests, "1.4.2", "", end))
        .isGreaterThan(1_000);
    assertThat(errors.getCanarySampleCount())
        .isEqualTo(count(requests, "1.5.0", "", end))
        .isGreaterThan(1_000);
    assertThat(errors.getThresholds(0).getBaselineEstimate())
        .isEqualTo((double) count(requests, "1.4.2", "500", end) / errors.getBaselineSampleCount());
    assertThat(errors.getThresholds(0).getCanaryEstimate())
        .isEqualTo((double) count(requests, "1.5.0", "500", end) / errors.getCanarySampleCount());
    MetricVerdict latency = verdict.getMetrics(1);
    assertThat(latency.getBaselineSampleCount()).isEqualTo(count(values, "1.4.2", "", end));
    assertThat(latency.getCanarySampleCount()).isEqualTo(count(values, "1.5.0", "", end));
  }

  /** Requests of an instance at each of its scrapes. */
  private static List<Long> totals(List<PrometheusSender.Scraped> all, String instance) {
    Map<Long, Long> byTime = new TreeMap<>();
    of(all, "instance", instance)
        .forEach(
            series ->
                series.valuesByMillis().forEach((time, n) -> byTime.merge(time, n, Long::sum)));
    return List.copyOf(byTime.values());
  }

  private static List<PrometheusSender.Scraped> of(
      List<PrometheusSender.Scraped> all, String label, String value) {
    return all.stream().filter(series -> value.equals(series.labels().get(label))).toList();
  }

  /** What a version counted by a time: since its first scrape, or at all if it began in the run. */
  private static long count(
      List<PrometheusSender.Scraped> all, String version, String code, long endMillis) {
    long count = 0;
    for (PrometheusSender.Scraped series : of(all, "version", version)) {
      if (!code.isEmpty() && !code.equals(series.labels().get("code"))) {
        continue;
      }
      NavigableMap<Long, Long> values = series.valuesByMillis();
      count += values.floorEntry(endMillis).getValue();
      if (version.equals("1.4.2")) {
        count -= values.firstEntry().getValue();
      }
    }
    return count;
  }
}
