package io.canaryjudge.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.server.Main;
import io.canaryjudge.server.ServerClasses;
import io.canaryjudge.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** docs/examples/bash/rollout.sh against a server and the service of the demonstration. */
@Timeout(value = 400, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RolloutScriptTest {

  private static final Path EXAMPLES = Path.of("../docs/examples/bash").toAbsolutePath();
  private static final Pattern READY = Pattern.compile("READY control=(\\S+)");

  @TempDir private Path directory;
  private TestServer server;
  private Path command;
  private Process service;

  @BeforeEach
  void start() throws IOException {
    server = TestServer.start(directory);
    command = directory.resolve("canary-judge");
    String quoted =
        ServerClasses.command(Main.class).stream()
            .map(part -> "'" + part + "'")
            .collect(Collectors.joining(" "));
    Files.writeString(command, "#!/bin/sh\nexec " + quoted + " \"$@\"\n");
    assertThat(command.toFile().setExecutable(true)).isTrue();
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (service != null) {
      service.destroyForcibly().waitFor();
    }
    server.close();
  }

  private Process launch(String log, Map<String, String> environment, String... arguments)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(arguments)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(log).toFile());
    builder.environment().put("CANARY_JUDGE", command.toString());
    builder.environment().put("CANARY_JUDGE_SERVER", "127.0.0.1:" + server.server().grpcPort());
    builder.environment().putAll(environment);
    return builder.start();
  }

  private String said(String log) throws IOException {
    return Files.readString(directory.resolve(log));
  }

  /** What the script said, and its exit code at the end. */
  private String rollOut(String version) throws Exception {
    service =
        launch(
            "service.log",
            Map.of(),
            command.toString(),
            "demo",
            "service",
            "--canary=" + version,
            "--control-port=0");
    Process policy =
        launch(
            "policy.log",
            Map.of(),
            command.toString(),
            "policy",
            "apply",
            EXAMPLES.resolve("rollout-policy.yaml").toString());
    assertThat(policy.waitFor()).as(said("policy.log")).isZero();
    Awaitility.await()
        .atMost(Duration.ofSeconds(100))
        .until(() -> READY.matcher(said("service.log")).find());
    Matcher ready = READY.matcher(said("service.log"));
    assertThat(ready.find()).isTrue();
    Process script =
        launch(
            "rollout.log",
            Map.of("DEMO_CONTROL", ready.group(1), "HOLD", "5s", "DECIDE", "200s"),
            "bash",
            EXAMPLES.resolve("rollout.sh").toString(),
            "checkout",
            "1.4.2",
            version);
    int exitCode = script.waitFor();
    return said("rollout.log") + "\nexit code " + exitCode;
  }

  @Test
  void promotesAGoodRelease() throws Exception {
    String said = rollOut("1.5.0");
    assertThat(said)
        .contains("GO (WITHIN_TOLERANCE)", "PROMOTED: checkout 1.5.0", "exit code 0")
        .contains(List.of("STEP 5 %", "STEP 25 %", "STEP 50 %", "STEP 100 %"))
        .doesNotContain("ROLLED BACK");
  }

  @Test
  void rollsABadReleaseBackAndSaysWhy() throws Exception {
    String said = rollOut("1.6.0");
    assertThat(said)
        .contains("NO_GO", "BEYOND_TOLERANCE", "error_rate: canary")
        .contains("ROLLED BACK: checkout 1.6.0, exit code 1")
        .doesNotContain("PROMOTED");
  }
}
