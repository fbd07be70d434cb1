package io.canaryjudge.cli;

import io.canaryjudge.client.PolicyClient;
import io.canaryjudge.proto.v1.LintPolicyResponse;
import io.canaryjudge.proto.v1.Policy;
import io.canaryjudge.proto.v1.PolicyFinding;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Policy files as the judge reads them: there is one reader, and it is in the server. */
final class PolicyFiles {

  private static final long MAX_BYTES = 256 << 10;

  private PolicyFiles() {}

  /**
   * Reads one.
   *
   * @return the policy as it would be stored; empty if the judge would refuse it, and the command
   *     has said why
   */
  static Optional<Policy> read(JudgeCommand command, PolicyClient policies, Path file)
      throws InterruptedException {
    LintPolicyResponse read = policies.lint(text(file));
    for (PolicyFinding finding : read.getFindingsList()) {
      command.warn(
          "%s: %s%s: %s"
              .formatted(
                  file,
                  finding.getSeverity() == PolicyFinding.Severity.SEVERITY_WARNING
                      ? "warning: "
                      : "",
                  finding.getField(),
                  finding.getDescription()));
    }
    return read.hasPolicy() ? Optional.of(read.getPolicy()) : Optional.empty();
  }

  /**
   * The text of one.
   *
   * @throws UsageException if it cannot be read
   */
  static String text(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new UsageException(
            "%s: %d bytes (expected: at most %d)".formatted(file, Files.size(file), MAX_BYTES));
      }
      return Files.readString(file);
    } catch (NoSuchFileException _) {
      throw new UsageException(file + ": no such file (expected: a policy file, YAML or JSON)");
    } catch (CharacterCodingException _) {
      throw new UsageException(file + ": other bytes than UTF-8 (expected: a policy file)");
    } catch (IOException e) {
      throw new UsageException(file + ": " + e + " (expected: a file that can be read)");
    }
  }
}
