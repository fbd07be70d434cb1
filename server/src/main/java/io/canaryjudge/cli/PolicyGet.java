package io.canaryjudge.cli;

import io.canaryjudge.proto.v1.Policy;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints a policy as a file. */
@Command(
    name = "get",
    description = "Prints a policy as a file that can be applied again.",
    sortOptions = false)
final class PolicyGet extends JudgeCommand {

  @Parameters(paramLabel = "NAME", description = "The policy, or NAME/revisions/N.")
  private String name = "";

  PolicyGet(Shell shell) {
    super(shell);
  }

  @Override
  int run(Connection.Open judge) throws InterruptedException {
    Optional<Policy> found = judge.policies().find(PolicyNames.resource(name));
    if (found.isEmpty()) {
      warn("the judge has no policy " + name);
      return ExitCodes.REFUSED;
    }
    if (json()) {
      say(Json.tree(found.get()));
    } else {
      say(PolicyTree.yaml(found.get()).stripTrailing());
    }
    return ExitCodes.GO;
  }
}
