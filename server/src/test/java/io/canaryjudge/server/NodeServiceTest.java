package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The example in docs/examples/node: processes of Node.js with nothing but OpenTelemetry's SDK from
 * npm, whose packages its lock file names. Skipped where Node.js, npm or the packages cannot be
 * had.
 */
class NodeServiceTest {

  private static final int INSTANCES = 2;

  /** Long enough to see a release fail, and no thresholds on how fast a busy machine is. */
  private static final String POLICY =
      """
      name: node
      alpha: 0.01
      beta: 0.05
      window: 1s
      lateness: 3s
      warm_up: 0s
      minimum_step_time: 2s
      burst_guard: 2s
      deadline: 90s
      metrics:
        - name: error_rate
          kind: proportion
          thresholds:
            - relative: 1.0
              floor: 0.02
        - name: latency
          kind: distribution
          unit: s
          thresholds:
            - {quantile: 0.95, limit: 5}
      """;

  private static NodeProject project;
  private static TestServer server;
  private static JudgeClient judge;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    project = NodeProject.install(Path.of("../docs/examples/node"), "node");
    Path policies = Files.createDirectory(directory.resolve("policies"));
    Files.writeString(policies.resolve("node.yaml"), POLICY);
    server = TestServer.start(directory, Map.of("policies.directory", policies.toString()));
    judge = new JudgeClient(server.channel());
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void aGoodReleaseIsPromoted() throws Exception {
    Verdict verdict = release("node-good", "http/json", 0.002);

    assertThat(verdict.getDecision()).as(verdict.getExplanation()).isEqualTo(Decision.DECISION_GO);
    assertThat(verdict.getMetricsList())
        .hasSize(2)
        .allSatisfy(
            metric -> {
              assertThat(metric.getBaselineInstanceCount()).isEqualTo(INSTANCES);
              assertThat(metric.getCanaryInstanceCount()).isEqualTo(INSTANCES);
              assertThat(metric.getCanarySampleCount()).isGreaterThan(100);
            });
  }

  @Test
  void aReleaseThatFailsIsRolledBack() throws Exception {
    Verdict verdict = release("node-bad", "http/protobuf", 0.2);

    assertThat(verdict.getDecision())
        .as(verdict.getExplanation())
        .isEqualTo(Decision.DECISION_NO_GO);
    assertThat(
            verdict.getMetricsList().stream()
                .filter(metric -> metric.getDecision() == Decision.DECISION_NO_GO)
                .map(MetricVerdict::getMetric))
        .containsExactly("error_rate");
  }

  private static Verdict release(String service, String protocol, double failing) throws Exception {
    String run =
        judge
            .createRun(
                AnalysisRun.newBuilder()
                    .setService(service)
                    .setBaselineVersion("1.4.2")
                    .setCanaryVersion("1.5.0")
                    .setPolicy("policies/node")
                    .build(),
                UUID.randomUUID())
            .getName();
    List<Process> instances = new ArrayList<>();
    try {
      for (int i = 0; i < INSTANCES; i++) {
        instances.add(serve(service, "1.4.2", i, protocol, 0.002));
        instances.add(serve(service, "1.5.0", i, protocol, failing));
      }
      judge.awaitVerdict(run, Duration.ofSeconds(100), _ -> {});
    } finally {
      for (Process instance : instances) {
        instance.getOutputStream().close(); // which ends it
      }
      for (Process instance : instances) {
        if (!instance.waitFor(10, TimeUnit.SECONDS)) {
          instance.destroyForcibly();
        }
      }
    }
    return judge.verdict(run);
  }

  private static Process serve(
      String service, String version, int number, String protocol, double failing)
      throws IOException {
    ProcessBuilder builder =
        project.node(
            service + "-" + version + ".log",
            "service.mjs",
            service,
            version,
            service + "-" + version + "-" + number,
            Double.toString(failing));
    builder
        .environment()
        .putAll(
            Map.of(
                "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
                server.uri("/v1/metrics").toString(),
                "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
                protocol,
                "OTEL_METRIC_EXPORT_INTERVAL",
                "500"));
    return builder.start();
  }
}
