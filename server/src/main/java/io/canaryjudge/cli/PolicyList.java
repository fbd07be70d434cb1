package io.canaryjudge.cli;

import io.canaryjudge.proto.v1.Policy;
import java.util.List;
import picocli.CommandLine.Command;

/** Lists the current policies. */
@Command(
    name = "list",
    description = "Lists the policies that a run may name.",
    sortOptions = false)
final class PolicyList extends JudgeCommand {

  PolicyList(Shell shell) {
    super(shell);
  }

  @Override
  int run(Connection.Open judge) throws InterruptedException {
    List<Policy> policies = judge.policies().list();
    if (json()) {
      say(Json.tree(policies));
      return ExitCodes.GO;
    }
    for (Policy policy : policies) {
      say(
          "%-24s revision %-4d %s"
              .formatted(
                  PolicyNames.brief(policy.getName()),
                  policy.getRevision(),
                  Printable.text(policy.getDescription())));
    }
    return ExitCodes.GO;
  }
}
