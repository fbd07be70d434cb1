package io.canaryjudge.cli;

import io.canaryjudge.proto.v1.Verdict;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Asks for the verdict as of now. */
@Command(
    name = "verdict",
    description = "Shows the verdict as of now, and ends with its exit code. Never waits for it.",
    sortOptions = false)
final class VerdictCommand extends JudgeCommand {

  @Mixin private RunName run = new RunName();

  @Mixin private AnswerForms forms = new AnswerForms();

  VerdictCommand(Shell shell) {
    super(shell);
  }

  @Override
  void check() {
    run.resource(shell);
    forms.check(json());
  }

  @Override
  int run(Connection.Open judge) throws InterruptedException {
    Verdict verdict = judge.judge().verdict(run.resource(shell));
    Answer answer = Answer.of(run.resource(shell), Outcome.of(verdict), Optional.of(verdict), "");
    forms.tell(this, answer);
    return answer.exitCode();
  }
}
