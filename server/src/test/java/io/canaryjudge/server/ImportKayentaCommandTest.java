package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.server.policy.PolicyReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ImportKayentaCommandTest {

  private static final Path CONFIGS = Path.of("src/test/resources/kayenta");

  @TempDir private Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(Path file) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out));
    commandLine.setErr(new PrintWriter(err));
    return commandLine.execute("policy", "import-kayenta", file.toString());
  }

  @Test
  void whatItWritesIsAPolicyFile() {
    assertThat(run(CONFIGS.resolve("prometheus.json"))).as("%s", err).isZero();

    Policy policy = PolicyReader.read(out.toString()).orThrow();
    assertThat(policy.name()).isEqualTo("checkout-canary-config");
    assertThat(policy.metrics()).hasSize(7);
    assertThat(err.toString())
        .contains("metrics[6].query (request rate): left out", "requests per second");
  }

  @Test
  void whatIsNoCanaryConfigIsRefused() throws Exception {
    Path none = Files.writeString(directory.resolve("none.json"), "{\"name\": \"x\"}");

    assertThat(run(none)).isEqualTo(1);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).contains("metrics: none (expected: at least one)");
    assertThat(run(directory.resolve("missing.json"))).isEqualTo(1);
  }
}
