package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final CommandLine commandLine =
      Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

  @Test
  void refusesAnUnknownOptionAndNamesIt() {
    assertThat(commandLine.execute("--no-such-option")).isEqualTo(2);
    assertThat(err.toString()).contains("--no-such-option");
  }

  @Test
  void tellsItsVersionAndThatOfJava() {
    assertThat(commandLine.execute("--version")).isZero();
    assertThat(out.toString()).contains("canary-judge", "Java " + Runtime.version());
  }
}
