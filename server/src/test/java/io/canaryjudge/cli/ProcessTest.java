package io.canaryjudge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.OverrideVerdictRequest;
import io.canaryjudge.server.Main;
import io.canaryjudge.server.ServerClasses;
import io.canaryjudge.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What only a process has: the exit code that a shell sees, signals, its two streams. */
@Timeout(value = 240, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProcessTest {

  @TempDir private Path directory;
  private TestServer server;
  private String run;

  @BeforeEach
  void start() {
    server = TestServer.start(directory);
    run = server.createRun();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Process launch(String... arguments) throws IOException {
    // A test that runs in the background of a shell has SIGINT ignored, and its children too.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.addAll(ServerClasses.command(Main.class));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(directory.resolve("out").toFile())
            .redirectError(directory.resolve("err").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "CANARY_JUDGE_SERVER",
                "127.0.0.1:" + server.server().grpcPort(),
                "CANARY_JUDGE_RUN",
                run));
    return builder.start();
  }

  private String said(String stream) throws IOException {
    return Files.readString(directory.resolve(stream));
  }

  @ParameterizedTest
  @CsvSource({"DECISION_GO, 0", "DECISION_NO_GO, 1", "DECISION_UNSPECIFIED, 3"})
  void aShellSeesTheDecision(Decision decision, int exitCode) throws Exception {
    if (decision != Decision.DECISION_UNSPECIFIED) {
      server
          .judge()
          .overrideVerdict(
              OverrideVerdictRequest.newBuilder()
                  .setAnalysisRun(run)
                  .setDecision(decision)
                  .setAuthor("ada")
                  .setReason("Größe ✓")
                  .build());
    }
    Process process = launch("verdict", "--output=json");
    assertThat(process.waitFor()).isEqualTo(exitCode);
    JsonNode answer = new ObjectMapper().readTree(said("out"));
    assertThat(answer.at("/exit_code").asInt()).isEqualTo(exitCode);
    if (exitCode != 3) {
      // UTF-8 whatever the locale of the job is.
      assertThat(answer.at("/verdict/override/reason").asText()).isEqualTo("Größe ✓");
    }
  }

  @Test
  void aShellSeesAMistake() throws Exception {
    assertThat(launch("wiat").waitFor()).isEqualTo(4);
    assertThat(said("out")).isEmpty();
    assertThat(said("err")).contains("wiat");
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void aSignalEndsAWaitCleanlyWithTheStateSaid(String signal, int exitCode) throws Exception {
    Process process = launch("wait", "--output=json");
    Awaitility.await()
        .atMost(Duration.ofSeconds(100))
        .until(() -> said("err").contains("WAIT · NO_SAMPLES"));
    new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start().waitFor();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

    assertThat(process.exitValue()).isEqualTo(exitCode);
    assertThat(said("err"))
        .contains("interrupted: " + run + " was WAIT · NO_SAMPLES", "wait --run " + run);
    JsonNode answer = new ObjectMapper().readTree(said("out"));
    assertThat(answer.at("/outcome").asText()).isEqualTo("INTERRUPTED");
    assertThat(answer.at("/verdict/decision").asText()).isEqualTo("DECISION_WAIT");
  }

  @Test
  void bashCompletesCommandsAndOptions() throws Exception {
    assertThat(launch("completion", "bash").waitFor()).isZero();
    Path script = directory.resolve("complete.bash");
    Files.writeString(script, said("out"));
    assertThat(complete(script, "canary-judge", "ver")).isEqualTo("verdict");
    assertThat(complete(script, "canary-judge", "run", "cre")).isEqualTo("create");
    assertThat(complete(script, "canary-judge", "wait", "--on-t")).isEqualTo("--on-timeout");
    assertThat(complete(script, "canary-judge", "policy", "li").split("\\s+"))
        .containsExactlyInAnyOrder("list", "lint");
  }

  private static String complete(Path script, String... words) throws Exception {
    String bash =
        // Outside a completion of the shell's own, compopt complains, and nothing else does.
        "compopt() { :; }; source %s; COMP_WORDS=(%s); COMP_CWORD=%d; _complete_canary-judge;"
            .concat(" echo \"${COMPREPLY[@]}\"")
            .formatted(script, String.join(" ", words), words.length - 1);
    Process process = new ProcessBuilder("bash", "-c", bash).redirectErrorStream(true).start();
    String said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.strip();
  }
}
