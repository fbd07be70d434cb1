package io.canaryjudge.server;

import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.policy.PolicyFindings;
import io.canaryjudge.server.policy.PolicyReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks policy files without a server, for a review or a pipeline. */
@Command(
    name = "lint",
    description = {
      "Checks policy files: everything that is wrong with them, and warnings about what they would",
      "probably not do as they were meant. Ends with 1 if a server would refuse any of them."
    },
    mixinStandardHelpOptions = true)
final class LintCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Policy files, YAML or JSON.")
  private List<Path> files = List.of();

  @Option(names = "--strict", description = "End with 1 on warnings too.")
  private boolean strict;

  @Override
  public Integer call() {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    int refused = 0;
    int warnings = 0;
    for (Path file : files) {
      PolicyFindings findings = read(file);
      refused += findings.violations().isEmpty() ? 0 : 1;
      warnings += findings.warnings().size();
      for (FieldViolation violation : findings.violations()) {
        out.println(file + ": " + violation);
      }
      findings
          .warnings()
          .forEach(w -> out.println(file + ": warning: " + w.path() + ": " + w.consequence()));
      if (findings.violations().isEmpty() && findings.warnings().isEmpty()) {
        out.println(file + ": fine");
      }
    }
    out.flush();
    return refused > 0 || (strict && warnings > 0) ? 1 : 0;
  }

  private static PolicyFindings read(Path file) {
    try {
      return PolicyFindings.of(PolicyReader.read(Files.readString(file)));
    } catch (NoSuchFileException _) {
      return unreadable("no such file");
    } catch (CharacterCodingException _) {
      return unreadable("other bytes than UTF-8");
    } catch (IOException e) {
      return unreadable(String.valueOf(e));
    }
  }

  private static PolicyFindings unreadable(String came) {
    return new PolicyFindings(
        List.of(new FieldViolation("text", came, "a file that can be read")), List.of());
  }
}
