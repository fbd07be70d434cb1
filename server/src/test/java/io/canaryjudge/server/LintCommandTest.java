package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.server.policy.Presets;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class LintCommandTest {

  @TempDir Path directory;
  private final StringWriter out = new StringWriter();

  private int lint(String... args) {
    String[] all = new String[args.length + 1];
    all[0] = "lint";
    System.arraycopy(args, 0, all, 1, args.length);
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out));
    return commandLine.execute(all);
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }

  @Test
  void aPolicyWithoutRemarkIsFine() throws IOException {
    String file = file("standard.yaml", Presets.text("standard"));

    assertThat(lint(file)).isZero();
    assertThat(out.toString()).isEqualToIgnoringNewLines(file + ": fine");
  }

  @Test
  void aWarningIsNoFailureUnlessAskedFor() throws IOException {
    String file = file("long.yaml", Presets.text("standard").replace("deadline: 60m", ""));

    assertThat(lint(file)).isZero();
    assertThat(out.toString()).startsWith(file + ": warning: deadline: none, with a traffic plan");
    assertThat(lint("--strict", file)).isEqualTo(1);
  }

  @Test
  void everythingThatIsWrongInAnyFileIsTold() throws IOException {
    String wrong = file("wrong.yaml", Presets.text("standard").replace("alpha: 0.01", "alfa: 1"));
    String fine = file("fine.yaml", Presets.text("guardrail"));
    String missing = directory.resolve("missing.yaml").toString();

    assertThat(lint(wrong, fine, missing)).isEqualTo(1);
    assertThat(out.toString().lines())
        .containsExactly(
            wrong + ": alfa: unknown key (expected: alpha)",
            wrong + ": alpha: missing (expected: in (0, 0.5])",
            fine + ": fine",
            missing + ": text: no such file (expected: a file that can be read)");
  }
}
