package io.canaryjudge.server.dialect.flagger;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.CancelAnalysisRunRequest;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.GetVerdictRequest;
import io.canaryjudge.proto.v1.ListAnalysisRunsRequest;
import io.canaryjudge.proto.v1.OverrideVerdictRequest;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.server.TestServer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flagger's webhooks, as it posts them, to a running server. */
class FlaggerRoutesTest {

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

  private static String body(String phase, String checksum, String metadata) {
    return "{\"name\":\"podinfo\",\"namespace\":\"test\",\"phase\":\""
        + phase
        + "\",\"checksum\":\""
        + checksum
        + "\",\"metadata\":{"
        + metadata
        + "}}";
  }

  private HttpResponse<String> post(String hook, String metadata) throws Exception {
    return server.post("/flagger/" + hook, body("Progressing", "85d557f47b", metadata));
  }

  private HttpResponse<String> post(String hook) throws Exception {
    return post(hook, "");
  }

  private void event(String text) throws Exception {
    HttpResponse<String> answer =
        post(
            "event",
            "\"eventMessage\":\""
                + text
                + "\",\"eventType\":\"Normal\",\"timestamp\":\"1795225422172\"");
    assertThat(answer.statusCode()).isEqualTo(200);
  }

  private List<AnalysisRun> runs() {
    return server
        .judge()
        .listAnalysisRuns(ListAnalysisRunsRequest.newBuilder().setService("podinfo").build())
        .getAnalysisRunsList();
  }

  private Verdict verdict() {
    return server
        .judge()
        .getVerdict(
            GetVerdictRequest.newBuilder().setAnalysisRun(runs().getFirst().getName()).build())
        .getVerdict();
  }

  private void override(Decision decision) {
    server
        .judge()
        .overrideVerdict(
            OverrideVerdictRequest.newBuilder()
                .setAnalysisRun(runs().getFirst().getName())
                .setDecision(decision)
                .setAuthor("eve")
                .setReason("drill")
                .build());
  }

  /** Which of the webhooks get a yes. */
  private String confirmed() throws Exception {
    StringBuilder yes = new StringBuilder();
    for (String hook :
        List.of("rollout", "confirm-traffic-increase", "confirm-promotion", "rollback")) {
      HttpResponse<String> answer = post(hook);
      assertThat(answer.statusCode()).isIn(200, 403);
      assertThat(answer.body()).contains("(run ").endsWith(")\n");
      yes.append(answer.statusCode() == 200 ? hook + " " : "");
    }
    return yes.toString().trim();
  }

