package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Timestamps;
import io.canaryjudge.analysis.cases.CasePolicy;
import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.ArmSelection;
import io.canaryjudge.proto.v1.LabelMatcher;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.Retrospective;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.server.policy.PolicyWriter;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsPartialSuccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes wrong around services that know nothing of the judge, through a whole server. */
class ForeignTroubleTest {

  private static final long START = 1_700_000_000_000L;
  private static final long INTERVAL = 5_000;
  private static final List<Double> BOUNDS = List.of(0.1, 0.2, 0.5);
  private static final Arm BASELINE = Arm.ARM_BASELINE;
  private static final Arm CANARY = Arm.ARM_CANARY;

  private static TestServer server;
  private static JudgeClient judge;

  @BeforeAll
  static void start(@TempDir Path directory) throws IOException {
    Path policies = Files.createDirectory(directory.resolve("policies"));
    Files.writeString(
        policies.resolve("cases.yaml"),
        PolicyWriter.toYaml(CasePolicy.of(0.01, 0.01, INTERVAL, 0, 0)));
    server = TestServer.start(directory, Map.of("policies.directory", policies.toString()));
    judge = new JudgeClient(server.channel());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @EnumSource(ForeignWay.class)
  void aProcessThatStartsAgainUnderTheSameNameIsCountedOn(ForeignWay way) throws Exception {
    String name = "restart-" + way;
    String run = createRun(name, ArmSelection.getDefaultInstance());
    ForeignService service = new ForeignService(server, way, name);
    service.start(BASELINE, "a", START - 60_000, BOUNDS);
    service.start(CANARY, "a", START + 1_000, BOUNDS);
    service.start(CANARY, "b", START + 1_000, BOUNDS);
    service.send(List.of(served(0, BASELINE, "a", 500, 0)));
    service.send(
        List.of(
            served(1, BASELINE, "a", 10, 0),
            served(1, CANARY, "a", 10, 1),
            served(1, CANARY, "b", 10, 1)));
    service.start(CANARY, "a", START + INTERVAL + 1_000, BOUNDS); // counts less than before
    service.start(CANARY, "b", START + INTERVAL + 1_000, BOUNDS); // counts more than before
    service.send(
        List.of(
            served(2, BASELINE, "a", 10, 1),
            served(2, CANARY, "a", 6, 1),
            served(2, CANARY, "b", 40, 8)));
    service.send(List.of(served(3, CANARY, "a", 4, 0), served(3, CANARY, "b", 4, 0)));
    service.send(List.of(served(6, BASELINE, "a", 1, 0), served(6, CANARY, "a", 1, 0)));

    Verdict verdict = sealedThrough(run, 3);
    assertCounts(verdict, 20, 74);
    MetricVerdict errors = verdict.getMetrics(0);
    assertThat(errors.getThresholds(0).getCanaryEstimate()).isEqualTo(11 / 74.0);
    assertThat(errors.getThresholds(0).getBaselineEstimate()).isEqualTo(1 / 20.0);
  }

  @Test
  void oneExportFeedsTwoRuns() throws Exception {
    String name = "two-runs";
    String one = createRun(name, ArmSelection.getDefaultInstance());
    String other = createRun(name, ArmSelection.getDefaultInstance());
    ForeignService service = new ForeignService(server, ForeignWay.OTLP_HTTP_CUMULATIVE, name);
    service.start(BASELINE, "a", START, BOUNDS);
    service.start(CANARY, "a", START, BOUNDS);
    for (int i = 1; i <= 6; i++) {
      service.send(List.of(served(i, BASELINE, "a", 10, 1), served(i, CANARY, "a", 7, 0)));
    }

    assertCounts(sealedThrough(one, 3), 30, 21);
    assertThat(unnamed(sealedThrough(other, 3))).isEqualTo(unnamed(sealedThrough(one, 3)));

    judge.cancel(one, "test", "one is enough");
    service.send(List.of(served(8, BASELINE, "a", 10, 1), served(8, CANARY, "a", 7, 0)));
    assertCounts(sealedThrough(other, 5), 50, 35);
  }

  @Test
  void aSeriesOfBothArmsIsRefusedVisiblyAndOthersAreTaken() throws Exception {
    String name = "both-arms";
    String run =
        createRun(
            name,
            ArmSelection.newBuilder()
                .addBaseline(matcher("service.version", "1"))
                .addCanary(matcher("service.instance.id", "canary*"))
                .build());
    ForeignService service = new ForeignService(server, ForeignWay.OTLP_HTTP_CUMULATIVE, name);
    service.start(BASELINE, "a", START, BOUNDS);
    service.start(BASELINE, "canary-of-old", START, BOUNDS);
    service.start(CANARY, "canary-a", START, BOUNDS);
    for (int i = 1; i <= 6; i++) {
      ExportMetricsPartialSuccess refused =
          service.refused(
              List.of(
                  served(i, BASELINE, "a", 10, 0),
                  served(i, BASELINE, "canary-of-old", 9, 1),
                  served(i, CANARY, "canary-a", 10, 0)));

      assertThat(refused.getRejectedDataPoints()).isEqualTo(2);
      assertThat(refused.getErrorMessage())
          .startsWith("2 unknown_arm, first http_server_request_duration{")
          .contains("canary-of-old", "matches both arms (expected: one)");
    }

    assertCounts(sealedThrough(run, 3), 30, 30);
  }

  @Test
  void lateExportsAreRefusedVisiblyAndCountNowhere() throws Exception {
    String name = "late";
    String run = createRun(name, ArmSelection.getDefaultInstance());
    ForeignService service = new ForeignService(server, ForeignWay.OTLP_HTTP_CUMULATIVE, name);
    service.start(BASELINE, "a", START, BOUNDS);
    service.start(CANARY, "a", START, BOUNDS);
    service.start(CANARY, "late", START, BOUNDS);
    for (int i = 1; i <= 8; i++) {
      service.send(List.of(served(i, BASELINE, "a", 10, 0), served(i, CANARY, "a", 10, 0)));
    }
    assertCounts(sealedThrough(run, 5), 50, 50);

    ExportMetricsPartialSuccess late = service.refused(List.of(served(3, CANARY, "late", 99, 5)));
    assertThat(late.getRejectedDataPoints()).isEqualTo(2);
    assertThat(late.getErrorMessage())
        .startsWith("2 late, first http_server_request_duration: at " + (START + 3 * INTERVAL - 1))
        .contains("expected: at least " + (START + 5 * INTERVAL));

    // What it counts from then on is in time; what was late stays out.
    service.send(List.of(served(9, CANARY, "late", 5, 0), served(9, BASELINE, "a", 10, 0)));
    service.send(List.of(served(12, BASELINE, "a", 10, 0)));
    assertCounts(sealedThrough(run, 9), 90, 85);
    assertThat(server.samples().late()).isPositive();
  }

  private static LabelMatcher matcher(String label, String value) {
    return LabelMatcher.newBuilder().setLabel(label).addValues(value).build();
  }

  private static void assertCounts(Verdict verdict, long baseline, long canary) {
    assertThat(verdict.getMetricsList())
        .hasSize(2)
        .allSatisfy(
            metric -> {
              assertThat(metric.getBaselineSampleCount()).isEqualTo(baseline);
              assertThat(metric.getCanarySampleCount()).isEqualTo(canary);
            });
  }

  private static Served served(int interval, Arm arm, String instance, int requests, int failures) {
    Latencies latencies = new Latencies(BOUNDS);
    IntStream.range(0, requests).forEach(i -> latencies.add(i % 2 == 0 ? 0.05 : 0.15));
    return new Served(START + interval * INTERVAL, arm, instance, failures, latencies);
  }

  private static Verdict unnamed(Verdict verdict) {
    return verdict.toBuilder().clearName().build();
  }

  /** Windows are sealed when what comes is more than the lateness of two windows ahead. */
  private static Verdict sealedThrough(String run, int interval) {
    return await()
        .pollInterval(10, TimeUnit.MILLISECONDS)
        .atMost(30, TimeUnit.SECONDS)
        .until(
            () -> judge.verdict(run),
            verdict ->
                Timestamps.toMillis(verdict.getSealedThroughTime()) >= START + interval * INTERVAL);
  }

  private static String createRun(String service, ArmSelection arms) throws InterruptedException {
    return judge
        .createRun(
            AnalysisRun.newBuilder()
                .setService(service)
                .setBaselineVersion("1")
                .setCanaryVersion("2")
                .setPolicy("policies/cases")
                .setArms(arms)
                .setRetrospective(
                    Retrospective.newBuilder().setStartTime(Timestamps.fromMillis(START)))
                .build(),
            UUID.randomUUID())
        .getName();
  }
}
