package io.canaryjudge.cli;

import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.Verdict;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A person decides, with name and reason. */
@Command(
    name = "override",
    description = {
      "Decides in place of the judge: run override go --reason '...'. The name and the reason are"
          + " recorded, and shown beside the judged decision everywhere."
    },
    sortOptions = false)
final class RunOverride extends JudgeCommand {

  @Parameters(paramLabel = "DECISION", description = "go or no-go.")
  private String decision = "";

  @Mixin private RunName run = new RunName();

  @Mixin private Author author = new Author();

  RunOverride(Shell shell) {
    super(shell);
  }

  @Override
  void check() {
    run.resource(shell);
    decision();
    if (author.name(shell).isBlank() || author.reason().isBlank()) {
      throw new UsageException(
          "--author, --reason: missing (expected: who decides, and why; both are recorded)");
    }
  }

  @Override
  int run(Connection.Open judge) throws InterruptedException {
    Verdict verdict =
        judge
            .judge()
            .override(run.resource(shell), decision(), author.name(shell), author.reason());
    if (json()) {
      say(Json.tree(verdict));
    } else {
      say(
          "%s by %s (judged: %s)"
              .formatted(
                  Enums.name(verdict.getDecision()),
                  Printable.text(verdict.getOverride().getAuthor()),
                  Enums.name(verdict.getJudgedDecision())));
    }
    return ExitCodes.GO;
  }

  private Decision decision() {
    return Enums.read("DECISION", decision, List.of(Decision.DECISION_GO, Decision.DECISION_NO_GO));
  }
}
