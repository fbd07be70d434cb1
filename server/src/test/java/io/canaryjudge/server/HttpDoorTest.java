package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.canaryjudge.proto.v1.CancelAnalysisRunRequest;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The HTTP door of a real server, called by the client of the JDK. */
class HttpDoorTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path directory;

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(directory, Map.of("http.max-body-size", "8KiB"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aRunCanBeOpenedSteeredAndReadWithoutGrpc() throws Exception {
    HttpResponse<String> created = server.post("/api/v1/analysisRuns", createBody("http"));
    assertThat(created.statusCode()).as(created.body()).isEqualTo(200);
    assertThat(created.headers().firstValue("Content-Type")).contains("application/json");
    String run = "/api/v1/" + json(created).at("/analysisRun/name").asText();

    assertThat(json(server.get(run)).at("/analysisRun/policyRevision").asText())
        .isEqualTo("policies/standard/revisions/1");
    assertThat(
            json(server.get("/api/v1/analysisRuns?service=http&states=STATE_PENDING&pageSize=1"))
                .at("/analysisRuns/0")
                .toString())
        .isEqualTo(json(created).at("/analysisRun").toString());
    assertThat(
            json(server.post(run + "/steps", "{\"step\":{\"index\":1,\"weight\":25}}"))
                .at("/verdict/step/weight")
                .asDouble())
        .isEqualTo(25);
    assertThat(
            json(server.post(
                    run + "/checks", "{\"check\":\"smoke\",\"outcome\":\"CHECK_OUTCOME_PASSED\"}"))
                .at("/verdict/checks/0/outcome")
                .asText())
        .isEqualTo("CHECK_OUTCOME_PASSED");
    JsonNode waiting = json(server.get(run + "/verdict?wait=0.05s"));
    assertThat(waiting.at("/verdict/decision").asText()).isEqualTo("DECISION_WAIT");
    assertThat(waiting.at("/verdict/terminal").isBoolean()).isTrue();
    assertThat(
            json(server.post(
                    run + "/override",
                    "{\"decision\":\"DECISION_GO\",\"author\":\"Sam\",\"reason\":\"seen it\"}"))
                .at("/verdict/override/author")
                .asText())
        .isEqualTo("Sam");
    assertThat(json(server.get(run + "/verdicts")).at("/verdicts").size())
        .isGreaterThanOrEqualTo(3);
    assertThat(json(server.post(run + "/cancel", "{}")).at("/analysisRun/state").asText())
        .isEqualTo("STATE_CANCELLED");
  }

  @Test
  void policiesCanBeKeptWithoutGrpc() throws Exception {
    JsonNode standard = json(server.get("/api/v1/policies/standard")).at("/policy");
    String mine =
        standard.toString().replace("policies/standard", "policies/mine").replace("P95", "p95");

    HttpResponse<String> created =
        server.post("/api/v1/policies", "{\"policy\":" + mine + ",\"author\":\"Sam\"}");
    assertThat(created.statusCode()).as(created.body()).isEqualTo(200);
    String etag = json(created).at("/policy/etag").asText();
    HttpResponse<String> updated =
        server.send(
            "PATCH",
            "/api/v1/policies/mine",
            "{\"policy\":{\"etag\":\"" + etag + "\",\"alpha\":0.02},\"updateMask\":\"alpha\"}");
    assertThat(json(updated).at("/policy/alpha").asDouble()).as(updated.body()).isEqualTo(0.02);
    assertProblem(
        server.send(
            "PATCH",
            "/api/v1/policies/mine",
            "{\"policy\":{\"etag\":\"" + etag + "\",\"alpha\":0.03},\"updateMask\":\"alpha\"}"),
        409,
        "POLICY_ETAG_MISMATCH");
    assertThat(json(server.get("/api/v1/policies/mine/revisions")).at("/policyRevisions").size())
        .isEqualTo(2);
    assertThat(json(server.get("/api/v1/policies/mine/revisions/1")).at("/policy/alpha").asDouble())
        .isEqualTo(0.01);
    assertThat(json(server.get("/api/v1/policies?pageSize=100")).at("/policies").size())
        .isGreaterThanOrEqualTo(8);
    assertThat(
            json(server.post("/api/v1/policies/lint", "{\"text\":\"alpha: 2\"}"))
                .at("/findings/0/severity")
                .asText())
        .isEqualTo("SEVERITY_VIOLATION");
    assertThat(server.send("DELETE", "/api/v1/policies/mine?reason=old", "").statusCode())
        .isEqualTo(200);
    assertProblem(server.get("/api/v1/policies/mine"), 404, "POLICY_NOT_FOUND");
  }

  @Test
  void aWatchIsAStreamOfEvents() throws Exception {
    String run = server.createRun();
    HttpResponse<InputStream> response =
        server
            .http()
            .send(
                HttpRequest.newBuilder(server.uri("/api/v1/" + run + "/verdict/events")).build(),
                BodyHandlers.ofInputStream());
    assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      assertThat(lines.readLine()).isEqualTo("id: 0");
      assertThat(lines.readLine()).isEqualTo("event: verdict");
      assertThat(JSON.readTree(lines.readLine().substring("data: ".length())).at("/name").asText())
          .isEqualTo(run + "/verdicts/0");

      server.judge().cancelAnalysisRun(CancelAnalysisRunRequest.newBuilder().setName(run).build());

      assertThat(lines.lines().toList())
          .contains("event: end")
          .anyMatch(line -> line.contains("REASON_CANCELLED"));
    }
    assertProblem(server.get("/api/v1/analysisRuns/none/verdict/events"), 404, "RUN_NOT_FOUND");
  }

  @Test
  void errorsAreProblemDocumentsWithReasonAndViolations() throws Exception {
    assertProblem(server.get("/api/v1/analysisRuns/none"), 404, "RUN_NOT_FOUND");
    assertProblem(server.get("/api/v1/nothing"), 404, "ROUTE_NOT_FOUND");
    assertProblem(server.get("/api/v1/analysisRuns/"), 404, "ROUTE_NOT_FOUND");

    HttpResponse<String> method = server.send("PUT", "/api/v1/analysisRuns", "{}");
    assertProblem(method, 405, "METHOD_NOT_ALLOWED");
    assertThat(method.headers().firstValue("Allow")).contains("GET, POST");

    HttpResponse<String> fields =
        server.post("/api/v1/analysisRuns", "{\"analysisRun\":{\"canaryVersion\":\"1\"}}");
    assertProblem(fields, 400, "INVALID_FIELD");
    assertThat(json(fields).at("/violations").findValuesAsText("field"))
        .containsExactlyInAnyOrder(
            "request_id",
            "analysis_run.service",
            "analysis_run.baseline_version",
            "analysis_run.policy");

    assertProblem(
        server.post("/api/v1/analysisRuns", "{\"analysisRun\":{\"servce\":\"x\"}}"),
        400,
        "INVALID_FIELD");
    assertProblem(server.post("/api/v1/analysisRuns", "[1,"), 400, "INVALID_FIELD");
    assertProblem(server.post("/api/v1/analysisRuns", "[".repeat(8_000)), 400, "INVALID_FIELD");
    HttpResponse<String> query =
        server.get("/api/v1/analysisRuns?pageSize=many&page_size=1&states=STATE_GONE");
    assertProblem(query, 400, "INVALID_FIELD");
    assertThat(json(query).at("/violations").findValuesAsText("field"))
        .containsExactlyInAnyOrder("pageSize", "page_size", "states");
    assertProblem(
        server.post("/api/v1/analysisRuns/a/cancel", "{\"name\":\"analysisRuns/b\"}"),
        400,
        "INVALID_FIELD");
  }

  @Test
  void whatABrowserCouldBeMadeToSendIsRefused() throws Exception {
    HttpRequest form =
        HttpRequest.newBuilder(server.uri("/api/v1/analysisRuns"))
            .header("Content-Type", "text/plain")
            .POST(BodyPublishers.ofString(createBody("browser")))
            .build();

    assertProblem(server.send(form), 415, "UNSUPPORTED_MEDIA_TYPE");
  }

  @Test
  void aBodyOverItsLimitIsRefused() throws Exception {
    String large = "{\"requestId\":\"" + "x".repeat(9_000) + "\"}";
    HttpRequest chunked =
        HttpRequest.newBuilder(server.uri("/api/v1/analysisRuns"))
            .header("Content-Type", "application/json")
            .POST(
                BodyPublishers.ofInputStream(
                    () -> new ByteArrayInputStream(large.getBytes(StandardCharsets.UTF_8))))
            .build();

    assertThat(server.post("/api/v1/analysisRuns", large).statusCode()).isEqualTo(413);
    assertThat(server.send(chunked).statusCode()).isEqualTo(413);
    assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void healthMetricsAndTheIndexAreServed() throws Exception {
    HttpResponse<String> live = server.get("/health/live");
    assertThat(live.statusCode()).isEqualTo(200);
    JsonNode ready = json(server.get("/health/ready"));
    assertThat(ready.at("/status").asText()).isEqualTo("UP");
    assertThat(ready.at("/checks").findValuesAsText("name")).containsExactly("serving", "store");
    HttpResponse<String> metrics = server.get("/metrics");
    assertThat(metrics.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
    assertThat(metrics.body()).contains("jvm_memory_used_bytes", "canary_judge_");
    assertThat(server.get("/").body()).contains("GET    /api/v1/policies", "/openapi.json");
  }

  private static String createBody(String service) {
    return """
    {"requestId": "%s", "analysisRun": {"service": "%s", "baselineVersion": "1",
     "canaryVersion": "2", "policy": "policies/standard"}}
    """
        .formatted(UUID.randomUUID(), service);
  }

  private static JsonNode json(HttpResponse<String> response) throws Exception {
    return JSON.readTree(response.body());
  }

  private static void assertProblem(HttpResponse<String> response, int status, String reason)
      throws Exception {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(json(response).at("/reason").asText()).isEqualTo(reason);
    assertThat(json(response).at("/status").asInt()).isEqualTo(status);
  }
}
