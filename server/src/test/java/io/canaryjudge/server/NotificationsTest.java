package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.server.notify.Receiver;
import io.canaryjudge.server.notify.Receiver.Answer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole server tells a receiver, and its operator what became of it. */
class NotificationsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;
  private Receiver receiver;
  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    receiver = new Receiver();
    server = TestServer.start(directory, settings());
  }

  private Map<String, String> settings() {
    return new TreeMap<>(
        Map.of(
            "notify.targets.ops.url", receiver.url().toString(),
            "notify.targets.ops.form", "cloudevents-structured",
            "notify.public-url", "https://judge.example"));
  }

  @AfterEach
  void stop() {
    server.close();
    receiver.close();
  }

  private String cancelledRun() throws Exception {
    String run = server.createRun();
    server.post("/api/v1/" + run + "/cancel", "{\"author\":\"Kim\",\"reason\":\"wrong build\"}");
    return run;
  }

  private void awaitTold(int count) {
    await().atMost(PATIENCE).until(() -> receiver.received().size() >= count);
  }

  private JsonNode list(String query) throws Exception {
    HttpResponse<String> answer = server.get("/notifications" + query);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  @Test
  void tellsWhatBecomesOfARun() throws Exception {
    String run = cancelledRun();
    awaitTold(2);
    assertThat(receiver.received())
        .extracting(each -> JSON.readTree(each.body()).path("type").asText())
        .containsExactly("io.canaryjudge.run.opened", "io.canaryjudge.run.cancelled");
    JsonNode data = JSON.readTree(receiver.received().getLast().body()).path("data");
    assertThat(data.path("run").asText()).isEqualTo(run);
    assertThat(data.path("url").asText()).isEqualTo("https://judge.example/api/v1/" + run);
    assertThat(data.at("/cancelled/reason").asText()).isEqualTo("wrong build");
  }

  /** Which nobody reports: it is concluded from a window that is sealed. */
  @Test
  void tellsOfAnApprovalThatNobodyGives() throws Exception {
    ObjectNode policy =
        (ObjectNode) JSON.readTree(server.get("/api/v1/policies/standard").body()).path("policy");
    policy.put("name", "policies/approved").put("window", "1s").put("lateness", "0s");
    policy.putArray("checks").addObject().put("name", "approval").put("deadline", "1s");
    HttpResponse<String> created = server.post("/api/v1/policies", "{\"policy\":" + policy + "}");
    assertThat(created.statusCode()).as(created.body()).isEqualTo(200);
    CreateAnalysisRunRequest.Builder request = TestServer.createRequest().toBuilder();
    request.getAnalysisRunBuilder().setPolicy("policies/approved");
    server.judge().createAnalysisRun(request.build());

    awaitTold(2);
    assertThat(receiver.ids().get(1)).endsWith("-check-expired-approval");
    JsonNode data = JSON.readTree(receiver.received().get(1).body()).path("data");
    assertThat(data.at("/check/outcome").asText()).isEqualTo("EXPIRED");
    assertThat(data.path("decision").asText()).isEqualTo("WAIT");
  }

  @Test
  void anOperatorSeesWhatWasGivenUpAndHasItTriedAgain() throws Exception {
    receiver.behave(_ -> new Answer(410, Map.of(), "moved away"));
    String run = server.createRun();
    await().atMost(PATIENCE).until(() -> !list("?state=given_up").at("/notifications/0").isEmpty());
    JsonNode given = list("?state=given_up&target=ops").at("/notifications/0");
    assertThat(given.path("run").asText()).isEqualTo(run);
    assertThat(given.path("kind").asText()).isEqualTo("opened");
    assertThat(given.path("attempts").asInt()).isEqualTo(1);
    assertThat(given.path("problem").asText()).isEqualTo("status 410: moved away");
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(server.get("/metrics").body())
                    .contains("canary_judge_notifications_given_up_total{target=\"ops\"} 1.0")
                    .contains(
                        "canary_judge_notification_failures_total{outcome=\"refused\",target=\"ops\"}"
                            + " 1.0"));

    receiver.behave(_ -> Answer.OK);
    String retry = "/notifications/" + given.path("id").asLong() + "/retry";
    HttpResponse<String> again = server.post(retry, "{}");
    assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
    assertThat(JSON.readTree(again.body()).path("state").asText()).isEqualTo("waiting");
    awaitTold(2);
    assertThat(receiver.ids().get(1)).isEqualTo(receiver.ids().get(0));
    assertThat(receiver.attempts()).containsExactly(1, 2);
    await()
        .atMost(PATIENCE)
        .until(() -> list("?state=delivered").path("notifications").size() == 1);
    assertThat(server.post(retry, "{}").statusCode()).isEqualTo(404);
    assertThat(server.post("/notifications/x/retry", "{}").body())
        .contains("NOTIFICATION_NOT_FOUND");
  }

  @Test
  void pagesAndBadQuestions() throws Exception {
    cancelledRun();
    awaitTold(2);
    JsonNode first = list("?page_size=1");
    assertThat(first.path("notifications")).hasSize(1);
    JsonNode second = list("?page_size=1&page_token=" + first.path("next_page_token").asText());
    assertThat(second.at("/notifications/0/kind").asText()).isEqualTo("opened");
    assertThat(second.path("next_page_token").asText()).isEmpty();
    for (String bad : new String[] {"?state=lost", "?page_size=x", "?page_token=x", "?sate=x"}) {
      assertThat(server.get("/notifications" + bad).statusCode()).as(bad).isEqualTo(400);
    }
  }

  @Test
  void whatWasNotTakenIsToldAfterTheNextStartToo() throws Exception {
    receiver.behave(_ -> Answer.of(503));
    cancelledRun();
    awaitTold(1);
    server.close();
    receiver.behave(_ -> Answer.OK);
    int before = receiver.received().size();
    server = TestServer.start(directory, settings());
    awaitTold(before + 2);
    assertThat(receiver.ids().subList(before, before + 2))
        .satisfiesExactly(
            id -> assertThat(id).endsWith("-opened"), id -> assertThat(id).endsWith("-cancelled"));
    assertThat(receiver.attempts().get(before)).isGreaterThan(1);
  }

  @Test
  void aFileThatCannotBeUsedStopsTheStart() throws Exception {
    Path secrets = Files.writeString(directory.resolve("secrets"), "too short\n");
    Path other = Files.createDirectory(directory.resolve("other"));
    Map<String, String> settings = settings();
    settings.put("notify.targets.ops.secret-file", secrets.toString());
    assertThatExceptionOfType(StartException.class)
        .isThrownBy(() -> TestServer.startServer(other, settings))
        .withMessageContaining("notify.targets.ops.secret-file: " + secrets + " (expected: ");
    assertThat(other).isEmptyDirectory();
  }
}
