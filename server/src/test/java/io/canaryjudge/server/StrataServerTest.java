package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.client.RecordedSample;
import io.canaryjudge.client.RecordedSampleSender;
import io.canaryjudge.client.SeriesSpec;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.Caveat;
import io.canaryjudge.proto.v1.CreatePolicyRequest;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.MetricKind;
import io.canaryjudge.proto.v1.MetricPolicy;
import io.canaryjudge.proto.v1.Policy;
import io.canaryjudge.proto.v1.ReplayAnalysisRunRequest;
import io.canaryjudge.proto.v1.Retrospective;
import io.canaryjudge.proto.v1.Strata;
import io.canaryjudge.proto.v1.Threshold;
import io.canaryjudge.proto.v1.Verdict;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Eight routes of a service, of which one with a twentieth of the traffic fails in the canary: told
 * by the judge's own client with a stratum for each series, and by OpenTelemetry with a route in
 * the attributes, as every HTTP server does anyway.
 */
class StrataServerTest {

  private static final long START = 1_700_000_000_000L;
  private static final long INTERVAL = 5_000;
  private static final int WINDOWS = 120;
  private static final List<Counted> TRAFFIC = traffic();

  private static TestServer server;
  private static JudgeClient judge;

  /** What one instance counted on one route in one interval. */
  private record Counted(
      long endMillis, Arm arm, String instance, String route, long total, long failures) {}

