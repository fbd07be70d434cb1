package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.PolicyOverrides;
import io.canaryjudge.proto.v1.Verdict;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.DefaultAggregationSelector;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.resources.Resource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Services with nothing but OpenTelemetry's SDK, in real time. Neither they nor the policy know of
 * each other: the policy names no series, and the services no metrics.
 */
class OpenTelemetryServiceTest {

  private static final AttributeKey<Long> STATUS =
      AttributeKey.longKey("http.response.status_code");
  private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
  private static final int INSTANCES = 3;

  /** The thresholds of the preset {@code standard}, without its times. */
  private static final String POLICY =
      """
      name: shop
      alpha: 0.01
      beta: 0.05
      window: 5s
      warm_up: 0s
      minimum_step_time: 5s
      burst_guard: 5s
      deadline: 2m
      metrics:
        - name: error_rate
          kind: proportion
          thresholds:
            - limit: 0.01
            - relative: 0.5
              floor: 0.005
        - name: latency
          kind: distribution
          unit: s
          thresholds:
            - {quantile: 0.95, limit: 5}
            - {quantile: 0.5, relative: 0.1, go: {relative: 0.25}}
            - {quantile: 0.95, relative: 0.1, go: {relative: 0.5}}
            - {quantile: 0.99, relative: 0.1, go: {relative: 1.0}}
      overridable: [window, lateness]
      """;

  private static TestServer server;
  private static JudgeClient judge;

  @BeforeAll
  static void start(@TempDir Path directory) throws IOException {
    Path policies = Files.createDirectory(directory.resolve("policies"));
    Files.writeString(policies.resolve("shop.yaml"), POLICY);
    server = TestServer.start(directory, Map.of("policies.directory", policies.toString()));
    judge = new JudgeClient(server.channel());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aGoodReleaseIsPromoted() throws Exception {
    Verdict verdict = release("good", 0.002, 1);

    assertThat(verdict.getDecision()).as(verdict.getExplanation()).isEqualTo(Decision.DECISION_GO);
    assertThat(verdict.getMetricsList())
        .hasSize(2)
        .allSatisfy(
            metric -> {
              assertThat(metric.getDecision()).isEqualTo(Decision.DECISION_GO);
              assertThat(metric.getBaselineInstanceCount()).isEqualTo(INSTANCES);
              assertThat(metric.getCanaryInstanceCount()).isEqualTo(INSTANCES);
              assertThat(metric.getCanarySampleCount()).isGreaterThan(1_000);
            });
  }

  @Test
  void aReleaseThatFailsIsRolledBack() throws Exception {
    Verdict verdict = release("failing", 0.04, 1);

    assertThat(verdict.getDecision())
        .as(verdict.getExplanation())
        .isEqualTo(Decision.DECISION_NO_GO);
    assertThat(guilty(verdict)).containsExactly("error_rate");
  }

  @Test
  void aSlowReleaseIsRolledBack() throws Exception {
    Verdict verdict = release("slow", 0.002, 1.6);

    assertThat(verdict.getDecision())
        .as(verdict.getExplanation())
        .isEqualTo(Decision.DECISION_NO_GO);
    assertThat(guilty(verdict)).containsExactly("latency");
  }

  private static List<String> guilty(Verdict verdict) {
    return verdict.getMetricsList().stream()
        .filter(metric -> metric.getDecision() == Decision.DECISION_NO_GO)
        .map(MetricVerdict::getMetric)
        .toList();
  }

  /** Releases a canary that fails and is slower by so much, and waits for the decision. */
  private static Verdict release(String service, double failing, double slower) throws Exception {
    String run =
        judge
            .createRun(
                AnalysisRun.newBuilder()
                    .setService(service)
                    .setBaselineVersion("1.4.2")
                    .setCanaryVersion("1.5.0")
                    .setPolicy("policies/shop")
                    .setOverrides(
                        PolicyOverrides.newBuilder()
                            .setWindow(Durations.fromSeconds(2))
                            .setLateness(Durations.fromSeconds(2)))
                    .build(),
                UUID.randomUUID())
            .getName();
    List<SdkMeterProvider> instances = new ArrayList<>();
    try (ScheduledExecutorService requests = Executors.newScheduledThreadPool(2)) {
      for (int i = 0; i < INSTANCES; i++) {
        instances.add(serve(service, "1.4.2", i, 0.002, 1, requests));
        instances.add(serve(service, "1.5.0", i, failing, slower, requests));
      }
      judge.awaitVerdict(run, Duration.ofSeconds(90), _ -> {});
      requests.shutdownNow();
    } finally {
      instances.forEach(SdkMeterProvider::close);
    }
    return judge.verdict(run);
  }

  /** Starts an instance that answers 50 requests ten times in a second. */
  private static SdkMeterProvider serve(
      String service,
      String version,
      int number,
      double failing,
      double slower,
      ScheduledExecutorService requests) {
    SdkMeterProvider provider =
        SdkMeterProvider.builder()
            .setResource(
                Resource.getDefault().toBuilder()
                    .put("service.name", service)
                    .put("service.version", version)
                    .put("service.instance.id", service + "-" + number)
                    .build())
            .registerMetricReader(
                PeriodicMetricReader.builder(
                        OtlpGrpcMetricExporter.builder()
                            .setEndpoint("http://127.0.0.1:" + server.server().grpcPort())
                            .setCompression("gzip")
                            .setDefaultAggregationSelector(
                                DefaultAggregationSelector.getDefault()
                                    .with(
                                        InstrumentType.HISTOGRAM,
                                        Aggregation.base2ExponentialBucketHistogram()))
                            .build())
                    .setInterval(Duration.ofSeconds(1))
                    .build())
            .build();
    DoubleHistogram duration =
        provider.get("web").histogramBuilder("http.server.request.duration").setUnit("s").build();
    Random random = new Random(number);
    ScheduledFuture<?> _ =
        requests.scheduleAtFixedRate(
            () -> {
              for (int i = 0; i < 50; i++) {
                boolean failed = random.nextDouble() < failing;
                duration.record(
                    0.1 * slower * Math.exp(random.nextGaussian() / 4),
                    Attributes.of(STATUS, failed ? 503L : 200L, ROUTE, "/pay"));
              }
            },
            0,
            100,
            TimeUnit.MILLISECONDS);
    return provider;
  }
}
