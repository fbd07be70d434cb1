package io.canaryjudge.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.proto.v1.Policy;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Compares policy files with what the judge has. */
@Command(
    name = "diff",
    description = {
      "Shows how policy files differ from what the judge has, with every default filled in. Ends"
          + " with 1 if any does, and with 6 if the judge would refuse any."
    },
    sortOptions = false)
final class PolicyDiff extends JudgeCommand {

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Policy files, YAML or JSON.")
  private List<Path> files = List.of();

  PolicyDiff(Shell shell) {
    super(shell);
  }

  @Override
  int run(Connection.Open judge) throws InterruptedException {
    int exitCode = ExitCodes.GO;
    ArrayNode answers = Json.object().putArray("policies");
    for (Path file : files) {
      Optional<Policy> wanted = PolicyFiles.read(this, judge.policies(), file);
      if (wanted.isEmpty()) {
        exitCode = ExitCodes.REFUSED;
        continue;
      }
      var difference =
          PolicyDifference.of(judge.policies().find(wanted.get().getName()), wanted.get());
      if (!difference.isEmpty()) {
        exitCode = Math.max(exitCode, ExitCodes.NO_GO);
      }
      if (json()) {
        ObjectNode answer = answers.addObject().put("file", file.toString());
        answer.put("policy", wanted.get().getName());
        answer.put("revision", difference.present().map(Policy::getRevision).orElse(0L));
        difference.lines().forEach(answer.putArray("difference")::add);
      } else {
        say(
            Printable.text(file + ": " + difference.title())
                + (difference.isEmpty() ? ": the same" : ""));
        difference.lines().forEach(line -> say(Printable.text(line)));
      }
    }
    if (json()) {
      say(answers);
    }
    return exitCode;
  }
}
