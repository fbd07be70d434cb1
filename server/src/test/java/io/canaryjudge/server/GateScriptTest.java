package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.CheckOutcome;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.ListAnalysisRunsRequest;
import io.canaryjudge.proto.v1.OverrideVerdictRequest;
import io.canaryjudge.proto.v1.ReportCheckRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** docs/examples/bash/gate.sh, which needs bash and curl, against a server. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GateScriptTest {

  private static final Path SCRIPT = Path.of("../docs/examples/bash/gate.sh").toAbsolutePath();

  @TempDir private Path directory;
  private TestServer server;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(
        new ProcessBuilder("sh", "-c", "command -v bash curl > /dev/null").start().waitFor() == 0,
        "no bash or no curl");
    server = TestServer.start(directory.resolve("data"));
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  private Process gate(Map<String, String> more) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", SCRIPT.toString(), "checkout", "1.4.2", "1.5.0")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("gate.log").toFile());
    builder.environment().put("JUDGE", server.uri("").toString());
    builder.environment().put("HOLD", "1");
    builder.environment().putAll(more);
    return builder.start();
  }

  private String said() throws IOException {
    return Files.readString(directory.resolve("gate.log"));
  }

  private String openRun() {
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> !runs().isEmpty());
    return runs().getFirst().getName();
  }

  private List<AnalysisRun> runs() {
    return server
        .judge()
        .listAnalysisRuns(ListAnalysisRunsRequest.getDefaultInstance())
        .getAnalysisRunsList();
  }

  @Test
  void endsWithZeroForGo() throws Exception {
    Process gate = gate(Map.of());
    server
        .judge()
        .overrideVerdict(
            OverrideVerdictRequest.newBuilder()
                .setAnalysisRun(openRun())
                .setDecision(Decision.DECISION_GO)
                .setAuthor("ada")
                .setReason("seen enough")
                .build());
    assertThat(gate.waitFor()).as(said()).isZero();
    assertThat(said()).contains("analysisRuns/", "DECISION_GO");
  }

  @Test
  void endsWithOneForNoGoAndSaysWhy() throws Exception {
    Process gate = gate(Map.of("POLICY", "database-migration"));
    server
        .judge()
        .reportCheck(
            ReportCheckRequest.newBuilder()
                .setAnalysisRun(openRun())
                .setCheck("migration-applied")
                .setOutcome(CheckOutcome.CHECK_OUTCOME_FAILED)
                .build());
    assertThat(gate.waitFor()).as(said()).isOne();
    assertThat(said()).contains("DECISION_NO_GO: ", "migration-applied");
  }

  @Test
  void endsWithThreeWithoutADecisionInTime() throws Exception {
    String id = "5f0c9b6e-58a3-4c39-8a55-1d2f0a9b7c11";
    for (int attempt = 0; attempt < 2; attempt++) {
      Process gate = gate(Map.of("PATIENCE", "2", "REQUEST_ID", id));
      assertThat(gate.waitFor()).as(said()).isEqualTo(3);
      assertThat(said()).contains("DECISION_WAIT").doesNotContain("DECISION_GO");
    }
    assertThat(runs()).as("the second try takes part in the first").hasSize(1);
  }

  @Test
  void endsWithFiveIfItGetsNoAnswer() throws Exception {
    Process gate = gate(Map.of("POLICY", "nobody-has-this"));
    assertThat(gate.waitFor()).as(said()).isEqualTo(5);
    assertThat(said()).contains("nobody-has-this");
  }
}