  @Test
  void aRolloutHasOneRunHoweverOftenAndAtOnceItIsAskedFor() throws Exception {
    Callable<Integer> ask = () -> post("confirm-rollout").statusCode();
    try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Integer> answer : many.invokeAll(Stream.generate(() -> ask).limit(8).toList())) {
        assertThat(answer.get()).isEqualTo(200);
      }
    }
    assertThat(post("pre-rollout").statusCode()).isEqualTo(200);

    AnalysisRun run = runs().getFirst();
    assertThat(runs()).hasSize(1);
    assertThat(run.getState()).isEqualTo(AnalysisRun.State.STATE_PENDING);
    assertThat(run.getBaselineVersion()).isEqualTo("primary");
    assertThat(run.getCanaryVersion()).isEqualTo("85d557f47b");
    assertThat(run.getPolicyRevision()).startsWith("policies/standard/");
    assertThat(run.getLabelsList().toString()).contains("flagger_namespace");
    assertThat(run.getArms().toString()).contains("podinfo-primary");
  }

  @Test
  void metadataSaysOtherwise() throws Exception {
    post(
        "confirm-rollout",
        "\"service\":\"shop\",\"policy\":\"guardrail\",\"canary_version\":\"2.0\","
            + "\"baseline_version\":\"1.9\",\"arm_label\":\"version\",\"canary_value\":\"v2\","
            + "\"baseline_value\":\"v1\",\"artifact_digest\":\"sha256:1\"");
    AnalysisRun run =
        server
            .judge()
            .listAnalysisRuns(ListAnalysisRunsRequest.newBuilder().setService("shop").build())
            .getAnalysisRuns(0);
    assertThat(run.getCanaryVersion()).isEqualTo("2.0");
    assertThat(run.getPolicyRevision()).startsWith("policies/guardrail/");
    assertThat(run.getArtifactDigest()).isEqualTo("sha256:1");
    assertThat(run.getArms().toString()).contains("v1").contains("v2").contains("version");
  }

  @Test
  void withoutEvidenceNothingMoves() throws Exception {
    assertThat(confirmed()).isEqualTo("rollout");
  }

  @Test
  void goPromotes() throws Exception {
    post("confirm-rollout");
    override(Decision.DECISION_GO);
    assertThat(confirmed()).isEqualTo("rollout confirm-traffic-increase confirm-promotion");
  }

  @Test
  void noGoRollsBackAtOnceWithTheReason() throws Exception {
    post("confirm-rollout");
    override(Decision.DECISION_NO_GO);
    assertThat(confirmed()).isEqualTo("rollback");
    assertThat(post("confirm-promotion").body()).contains("eve").contains("drill");
  }

  @Test
  void inconclusiveHoldsForAPerson() throws Exception {
    post("confirm-rollout");
    server
        .judge()
        .cancelAnalysisRun(
            CancelAnalysisRunRequest.newBuilder().setName(runs().getFirst().getName()).build());
    assertThat(verdict().getDecision()).isEqualTo(Decision.DECISION_INCONCLUSIVE);
    assertThat(confirmed()).isEqualTo("rollout");
  }

  @Test
  void eventsTellTheWeight() throws Exception {
    post("confirm-rollout");
    event("Advance podinfo.test canary weight 10");
    event("Advance podinfo.test canary weight 10");
    assertThat(verdict().getStep().getIndex()).isZero();
    assertThat(verdict().getStep().getWeight()).isEqualTo(10);
    event("Halt advancement, waiting");
    event("Advance podinfo.test canary weight 30");
    assertThat(verdict().getStep().getIndex()).isEqualTo(1);
    assertThat(verdict().getStep().getWeight()).isEqualTo(30);
    event("Rolling back podinfo.test failed checks threshold reached 5");
    assertThat(runs().getFirst().getState()).isEqualTo(AnalysisRun.State.STATE_CANCELLED);
    event("Advance podinfo.test canary weight 40");
  }

  @Test
  void anotherRevisionBeginsAnotherRun() throws Exception {
    post("confirm-rollout");
    server.post("/flagger/confirm-rollout", body("Progressing", "b989cc78", ""));
    assertThat(runs())
        .extracting(AnalysisRun::getState)
        .containsExactly(AnalysisRun.State.STATE_PENDING, AnalysisRun.State.STATE_CANCELLED);

    // And the first one once more: its run is over.
    assertThat(post("pre-rollout").statusCode()).isEqualTo(200);
    assertThat(runs()).hasSize(3);
    assertThat(runs().stream().map(AnalysisRun::getName).collect(Collectors.toSet())).hasSize(3);
  }

  @Test
  void whatHappensWithoutARunIsNoted() throws Exception {
    event("Advance podinfo.test canary weight 10");
    assertThat(post("post-rollout").statusCode()).isEqualTo(200);
    assertThat(runs()).isEmpty();
  }

  @Test
  void badInputIsRefusedInOneLine() throws Exception {
    for (String bad : List.of("", "[]", "{", "{\"name\":\"a\"}", body("a", "b", "\"x\":1"))) {
      HttpResponse<String> answer = server.post("/flagger/rollout", bad);
      assertThat(answer.statusCode()).as(bad).isEqualTo(400);
      assertThat(answer.body()).contains("expected:").endsWith("\n");
    }
    assertThat(post("confirm-rollout", "\"policy\":\"nonsense\"").statusCode()).isEqualTo(404);
    assertThat(post("rollout", "\"run\":\"nonsense\"").statusCode()).isEqualTo(404);
    assertThat(runs()).isEmpty();
  }
}
