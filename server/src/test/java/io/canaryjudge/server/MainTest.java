package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MainTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final CommandLine commandLine =
      Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

  @Test
  void refusesAnUnknownOptionAndNamesIt() {
    assertThat(commandLine.execute("--no-such-option")).isEqualTo(4);
    assertThat(err.toString()).contains("--no-such-option");
  }

  /** 0 would be a GO, 1 a NO_GO, 2 INCONCLUSIVE. */
  @ParameterizedTest
  @ValueSource(
      strings = {"", "run", "runs", "policy", "wiat", "server --no-such", "wait --no-such"})
  void noMistakeLooksLikeADecision(String mistake) {
    String[] arguments = mistake.isEmpty() ? new String[0] : mistake.split(" ");
    assertThat(commandLine.execute(arguments)).isEqualTo(4);
    assertThat(err.toString()).contains("Usage: canary-judge");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void lintIsAPolicyCommandToo() {
    assertThat(commandLine.execute("policy", "lint", "no-such-file.yaml")).isEqualTo(1);
    assertThat(out.toString()).contains("no such file");
  }

  @Test
  void tellsItsVersionAndThatOfJava() {
    assertThat(commandLine.execute("--version")).isZero();
    assertThat(out.toString()).contains("canary-judge", "Java " + Runtime.version());
  }
}
