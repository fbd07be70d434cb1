package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.GetAnalysisRunRequest;
import io.canaryjudge.proto.v1.OverrideVerdictRequest;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The calls of Argo Rollouts, Orca, Gate and Kayenta against a whole server. */
class KayentaDialectTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path directory;

  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start(directory, Map.of("http.max-metrics-size", "256KiB"));
    createPolicy("f3b1");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static void createPolicy(String name) throws Exception {
    JsonNode standard = json(server.get("/api/v1/policies/standard")).at("/policy");
    ((ObjectNode) standard).put("name", "policies/" + name);
    HttpResponse<String> created =
        server.post("/api/v1/policies", "{\"policy\":" + standard + ",\"author\":\"Sam\"}");
    assertThat(created.statusCode()).as(created.body()).isEqualTo(200);
  }

  @Test
  void argosThreeRecordedCallsJudgeARollout() throws Exception {
    RecordedRequest.Answer listed =
        RecordedRequest.named("argo-kayenta-configs")
            .at("/canaryConfig", "/kayenta/canaryConfig")
            .send(server.uri(""));
    assertThat(listed.status()).isEqualTo(200);
    JsonNode config = named(JSON.readTree(listed.body()), "f3b1");
    assertThat(config.at("/updatedTimestamp").isIntegralNumber()).isTrue();
    assertThat(config.at("/applications/0").asText()).isEqualTo("guestbook");

    String id = startAgain();
    JsonNode waiting = poll(id);
    assertThat(waiting.at("/complete").isBoolean()).isTrue();
    assertThat(waiting.at("/complete").asBoolean()).isFalse();
    AnalysisRun run = run(id);
    assertThat(run.getService()).isEqualTo("guestbook");
    assertThat(run.getBaselineVersion()).isEqualTo("abc");
    assertThat(run.getCanaryVersion()).isEqualTo("xyz");
    assertThat(run.getArms().getLabel()).isEqualTo("rollouts-pod-template-hash");
    assertThat(run.getArms().getScope(0).getLabel()).isEqualTo("app");
    assertThat(run.getLabelsList())
        .anyMatch(l -> l.getKey().equals("kayenta_pass") && l.getValue().equals("90"));
    assertThat(run.getPolicy()).isEqualTo("policies/f3b1");

    assertThat(startAgain()).as("asking again takes part in the open run").isEqualTo(id);

    decide(id, Decision.DECISION_NO_GO);
    JsonNode decided = poll(id);
    assertThat(decided.at("/complete").asBoolean()).isTrue();
    assertThat(decided.at("/status").asText()).isEqualTo("succeeded");
    assertThat(decided.at("/result/judgeResult/score/score").isNumber()).isTrue();
    assertThat(decided.at("/result/judgeResult/score/score").asInt()).isZero();
    assertThat(decided.at("/result/judgeResult/score/classification").asText()).isEqualTo("Fail");
    assertThat(decided.at("/result/judgeResult/score/classificationReason").asText())
        .contains("NO_GO by Sam");
    decide(id, Decision.DECISION_GO);
    assertThat(poll(id).at("/result/judgeResult/score/score").asInt()).isEqualTo(100);

    assertThat(server.send("PUT", "/kayenta/pipelines/" + id + "/cancel", "").statusCode())
        .isEqualTo(200);
    assertThat(startAgain()).as("after its end, another begins").isNotEqualTo(id);
  }

  private static String startAgain() throws Exception {
    RecordedRequest.Answer started =
        RecordedRequest.named("argo-kayenta-start")
            .at("/canary/f3b1", "/kayenta/canary/f3b1")
            .send(server.uri(""));
    assertThat(started.status()).as(started.body()).isEqualTo(200);
    return JSON.readTree(started.body()).at("/canaryExecutionId").asText();
  }

  private static JsonNode poll(String id) throws Exception {
    RecordedRequest.Answer answer =
        RecordedRequest.named("argo-kayenta-poll")
            .at("/canary/01DS50", "/kayenta/canary/" + id)
            .send(server.uri(""));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  @Test
  void startsAtTheSameTimeShareOneRun() throws Exception {
    String body = startBody("c1", "c2");
    List<CompletableFuture<String>> starts =
        IntStream.range(0, 8)
            .mapToObj(
                _ ->
                    CompletableFuture.supplyAsync(
                        () -> {
                          try {
                            return started("/kayenta/canary/f3b1?application=crowd", body);
                          } catch (Exception e) {
                            throw new IllegalStateException(e);
                          }
                        }))
            .toList();

    assertThat(starts.stream().map(s -> s.orTimeout(60, TimeUnit.SECONDS).join()).distinct())
        .hasSize(1);
    assertThat(started("/kayenta/canary/f3b1?application=crowd", startBody("c1", "c3")))
        .as("another canary")
        .isNotEqualTo(starts.getFirst().join());
    String withOthers = body.replace("90", "80");
    assertThat(runId(started("/kayenta/canary/f3b1?application=crowd", withOthers)))
        .as("with other thresholds: the same run, answered by them")
        .isEqualTo(runId(starts.getFirst().join()));
  }

  @Test
  void orcaReadsWhatItNeedsOfEachAnswer() throws Exception {
    String query =
        "?application=myapp&parentPipelineExecutionId=9cf4ec2e&metricsAccountName=m"
            + "&configurationAccountName=c&storageAccountName=my-account";
    String id = started("/kayenta/canary/standard" + query, startBody("v1", "v2"));

    JsonNode running = get("/kayenta/canary/" + id + "?storageAccountName=my-account");
    assertThat(running.at("/complete").asBoolean()).isFalse();
    assertThat(running.at("/status").asText()).isEqualTo("running");
    assertThat(running.at("/application").asText()).isEqualTo("myapp");
    assertThat(running.has("result")).isFalse();

    decide(id, Decision.DECISION_GO);
    JsonNode done = get("/kayenta/canary/" + id + "?storageAccountName=my-account");
    assertThat(done.at("/status").asText()).isEqualTo("succeeded");
    assertThat(done.at("/parentPipelineExecutionId").asText()).isEqualTo("9cf4ec2e");
    assertThat(done.at("/storageAccountName").asText()).isEqualTo("my-account");
    JsonNode judged = done.at("/result/judgeResult");
    assertThat(judged.at("/score/classification").asText()).isEqualTo("Pass");
    assertThat(judged.at("/score/classificationReason").isTextual()).isTrue();
    assertThat(judged.at("/results").size()).isEqualTo(2);
    for (JsonNode result : judged.at("/results")) {
      assertThat(result.at("/controlMetadata/stats/count").isInt()).isTrue();
    }
    assertThat(done.at("/result/canaryDuration").asText()).startsWith("PT");
    for (String time : List.of("buildTimeIso", "startTimeIso", "endTimeIso")) {
      assertThat(Instant.parse(done.at("/" + time).asText())).isNotNull();
    }
    JsonNode request = done.at("/canaryExecutionRequest");
    assertThat(request.at("/thresholds/pass").isInt()).isTrue();
    assertThat(request.at("/scopes/default/experimentScope/scope").asText()).isEqualTo("v2");
    assertThat(Instant.parse(request.at("/scopes/default/controlScope/start").asText()))
        .isEqualTo("2026-03-29T01:08:34Z");

    JsonNode executions = get("/kayenta/canary/executions?application=myapp&limit=1");
    assertThat(executions.at("/0/pipelineId").asText()).isEqualTo(id);
  }

  /** As Gate asks for them, which passes on what Deck wants to see. */
  @Test
  void executionsAreFoundByTheirStatus() throws Exception {
    String path = "/kayenta/canary/standard?application=statuses";
    String running = started(path, startBody("v1", "v2"));
    String decided = started(path, startBody("v1", "v3"));
    decide(decided, Decision.DECISION_GO);
    String cancelled = started(path, startBody("v1", "v4"));
    server.send("PUT", "/kayenta/pipelines/" + cancelled + "/cancel", "");

    assertThat(executions("")).containsExactly(cancelled, decided, running);
    assertThat(executions("&statuses=RUNNING")).containsExactly(running);
    assertThat(executions("&statuses=succeeded,%20CANCELED")).containsExactly(cancelled, decided);
    assertThat(executions("&statuses=succeeded,canceled&limit=1&page=2")).containsExactly(decided);
    assertThat(executions("&statuses=TERMINAL")).isEmpty();
    assertMessage(
        server.get("/kayenta/canary/executions?statuses=RUNNING,LOST"),
        400,
        "statuses: LOST (expected: some of not_started, running,");
  }

  private static List<String> executions(String query) throws Exception {
    return get("/kayenta/canary/executions?application=statuses" + query)
        .findValuesAsText("pipelineId");
  }

  @Test
  void aCancelledExecutionIsNoPass() throws Exception {
    String id = started("/kayenta/canary/standard?application=cancelled", startBody("v1", "v2"));

    HttpResponse<String> cancelled = server.send("PUT", "/kayenta/pipelines/" + id + "/cancel", "");
    assertThat(cancelled.statusCode()).isEqualTo(200);
    assertThat(cancelled.body()).isEqualTo("{}");
    assertThat(server.send("PUT", "/kayenta/pipelines/" + id + "/cancel", "").statusCode())
        .as("again")
        .isEqualTo(200);

    JsonNode execution = get("/kayenta/canary/" + id);
    assertThat(execution.at("/complete").asBoolean()).isTrue();
    assertThat(execution.at("/status").asText()).isEqualTo("canceled");
    assertThat(execution.at("/result/judgeResult/score/score").asInt()).isEqualTo(82);
  }

  @Test
  void anEndInTheFutureIsTheDeadline() throws Exception {
    String end = Instant.now().plusSeconds(1_800).toString();
    String body = startBody("v1", "v2").replaceAll("\"end\":\"[^\"]+\"", "\"end\":\"" + end + "\"");

    String id = started("/kayenta/canary/standard?application=deadline", body);

    assertThat(run(id).getOverrides().toString()).contains("deadline");
  }

  @Test
  void aPastRangeIsReadFromPrometheusOnce() throws Exception {
    Map<String, String> pulling = Map.of("prometheus.url", "http://127.0.0.1:1");
    Path past = Files.createDirectory(directory.resolve("past"));
    try (TestServer other = TestServer.start(past, pulling)) {
      String path = "/kayenta/canary/standard?application=past";
      JsonNode first = json(other.post(path, startBody("v1", "v2")));
      JsonNode again = json(other.post(path, startBody("v1", "v2")));
      String id = first.at("/canaryExecutionId").asText();
      assertThat(again).isEqualTo(first);
      JsonNode run = json(other.get("/api/v1/analysisRuns/" + runId(id))).at("/analysisRun");
      assertThat(run.at("/retrospective/fromPrometheus").asBoolean()).isTrue();
      assertThat(run.at("/retrospective/startTime").asText()).isEqualTo("2026-03-29T01:08:34Z");
      assertThat(run.at("/retrospective/endTime").asText()).isEqualTo("2026-03-29T01:13:34Z");

      String now = Instant.now().toString();
      JsonNode present =
          json(
              other.post(
                  path,
                  startBody("v1", "v2")
                      .replaceAll("\"end\":\"[^\"]+\"", "\"end\":\"" + now + "\"")));
      String liveId = runId(present.at("/canaryExecutionId").asText());
      assertThat(
              json(other.get("/api/v1/analysisRuns/" + liveId))
                  .at("/analysisRun")
                  .has("retrospective"))
          .isFalse();
    }
  }

  @Test
  void aStandaloneAnalysisIsARunUnderAnotherName() throws Exception {
    String scope =
        """
        {"scopes": [{"scopeName": "default", "controlScope": "v1", "controlLocation": "eu",
          "experimentScope": "v2", "experimentLocation": "eu", "step": 60}],
         "thresholds": {"pass": 95, "marginal": 75}, "lifetimeDurationMins": 30,
         "beginAfterMins": 5, "lookbackMins": 0, "analysisIntervalMins": 10, "siteLocal": {}}
        """;
    HttpResponse<String> begun =
        server.post(
            "/kayenta/standalone_canary_analysis/standard?application=alone&user=Sam",
            "{\"executionRequest\":" + scope + "}");
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(200);
    String id = json(begun).at("/canaryAnalysisExecutionId").asText();
    assertThat(get("/kayenta/standalone_canary_analysis/" + id).at("/executionStatus").asText())
        .isEqualTo("RUNNING");

    decide(id, Decision.DECISION_GO);

    JsonNode done = get("/kayenta/standalone_canary_analysis/" + id);
    assertThat(done.at("/complete").asBoolean()).isTrue();
    assertThat(done.at("/executionStatus").asText()).isEqualTo("SUCCEEDED");
    JsonNode result = done.at("/canaryAnalysisExecutionResult");
    assertThat(result.at("/didPassThresholds").asBoolean()).isTrue();
    assertThat(result.at("/hasWarnings").asBoolean()).isFalse();
    assertThat(result.at("/canaryScores/0").asInt()).isEqualTo(100);
    assertThat(result.at("/canaryExecutionResults/0/executionId").asText()).isEqualTo(id);

    String own = resource("prometheus");
    HttpResponse<String> ofOwn =
        server.post(
            "/kayenta/standalone_canary_analysis/?application=own",
            "{\"canaryConfig\":" + own + ",\"executionRequest\":" + scope + "}");
    assertThat(ofOwn.statusCode()).as(ofOwn.body()).isEqualTo(200);
  }

  @Test
  void aConfigOfTheRequestsOwnBecomesAPolicyOnce() throws Exception {
    String body =
        "{\"canaryConfig\":"
            + resource("prometheus")
            + ",\"executionRequest\":"
            + startBody("v1", "v2")
            + "}";
    AnalysisRun first = run(started("/kayenta/canary?application=adhoc", body));
    AnalysisRun second = run(started("/kayenta/canary?application=adhoc", body));

    assertThat(first.getPolicy()).startsWith("policies/own-");
    assertThat(second.getName()).isEqualTo(first.getName());
  }

  @Test
  void canaryConfigsAreKeptAsPolicies() throws Exception {
    String config = resource("prometheus").replace("checkout canary config", "kept");
    JsonNode created = json(server.post("/kayenta/canaryConfig", config));
    assertThat(created.at("/canaryConfigId").asText()).isEqualTo("kept");
    assertThat(created.at("/notes").size()).isGreaterThan(5);

    JsonNode view = get("/kayenta/canaryConfig/kept");
    assertThat(view.at("/name").asText()).isEqualTo("kept");
    assertThat(view.at("/metrics/0/name").asText()).isEqualTo("errors");
    assertThat(view.at("/judge/name").asText()).isEqualTo("canary-judge");

    HttpResponse<String> updated =
        server.send("PUT", "/kayenta/canaryConfig/kept", config.replace("1.3", "1.4"));
    assertThat(updated.statusCode()).as(updated.body()).isEqualTo(200);
    assertThat(json(server.get("/api/v1/policies/kept/revisions")).at("/policyRevisions").size())
        .isEqualTo(2);
    assertMessage(
        server.send("PUT", "/kayenta/canaryConfig/kept", view.toString()),
        400,
        "a view of a policy");
    assertMessage(server.post("/kayenta/canaryConfig", config), 409, "kept");
    assertThat(server.send("DELETE", "/kayenta/canaryConfig/kept", "").statusCode()).isEqualTo(200);
    assertMessage(server.get("/kayenta/canaryConfig/kept"), 404, "policies/kept");

    JsonNode read = json(server.post("/kayenta/import", config));
    assertThat(read.at("/policy/name").asText()).isEqualTo("kept");
    assertThat(read.at("/notes/0/what").asText()).isNotEmpty();
  }

  @Test
  void kayentaIsJudgedFor() throws Exception {
    HttpResponse<String> judged = server.post("/kayenta/judge", judgeBody(40));
    assertThat(judged.statusCode()).as(judged.body()).isEqualTo(200);
    assertThat(json(judged).at("/score/classification").asText()).isEqualTo("Pass");

    assertMessage(server.post("/kayenta/judge", judgeBody(100_000)), 413, "http.max-metrics-size");
    assertMessage(server.post("/kayenta/judge", "{}"), 400, "canaryConfig.name");
  }

  private static String judgeBody(int points) {
    String values =
        String.join(",", IntStream.range(0, points).mapToObj(i -> "1." + i % 7).toList());
    String others =
        String.join(",", IntStream.range(0, points).mapToObj(i -> "1." + i % 5).toList());
    return """
    {"canaryConfig": {"name": "c", "metrics": [{"name": "m", "groups": ["g"]}]},
     "metricSetPairList": [{"name": "m", "id": "1", "values":
       {"control": [%s], "experiment": [%s]}}]}
    """
        .formatted(values, others);
  }

  @Test
  void credentialsAndJudgesAreListed() throws Exception {
    JsonNode credentials = get("/kayenta/credentials");
    assertThat(credentials.at("/0/name").asText()).isEqualTo("canary-judge");
    assertThat(credentials.at("/0/type").asText()).isEqualTo("prometheus");
    assertThat(get("/kayenta/judges").at("/0/name").asText()).isEqualTo("canary-judge");
  }

  @Test
  void whatIsWrongIsSaidInAMessage() throws Exception {
    String path = "/kayenta/canary/standard?application=wrong";
    assertMessage(server.get("/kayenta/canary/none"), 404, "none");
    assertMessage(server.get("/kayenta/canary/a b".replace(" ", "%20")), 404, "a b");
    assertMessage(
        server.post("/kayenta/canary/unknown?application=a", startBody("1", "2")), 404, "unknown");
    assertMessage(
        server.post("/kayenta/canary/standard", startBody("1", "2")), 400, "application: missing");
    assertMessage(server.post(path, "{"), 400, "JSON");
    assertMessage(server.post(path, "{}"), 400, "scopes: none");
    assertMessage(server.post(path, startBody("1", "1")), 400, "canary_version");
    assertMessage(server.post(path, startBody("a=1", "2")), 400, "experimentScope.scope");
    assertMessage(server.post(path, startBody("a=~1", "a=~2")), 400, "without other operators");
    assertMessage(
        server.post(path, startBody("1", "2").replace("75", "95")), 400, "at least marginal");
    assertMessage(server.get("/kayenta/canary/executions?limit=0"), 400, "in [1, 100]");
    assertThat(server.get("/kayenta/nothing").statusCode()).isEqualTo(404);
  }

  static String startBody(String control, String experiment) {
    String scope =
        "{\"scope\":\"%s\",\"location\":\"eu\",\"step\":60,\"start\":\"2026-03-29T01:08:34Z\","
            + "\"end\":\"2026-03-29T01:13:34Z\",\"extendedScopeParams\":{}}";
    return "{\"scopes\":{\"default\":{\"controlScope\":"
        + scope.formatted(control)
        + ",\"experimentScope\":"
        + scope.formatted(experiment)
        + "}},\"thresholds\":{\"pass\":90,\"marginal\":75},\"siteLocal\":{}}";
  }

  private static String started(String path, String body) throws Exception {
    HttpResponse<String> response = server.post(path, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return json(response).at("/canaryExecutionId").asText();
  }

  private static String runId(String executionId) {
    return executionId.split("_")[0];
  }

  private static AnalysisRun run(String executionId) {
    return server
        .judge()
        .getAnalysisRun(
            GetAnalysisRunRequest.newBuilder()
                .setName("analysisRuns/" + runId(executionId))
                .build())
        .getAnalysisRun();
  }

  private static void decide(String executionId, Decision decision) {
    server
        .judge()
        .overrideVerdict(
            OverrideVerdictRequest.newBuilder()
                .setAnalysisRun("analysisRuns/" + runId(executionId))
                .setDecision(decision)
                .setAuthor("Sam")
                .setReason("seen it")
                .build());
  }

  private static JsonNode named(JsonNode list, String name) {
    return Stream.of(list)
        .flatMap(l -> IntStream.range(0, l.size()).mapToObj(l::get))
        .filter(each -> each.at("/name").asText().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static JsonNode get(String path) throws Exception {
    HttpResponse<String> response = server.get(path);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return json(response);
  }

  private static JsonNode json(HttpResponse<String> response) throws Exception {
    return JSON.readTree(response.body());
  }

  private static void assertMessage(HttpResponse<String> response, int status, String part)
      throws Exception {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(json(response).at("/message").asText()).contains(part);
  }

  private static String resource(String name) throws Exception {
    try (InputStream in =
        KayentaDialectTest.class.getResourceAsStream("/kayenta/" + name + ".json")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
