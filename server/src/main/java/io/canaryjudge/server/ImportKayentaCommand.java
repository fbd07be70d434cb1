package io.canaryjudge.server;

import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.canaryjudge.server.dialect.kayenta.PolicyImport;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.policy.PolicyFindings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a policy file of a canary config of Kayenta, without a server. */
@Command(
    name = "import-kayenta",
    description = {
      "Makes a policy of a canary config of Kayenta. The policy goes to standard output; what"
          + " could",
      "not be carried over, and why, to standard error. Ends with 1 if it is no canary config, or",
      "makes no valid policy."
    },
    mixinStandardHelpOptions = true)
final class ImportKayentaCommand implements Callable<Integer> {

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .build();

  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "Canary config, JSON.")
  private @Nullable Path file;

  @Override
  public Integer call() {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    int code = convert(Objects.requireNonNull(file), out, err);
    out.flush();
    err.flush();
    return code;
  }

  private static int convert(Path file, PrintWriter out, PrintWriter err) {
    PolicyImport imported;
    try {
      imported = PolicyImport.of(Files.readString(file));
      out.print(YAML.writeValueAsString(imported.policy()));
    } catch (IOException e) {
      err.println(file + ": cannot be read: " + e);
      return 1;
    } catch (JudgeException e) {
      violations(file, e.violations(), err);
      return 1;
    }
    imported.notes().forEach(note -> err.println(file + ": " + note));
    PolicyFindings findings = imported.findings();
    findings
        .warnings()
        .forEach(w -> err.println("policy: warning: " + w.path() + ": " + w.consequence()));
    violations(Path.of("policy"), findings.violations(), err);
    return findings.violations().isEmpty() ? 0 : 1;
  }

  private static void violations(Path where, List<FieldViolation> violations, PrintWriter err) {
    violations.forEach(violation -> err.println(where + ": " + violation));
  }
}
