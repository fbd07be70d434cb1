package io.canaryjudge.cli;

import io.canaryjudge.client.JudgeCallException;
import io.canaryjudge.proto.v1.Verdict;
import java.util.Optional;
import picocli.CommandLine.Mixin;

/**
 * Tells a run something. Nobody can know whether the run decides just before: of a run that has
 * ended the last verdict is the answer, with its exit code, and not a refusal.
 */
abstract class ReportCommand extends JudgeCommand {

  private static final String ENDED = "RUN_CLOSED";

  @Mixin private RunName run = new RunName();

  ReportCommand(Shell shell) {
    super(shell);
  }

  /** Tells it; returns the verdict with it. */
  abstract Verdict report(Connection.Open judge, String run) throws InterruptedException;

  /** What was told, in a few words. */
  abstract String what();

  @Override
  void check() {
    run.resource(shell);
  }

  @Override
  final int run(Connection.Open judge) throws InterruptedException {
    String name = run.resource(shell);
    try {
      Verdict verdict = report(judge, name);
      if (json()) {
        say(Json.tree(verdict));
      } else {
        say(what() + ": " + Figures.headline(verdict));
      }
      return ExitCodes.GO;
    } catch (JudgeCallException e) {
      if (!e.reason().equals(ENDED)) {
        throw e;
      }
      return ended(judge, name);
    }
  }

  private int ended(Connection.Open judge, String name) throws InterruptedException {
    warn(what() + ": the run has ended");
    Verdict verdict = judge.judge().verdict(name);
    Answer answer = Answer.of(name, Outcome.of(verdict), Optional.of(verdict), "");
    if (json()) {
      say(Json.tree(verdict));
    } else {
      new AnswerForms().tell(this, answer);
    }
    return answer.exitCode();
  }
}
