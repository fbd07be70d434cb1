package io.canaryjudge.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.canaryjudge.proto.v1.Policy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes the judge's policies those of the files. Applying them again changes nothing. */
@Command(
    name = "apply",
    description = {
      "Makes the judge's policies those of the files: creates what is new, appends a revision to"
          + " what differs, and leaves alone what is the same. If the judge would refuse one, none"
          + " is applied."
    },
    sortOptions = false)
final class PolicyApply extends JudgeCommand {

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Policy files, YAML or JSON.")
  private List<Path> files = List.of();

  @Mixin private Author author = new Author();

  @Option(names = "--dry-run", description = "Say what would be done, and do nothing.")
  private boolean dryRun;

  PolicyApply(Shell shell) {
    super(shell);
  }

  @Override
  int run(Connection.Open judge) throws InterruptedException {
    List<Policy> policies = new ArrayList<>();
    for (Path file : files) {
      PolicyFiles.read(this, judge.policies(), file).ifPresent(policies::add);
    }
    if (policies.size() < files.size()) {
      warn("nothing was applied");
      return ExitCodes.REFUSED;
    }
    ArrayNode answers = Json.object().putArray("policies");
    for (Policy wanted : policies) {
      Optional<Policy> present = judge.policies().find(wanted.getName());
      String done = apply(judge, PolicyDifference.of(present, wanted));
      if (json()) {
        answers.addObject().put("policy", wanted.getName()).put("action", done);
      } else {
        say(PolicyNames.brief(wanted.getName()) + ": " + done);
      }
    }
    if (json()) {
      say(answers);
    }
    return ExitCodes.GO;
  }

  private String apply(Connection.Open judge, PolicyDifference difference)
      throws InterruptedException {
    if (difference.isEmpty()) {
      return "unchanged";
    }
    Optional<Policy> present = difference.present();
    if (dryRun) {
      return present.isPresent() ? "would be updated" : "would be created";
    }
    if (present.isEmpty()) {
      judge.policies().create(difference.wanted(), author.name(shell), author.reason());
      return "created";
    }
    Policy updated =
        judge
            .policies()
            .update(
                difference.wanted().toBuilder().setEtag(present.get().getEtag()).build(),
                author.name(shell),
                author.reason());
    return "updated to revision " + updated.getRevision();
  }
}
