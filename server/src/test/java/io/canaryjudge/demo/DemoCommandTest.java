package io.canaryjudge.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.server.CapturedLog;
import io.canaryjudge.server.Server;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** The README's first command, end to end: real server, real service, real load. */
class DemoCommandTest {

  @Test
  @Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void endsWithOneGoAndTwoNoGo() {
    var bytes = new ByteArrayOutputStream();
    var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    int exit;
    List<String> said;
    List<String> errors;
    try (CapturedLog log = CapturedLog.of(Server.class)) {
      exit =
          new CommandLine(new DemoCommand(out, false))
              .execute("--exit", "--grpc-port", "0", "--http-port", "0");
      said = log.lines(Level.INFO);
      errors = log.lines(Level.SEVERE);
    }
    String printed = bytes.toString(StandardCharsets.UTF_8);
    assertThat(exit).as(printed).isZero();
    assertThat(said).anyMatch(line -> line.startsWith("samples: door=grpc received="));
    assertThat(errors).isEmpty();
    assertThat(printed)
        .containsPattern("✓  checkout 1\\.5\\.0  GO +after +[0-9.]+ s")
        .containsPattern("✓  checkout 1\\.6\\.0  NO_GO +after +[0-9.]+ s")
        .containsPattern("✓  checkout 1\\.7\\.0  NO_GO +after +[0-9.]+ s")
        .contains("deleted at the end")
        .doesNotContain("\u001b");
  }

  @Test
  void aPortThatIsTakenIsSaidSo() {
    var bytes = new ByteArrayOutputStream();
    var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    int exit =
        new CommandLine(new DemoCommand(out, false))
            .execute("--exit", "--grpc-port", "70000", "--http-port", "0");
    assertThat(exit).isNotZero();
  }
}
