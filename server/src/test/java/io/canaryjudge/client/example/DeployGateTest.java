package io.canaryjudge.client.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.CreateAnalysisRunResponse;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.proto.v1.WatchVerdictRequest;
import io.canaryjudge.proto.v1.WatchVerdictResponse;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeployGateTest {

  private static final Map<String, String> DEPLOYMENT =
      Map.of("--service", "checkout", "--baseline", "1.4.1", "--canary", "1.4.2");

  private CreateAnalysisRunRequest created;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Answers each watch with one verdict, or with a status, or not at all. */
  private int gate(Object answer, Map<String, String> more) throws Exception {
    var judge =
        new JudgeGrpc.JudgeImplBase() {
          @Override
          public void createAnalysisRun(
              CreateAnalysisRunRequest request,
              StreamObserver<CreateAnalysisRunResponse> response) {
            created = request;
            response.onNext(
                CreateAnalysisRunResponse.newBuilder()
                    .setAnalysisRun(request.getAnalysisRun().toBuilder().setName("analysisRuns/r1"))
                    .build());
            response.onCompleted();
          }

          @Override
          public void watchVerdict(
              WatchVerdictRequest request, StreamObserver<WatchVerdictResponse> response) {
            switch (answer) {
              case Verdict verdict ->
                  response.onNext(WatchVerdictResponse.newBuilder().setVerdict(verdict).build());
              case Status status -> response.onError(status.asRuntimeException());
              default -> throw new AssertionError(answer);
            }
          }
        };
    String name = InProcessServerBuilder.generateName();
    var server = InProcessServerBuilder.forName(name).addService(judge).build().start();
    var channel = InProcessChannelBuilder.forName(name).build();
    try {
      Map<String, String> options = new HashMap<>(DEPLOYMENT);
      options.putAll(more);
      return DeployGate.run(
          new JudgeClient(channel, Duration.ofMillis(100), Duration.ofSeconds(5)),
          options,
          new PrintStream(out, true, StandardCharsets.UTF_8));
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  private static Verdict verdict(Decision decision) {
    return Verdict.newBuilder()
        .setRevision(1)
        .setDecision(decision)
        .setTerminal(true)
        .setExplanation("because of this")
        .build();
  }

  @Test
  void exitCodeSaysWhatToDo() throws Exception {
    assertThat(gate(verdict(Decision.DECISION_GO), Map.of())).isZero();
    assertThat(gate(verdict(Decision.DECISION_NO_GO), Map.of())).isEqualTo(1);
    assertThat(gate(verdict(Decision.DECISION_INCONCLUSIVE), Map.of())).isEqualTo(2);
    assertThat(gate(verdict(Decision.DECISION_WAIT), Map.of())).isEqualTo(2);
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("NO_GO", "because of this");
  }

  @Test
  void neitherSilenceNorOutageIsAGo() throws Exception {
    Verdict undecided = verdict(Decision.DECISION_WAIT).toBuilder().setTerminal(false).build();
    assertThat(gate(undecided, Map.of("--timeout", "3s"))).isEqualTo(3);
    assertThat(gate(Status.NOT_FOUND, Map.of())).isEqualTo(4);
    assertThat(gate(Status.UNAVAILABLE, Map.of("--timeout", "1s"))).isEqualTo(5);
  }

  @Test
  void opensTheRunThatWasAskedFor() throws Exception {
    gate(
        verdict(Decision.DECISION_GO),
        Map.of("--policy", "guardrail", "--request-id", "7b6c1a6e-4b0f-4a65-9d8b-2a9e3a1b0c11"));
    assertThat(created.getRequestId()).isEqualTo("7b6c1a6e-4b0f-4a65-9d8b-2a9e3a1b0c11");
    assertThat(created.getAnalysisRun().getService()).isEqualTo("checkout");
    assertThat(created.getAnalysisRun().getBaselineVersion()).isEqualTo("1.4.1");
    assertThat(created.getAnalysisRun().getCanaryVersion()).isEqualTo("1.4.2");
    assertThat(created.getAnalysisRun().getPolicy()).isEqualTo("policies/guardrail");
  }

  @Test
  void readsDurations() {
    assertThat(DeployGate.duration("90s")).hasSeconds(90);
    assertThat(DeployGate.duration("20m")).hasMinutes(20);
    assertThatThrownBy(() -> DeployGate.duration("soon"))
        .hasMessage("soon (expected: such as 90s, 20m, 1h)");
  }
}
