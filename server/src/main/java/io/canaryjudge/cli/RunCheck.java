package io.canaryjudge.cli;

import io.canaryjudge.proto.v1.CheckOutcome;
import io.canaryjudge.proto.v1.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells what a check from outside says. The last report of a name counts. */
@Command(
    name = "check",
    description = "Tells what a check says: run check smoke-test passed.",
    sortOptions = false)
final class RunCheck extends ReportCommand {

  private static final List<CheckOutcome> OUTCOMES =
      List.of(
          CheckOutcome.CHECK_OUTCOME_PENDING,
          CheckOutcome.CHECK_OUTCOME_PASSED,
          CheckOutcome.CHECK_OUTCOME_FAILED);

  @Parameters(index = "0", paramLabel = "NAME", description = "Of the check.")
  private String check = "";

  @Parameters(index = "1", paramLabel = "OUTCOME", description = "pending, passed or failed.")
  private String outcome = "";

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why.")
  private @Nullable String reason;

  @Option(names = "--link", paramLabel = "URL", description = "Where to read on.")
  private @Nullable String link;

  RunCheck(Shell shell) {
    super(shell);
  }

  @Override
  void check() {
    super.check();
    outcome();
  }

  @Override
  Verdict report(Connection.Open judge, String run) throws InterruptedException {
    return judge
        .judge()
        .reportCheck(run, check, outcome(), reason == null ? "" : reason, link == null ? "" : link);
  }

  @Override
  String what() {
    return "check " + Printable.text(check);
  }

  private CheckOutcome outcome() {
    return Enums.read("OUTCOME", outcome, OUTCOMES);
  }
}