  @BeforeAll
  static void start(@TempDir Path directory) {
    server = TestServer.start(directory);
    judge = new JudgeClient(server.channel());
    create("plain", errors());
    create("routes", errors().setStrata(Strata.newBuilder().setLabel("http.route")));
    create("few", errors().setStrata(Strata.newBuilder().setLabel("http.route").setLimit(1)));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static MetricPolicy.Builder errors() {
    return MetricPolicy.newBuilder()
        .setName("error_rate")
        .setKind(MetricKind.METRIC_KIND_PROPORTION)
        .addThresholds(Threshold.newBuilder().setRelative(0.5).setFloor(0.005));
  }

  private static void create(String name, MetricPolicy.Builder metric) {
    server
        .policies()
        .createPolicy(
            CreatePolicyRequest.newBuilder()
                .setPolicy(
                    Policy.newBuilder()
                        .setName("policies/" + name)
                        .setAlpha(0.01)
                        .setBeta(0.01)
                        .setWindow(Durations.fromMillis(INTERVAL))
                        .setLateness(Durations.fromMillis(INTERVAL))
                        .setBurstGuard(Durations.fromMillis(3 * INTERVAL))
                        .setWarmUp(Durations.fromMillis(0))
                        .setMinimumStepTime(Durations.fromHours(2))
                        .setDeadline(Durations.fromHours(3))
                        .addMetrics(metric))
                .setAuthor("test")
                .setReason("strata")
                .build());
  }

  private static List<Counted> traffic() {
    Random random = new Random(11);
    List<Counted> traffic = new ArrayList<>();
    for (long end = START + INTERVAL; end <= START + WINDOWS * INTERVAL; end += INTERVAL) {
      for (Arm arm : List.of(Arm.ARM_BASELINE, Arm.ARM_CANARY)) {
        for (int i = 0; i < 3; i++) {
          for (int route = 0; route < 8; route++) {
            boolean bad = route == 7;
            int total = random.nextInt(bad ? 11 : 29);
            double rate = bad && arm == Arm.ARM_CANARY ? 0.12 : 0.01;
            long failures = 0;
            for (int n = 0; n < total; n++) {
              failures += random.nextDouble() < rate ? 1 : 0;
            }
            String name = bad ? "/checkout/{id}" : "/route-" + route;
            traffic.add(new Counted(end, arm, "pod-" + i, name, total, failures));
          }
        }
      }
    }
    return traffic;
  }

  @Test
  void theRouteThatFailsIsNamedWhicheverWayItIsTold() throws Exception {
    Verdict own = ofOwnClient("routes");
    Verdict foreign = ofOpenTelemetry("routes");

    assertThat(own.getDecision()).isEqualTo(Decision.DECISION_NO_GO);
    assertThat(own.getMetrics(0).getThresholds(0).getDrivingStratum()).isEqualTo("/checkout/{id}");
    assertThat(own.getExplanation()).contains("in stratum /checkout/{id}");
    assertThat(own.getCaveatsList()).doesNotContain(Caveat.CAVEAT_STRATA_POOLED);
    assertThat(foreign).isEqualTo(own);
  }

  @Test
  void withoutStrataTheAverageHidesIt() throws Exception {
    Verdict own = ofOwnClient("plain");
    Verdict foreign = ofOpenTelemetry("plain");

    assertThat(own.getDecision()).isNotEqualTo(Decision.DECISION_NO_GO);
    assertThat(own.getMetrics(0).getThresholds(0).getDrivingStratum()).isEmpty();
    assertThat(foreign.getDecision()).isNotEqualTo(Decision.DECISION_NO_GO);
    assertThat(own.getMetrics(0).getCanarySampleCount()).isEqualTo(canaryRequests());
  }

  @Test
  void moreRoutesThanThePolicyTellsApartAreSaidToBePooled() throws Exception {
    Verdict verdict = ofOwnClient("few");

    assertThat(verdict.getCaveatsList()).contains(Caveat.CAVEAT_STRATA_POOLED);
    assertThat(verdict.getDecision()).isNotEqualTo(Decision.DECISION_NO_GO);
    assertThat(verdict.getMetrics(0).getCanarySampleCount()).isEqualTo(canaryRequests());
  }

  private static long canaryRequests() {
    return TRAFFIC.stream()
        .filter(each -> each.arm() == Arm.ARM_CANARY)
        .mapToLong(Counted::total)
        .sum();
  }

  private static Verdict ofOwnClient(String policy) throws Exception {
    String run = createRun("own-" + policy, policy);
    List<RecordedSample> samples = new ArrayList<>();
    for (Counted each : TRAFFIC) {
      samples.add(
          new RecordedSample.Proportion(
              SeriesSpec.of(each.arm(), each.instance(), "error_rate").inStratum(each.route()),
              each.endMillis() - INTERVAL,
              each.total(),
              each.failures()));
    }
    RecordedSampleSender.Sent sent =
        new RecordedSampleSender(server.channel(), run).send(samples.iterator());
    assertThat(sent.stats().rejectedSamples()).isEmpty();
    return ended(run, true);
  }

  private static Verdict ofOpenTelemetry(String policy) throws Exception {
    String service = "otel-" + policy;
    String run = createRun(service, policy);
    for (long end = START + INTERVAL; end <= START + WINDOWS * INTERVAL; end += INTERVAL) {
      ExportMetricsServiceRequest.Builder export = ExportMetricsServiceRequest.newBuilder();
      for (Counted each : TRAFFIC) {
        if (each.endMillis() == end && each.total() > 0) {
          export.addResourceMetrics(resource(service, each));
        }
      }
      ExportMetricsServiceResponse answer =
          MetricsServiceGrpc.newBlockingStub(server.channel())
              .withDeadlineAfter(60, TimeUnit.SECONDS)
              .export(export.build());
      assertThat(answer).isEqualTo(ExportMetricsServiceResponse.getDefaultInstance());
    }
    return ended(run, false);
  }

  private static ResourceMetrics resource(String service, Counted each) {
    Histogram.Builder histogram =
        Histogram.newBuilder()
            .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
            .addDataPoints(point(each, 200, each.total() - each.failures()));
    if (each.failures() > 0) {
      histogram.addDataPoints(point(each, 503, each.failures()));
    }
    return ResourceMetrics.newBuilder()
        .setResource(
            Resource.newBuilder()
                .addAttributes(text("service.name", service))
                .addAttributes(text("service.version", each.arm() == Arm.ARM_CANARY ? "2" : "1"))
                .addAttributes(text("service.instance.id", each.instance())))
        .addScopeMetrics(
            ScopeMetrics.newBuilder()
                .addMetrics(
                    Metric.newBuilder()
                        .setName("http.server.request.duration")
                        .setUnit("s")
                        .setHistogram(histogram)))
        .build();
  }

  private static HistogramDataPoint point(Counted each, int status, long count) {
    return HistogramDataPoint.newBuilder()
        .setStartTimeUnixNano((each.endMillis() - INTERVAL) * 1_000_000)
        .setTimeUnixNano(each.endMillis() * 1_000_000)
        .setCount(count)
        .addExplicitBounds(1)
        .addBucketCounts(count)
        .addBucketCounts(0)
        .addAttributes(text("http.route", each.route()))
        .addAttributes(
            KeyValue.newBuilder()
                .setKey("http.response.status_code")
                .setValue(AnyValue.newBuilder().setIntValue(status)))
        .build();
  }

  private static KeyValue text(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static String createRun(String service, String policy) throws InterruptedException {
    return judge
        .createRun(
            AnalysisRun.newBuilder()
                .setService(service)
                .setBaselineVersion("1")
                .setCanaryVersion("2")
                .setPolicy("policies/" + policy)
                .setRetrospective(
                    Retrospective.newBuilder().setStartTime(Timestamps.fromMillis(START)))
                .build(),
            UUID.randomUUID())
        .getName();
  }

  /** The last verdict, which the stored log gives again to the bit. */
  private static Verdict ended(String run, boolean whole) {
    long all = START + (WINDOWS - 3) * INTERVAL;
    Verdict last =
        await()
            .pollInterval(10, TimeUnit.MILLISECONDS)
            .atMost(60, TimeUnit.SECONDS)
            .until(
                () -> judge.verdict(run),
                verdict ->
                    !verdict.getOpen()
                        || (!whole && Timestamps.toMillis(verdict.getSealedThroughTime()) >= all));
    assertThat(
            server
                .judge()
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .replayAnalysisRun(ReplayAnalysisRunRequest.newBuilder().setName(run).build())
                .getDifferentVerdictCount())
        .isZero();
    return last.toBuilder().clearName().build();
  }
}
