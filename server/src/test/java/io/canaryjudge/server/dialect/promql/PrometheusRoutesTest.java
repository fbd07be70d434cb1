package io.canaryjudge.server.dialect.promql;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.OverrideVerdictRequest;
import io.canaryjudge.server.TestServer;
import io.canaryjudge.server.Tools;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Argo Rollouts, Flagger and Grafana ask, of a running server. */
class PrometheusRoutesTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(directory);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private JsonNode query(String query) throws Exception {
    HttpResponse<String> answer = server.get("/prometheus/api/v1/query?query=" + encoded(query));
    assertThat(answer.statusCode()).isEqualTo(200);
    JsonNode body = JSON.readTree(answer.body());
    assertThat(body.path("status").asText()).isEqualTo("success");
    return body.path("data");
  }

  /** The value of the only series that a query gives; empty if it gives none. */
  private String value(String query) throws Exception {
    JsonNode result = query(query).path("result");
    assertThat(result.size()).isLessThanOrEqualTo(1);
    return result.path(0).path("value").path(1).asText("");
  }

  private void override(String run, Decision decision) {
    server
        .judge()
        .overrideVerdict(
            OverrideVerdictRequest.newBuilder()
                .setAnalysisRun(run)
                .setDecision(decision)
                .setAuthor("eve")
                .setReason("drill")
                .build());
  }

  /** Flagger asks this before all else, and wants a 1. */
  @Test
  void theProbeOfFlagger() throws Exception {
    JsonNode data = query("vector(1)");
    assertThat(data.path("resultType").asText()).isEqualTo("vector");
    assertThat(data.path("result").path(0).path("value").path(1).asText()).isEqualTo("1");
  }

  @Test
  void theScoreIsThatOfTheNewestRunOfTheService() throws Exception {
    String score = "canary_judge_run_score{service=\"checkout\"}";
    assertThat(value(score)).isEmpty();

    String first = server.createRun();
    assertThat(value(score)).isEqualTo("50");
    override(first, Decision.DECISION_GO);
    assertThat(value(score)).isEqualTo("100");

    String second = server.createRun();
    assertThat(value(score)).isEqualTo("50");
    override(second, Decision.DECISION_NO_GO);
    assertThat(value(score)).isEqualTo("0");

    String ofFirst = "canary_judge_run_score{run=\"" + first.replace("analysisRuns/", "") + "\"}";
    assertThat(value(ofFirst)).isEqualTo("100");
    assertThat(value("canary_judge_run_score{run=\"no-such\"}")).isEmpty();
    assertThat(value("canary_judge_run_score{service=\"cart\"}")).isEmpty();
    assertThat(value("sum(canary_judge_run_decision{service=\"checkout\"})")).isEqualTo("1");
    assertThat(value("count(canary_judge_run_decision{service=~\"check.*\"})")).isEqualTo("4");
  }

  /** The client library that Argo Rollouts has, in the hands of promtool. */
  @Test
  void aClientOfPrometheusReadsIt() throws Exception {
    server.createRun();
    String url = server.uri("/prometheus").toString();
    Path empty = Files.createFile(directory.resolve("empty"));
    Tools.Outcome now =
        Tools.run(
            empty, "promtool", "query", "instant", url, "canary_judge_run_score{service!=\"\"}");
    assertThat(now.output()).contains("service=\"checkout\"").contains("=> 50 @");
    Tools.Outcome labels = Tools.run(empty, "promtool", "query", "labels", url, "service");
    assertThat(labels.output()).contains("checkout");
    Tools.Outcome series =
        Tools.run(empty, "promtool", "query", "series", "--match=canary_judge_run_open", url);
    assertThat(series.output()).contains("canary_judge_run_open");
    assertThat(now.code() + labels.code() + series.code()).isZero();
  }

  @Test
  void aRangeShowsTheVerdictsOnRecord() throws Exception {
    override(server.createRun(), Decision.DECISION_GO);
    long now = Instant.now().getEpochSecond();
    String range =
        "/prometheus/api/v1/query_range?query=canary_judge_run_score&step=15s&start="
            + (now - 60)
            + "&end="
            + (now + 60);
    JsonNode data = JSON.readTree(server.get(range).body()).path("data");
    assertThat(data.path("resultType").asText()).isEqualTo("matrix");
    JsonNode values = data.path("result").path(0).path("values");
    assertThat(values.size()).isBetween(3, 6); // from the start of the run on
    for (JsonNode point : values) {
      assertThat(point.path(1).asText()).isEqualTo("100");
      assertThat(point.path(0).asDouble()).isBetween(now - 60.0, now + 60.0);
    }

    String constant = range.replace("canary_judge_run_score", "vector(1)");
    assertThat(JSON.readTree(server.get(constant).body()).at("/data/result/0/values")).hasSize(9);
  }

  @Test
  void aFormIsAQuery() throws Exception {
    server.createRun();
    HttpRequest form =
        HttpRequest.newBuilder(server.uri("/prometheus/api/v1/query"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString("query=" + encoded("canary_judge_run_open") + "&time=1"))
            .build();
    HttpResponse<String> answer = server.send(form);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(answer.body()).at("/data/result")).isEmpty(); // in 1970
  }

  @Test
  void whatIsNotUnderstoodIsRefusedAsPrometheusDoes() throws Exception {
    for (String path :
        new String[] {
          "query",
          "query?query=" + encoded("rate(x[5m])"),
          "query?query=1&time=yesterday",
          "query_range?query=1&start=0&end=60&step=0",
          "query_range?query=1&start=60&end=0&step=1",
          "query_range?query=1&start=0&end=11000&step=1",
          "query_range?query=1&start=0&end=60",
          "series"
        }) {
      HttpResponse<String> answer = server.get("/prometheus/api/v1/" + path);
      assertThat(answer.statusCode()).as(path).isEqualTo(400);
      JsonNode body = JSON.readTree(answer.body());
      assertThat(body.path("status").asText()).isEqualTo("error");
      assertThat(body.path("errorType").asText()).isEqualTo("bad_data");
      assertThat(body.path("error").asText()).contains("expected:");
    }
  }
}
