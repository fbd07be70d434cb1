package io.canaryjudge.cli;

import io.canaryjudge.proto.v1.CheckOutcome;
import io.canaryjudge.proto.v1.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells what a check from outside says. The last report of a name counts. */
@Command(
    name = "check",
    description = "Tells what a check says: run check smoke-test passed.",
    sortOptions = false)
final class RunCheck extends JudgeCommand {

  private static final List<CheckOutcome> OUTCOMES =
      List.of(
          CheckOutcome.CHECK_OUTCOME_PENDING,
          CheckOutcome.CHECK_OUTCOME_PASSED,
          CheckOutcome.CHECK_OUTCOME_FAILED);

  @Parameters(index = "0", paramLabel = "NAME", description = "Of the check.")
  private String check = "";

  @Parameters(index = "1", paramLabel = "OUTCOME", description = "pending, passed or failed.")
  private String outcome = "";

  @Mixin private RunName run = new RunName();

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why.")
  private @Nullable String reason;

  @Option(names = "--link", paramLabel = "URL", description = "Where to read on.")
  private @Nullable String link;

  RunCheck(Shell shell) {
    super(shell);
  }

  @Override
  void check() {
    run.resource(shell);
    outcome();
  }

  @Override
  int run(Connection.Open judge) throws InterruptedException {
    Verdict verdict =
        judge
            .judge()
            .reportCheck(
                run.resource(shell),
                check,
                outcome(),
                reason == null ? "" : reason,
                link == null ? "" : link);
    if (json()) {
      say(Json.tree(verdict));
    } else {
      say("check %s: %s".formatted(Printable.text(check), Figures.headline(verdict)));
    }
    return ExitCodes.GO;
  }

  private CheckOutcome outcome() {
    return Enums.read("OUTCOME", outcome, OUTCOMES);
  }
}
