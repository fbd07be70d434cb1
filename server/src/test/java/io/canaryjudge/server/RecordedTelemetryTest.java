package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Timestamps;
import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.ArmSelection;
import io.canaryjudge.proto.v1.LabelMatcher;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.Retrospective;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/recognised-series.md says of recorded telemetry. */
class RecordedTelemetryTest {

  private static final long START = 1_700_000_000_000L;
  private static final long STEP_MILLIS = 5_000;
  private static final int STEPS = 60;
  private static final long REQUESTS = 100;
  private static final String RECORDED = "2023-11-14";

  /** Takes the records as they come, and decides nothing before their end. */
  private static final String POLICY =
      """
      name: records
      alpha: 0.01
      beta: 0.05
      window: 5s
      lateness: 10s
      minimum_step_time: 1h
      metrics:
        - name: error_rate
          kind: proportion
          thresholds:
            - limit: 0.05
      """;

  @TempDir private Path directory;

  /** One service sends what it did then, and what it does now. */
  @Test
  void aScopeKeepsThePresentOutOfRecords() throws Exception {
    Path policies = Files.createDirectory(directory.resolve("policies"));
    Files.writeString(policies.resolve("records.yaml"), POLICY);
    try (TestServer server =
        TestServer.start(directory, Map.of("policies.directory", policies.toString()))) {
      JudgeClient judge = new JudgeClient(server.channel());
      String disturbed = create(judge, ArmSelection.getDefaultInstance());
      String scoped =
          create(
              judge,
              ArmSelection.newBuilder()
                  .addScope(matcher("service.name", "shop"))
                  .addScope(matcher("replay", RECORDED))
                  .build());

      send(server, records(0, STEPS / 2));
      send(server, List.of(point("1.4.2", System.currentTimeMillis(), "")));
      await().atMost(Duration.ofSeconds(60)).until(() -> !judge.verdict(disturbed).getOpen());
      assertThat(judge.verdict(scoped).getOpen()).isTrue();
      send(server, records(STEPS / 2, STEPS));
      send(server, List.of(point("1.4.2", START + (STEPS + 3) * STEP_MILLIS, RECORDED)));
      await().atMost(Duration.ofSeconds(60)).until(() -> !judge.verdict(scoped).getOpen());

      assertThat(counted(judge, disturbed)).isEqualTo(STEPS / 2 * REQUESTS);
      assertThat(counted(judge, scoped)).isEqualTo(STEPS * REQUESTS);
    }
  }

  private static LabelMatcher matcher(String label, String value) {
    return LabelMatcher.newBuilder().setLabel(label).addValues(value).build();
  }

  private static String create(JudgeClient judge, ArmSelection arms) throws Exception {
    return judge
        .createRun(
            AnalysisRun.newBuilder()
                .setService("shop")
                .setBaselineVersion("1.4.2")
                .setCanaryVersion("1.5.0")
                .setPolicy("policies/records")
                .setArms(arms)
                .setRetrospective(
                    Retrospective.newBuilder()
                        .setStartTime(Timestamps.fromMillis(START))
                        .setEndTime(Timestamps.fromMillis(START + STEPS * STEP_MILLIS)))
                .build(),
            UUID.randomUUID())
        .getName();
  }

  private static long counted(JudgeClient judge, String run) throws Exception {
    MetricVerdict metric = judge.verdict(run).getMetrics(0);
    assertThat(metric.getBaselineSampleCount()).isEqualTo(metric.getCanarySampleCount());
    return metric.getCanarySampleCount();
  }

  /** Of both versions, in order of time. */
  private static List<String> records(int from, int to) {
    List<String> points = new ArrayList<>();
    for (int step = from; step < to; step++) {
      for (String version : List.of("1.4.2", "1.5.0")) {
        points.add(point(version, START + (step + 1) * STEP_MILLIS, RECORDED));
      }
    }
    return points;
  }

  /** What an instance counted in the five seconds before a moment. */
  private static String point(String version, long atMillis, String replay) {
    return """
    {"resource": {"attributes": [
       {"key": "service.name", "value": {"stringValue": "shop"}},
       {"key": "service.version", "value": {"stringValue": "%s"}},
       {"key": "replay", "value": {"stringValue": "%s"}}]},
     "scopeMetrics": [{"metrics": [{"name": "http_requests_total", "sum": {
       "aggregationTemporality": 1, "isMonotonic": true, "dataPoints": [
         {"startTimeUnixNano": "%d000000", "timeUnixNano": "%d000000", "asInt": "%d",
          "attributes": [{"key": "code", "value": {"stringValue": "200"}}]}]}}]}]}\
    """
        .formatted(version, replay, atMillis - STEP_MILLIS, atMillis, REQUESTS);
  }

  private static void send(TestServer server, List<String> points) throws Exception {
    HttpResponse<String> answer =
        server.post("/v1/metrics", "{\"resourceMetrics\": [" + String.join(",", points) + "]}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }
}
