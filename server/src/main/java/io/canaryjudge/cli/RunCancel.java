package io.canaryjudge.cli;

import io.canaryjudge.proto.v1.AnalysisRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Ends a run without a decision. Cancelling it again changes nothing. */
@Command(
    name = "cancel",
    description = "Ends a run without a decision; it is never a GO.",
    sortOptions = false)
final class RunCancel extends JudgeCommand {

  @Mixin private RunName run = new RunName();

  @Mixin private Author author = new Author();

  RunCancel(Shell shell) {
    super(shell);
  }

  @Override
  void check() {
    run.resource(shell);
  }

  @Override
  int run(Connection.Open judge) throws InterruptedException {
    AnalysisRun cancelled =
        judge.judge().cancel(run.resource(shell), author.name(shell), author.reason());
    if (json()) {
      say(Json.tree(cancelled));
    } else {
      say("cancelled: " + Printable.text(cancelled.getName()));
    }
    return ExitCodes.GO;
  }
}
