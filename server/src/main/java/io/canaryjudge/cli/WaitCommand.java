package io.canaryjudge.cli;

import io.canaryjudge.client.JudgeCallException;
import io.canaryjudge.client.WaitOutcome;
import io.canaryjudge.proto.v1.Verdict;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Waits until the decision of a run stands. */
@Command(
    name = "wait",
    description =
        "Waits until the decision stands, over restarts of the judge and broken connections, and"
            + " ends with the exit code that says what to do.",
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:GO: promote",
      "1:NO_GO: roll back",
      "2:INCONCLUSIVE, or the run was cancelled",
      "3:no decision in time",
      "4:wrong arguments",
      "5:the judge is out of reach",
      "6:the judge refused, as for an unknown run",
      "7:no or not enough credentials"
    })
final class WaitCommand extends JudgeCommand {

  @Mixin private RunName run = new RunName();

  @Option(
      names = "--timeout",
      paramLabel = "SPAN",
      defaultValue = "1h",
      converter = SpanConverter.class,
      description = "How long to wait in all. Default ${DEFAULT-VALUE}.")
  private Duration timeout = Duration.ofHours(1);

  @Option(
      names = "--unreachable-after",
      paramLabel = "SPAN",
      converter = SpanConverter.class,
      description = "Give up once the judge was out of reach for so long. Default: the timeout.")
  private @Nullable Duration unreachableAfter;

  @Mixin private Gate gate = new Gate();

  @Mixin private AnswerForms forms = new AnswerForms();

  private final AtomicBoolean answered = new AtomicBoolean();

  WaitCommand(Shell shell) {
    super(shell);
  }

  @Override
  void check() {
    run.resource(shell);
    forms.check(json());
    if (!timeout.isPositive()) {
      throw new UsageException("--timeout: 0 (expected: above 0; 'verdict' never waits)");
    }
  }

  @Override
  int run(Connection.Open judge) throws InterruptedException {
    String name = run.resource(shell);
    var progress =
        new WaitProgress(
            err(),
            shell.redraws(),
            unreachableAfter == null ? timeout : unreachableAfter,
            System::nanoTime);
    Thread interrupted = new Thread(() -> interrupted(name, progress), "interrupted");
    Runtime.getRuntime().addShutdownHook(interrupted);
    try {
      Answer answer = gate.apply(await(judge, name, progress));
      progress.end();
      // Once: a signal at this moment finds the answer told.
      if (answered.compareAndSet(false, true)) {
        forms.tell(this, answer);
      }
      return answer.exitCode();
    } finally {
      progress.end();
      forget(interrupted);
    }
  }

  private Answer await(Connection.Open judge, String name, WaitProgress progress)
      throws InterruptedException {
    try {
      return switch (judge.judge().awaitVerdict(name, timeout, progress)) {
        case WaitOutcome.Decided(Verdict verdict) ->
            Answer.of(name, settled(verdict), Optional.of(verdict), "");
        case WaitOutcome.TimedOut(var newest) -> Answer.of(name, Outcome.TIMEOUT, newest, "");
        case WaitOutcome.Unreachable(var newest, JudgeCallException cause) ->
            Answer.of(name, Outcome.UNREACHABLE, newest, reason(cause));
      };
    } catch (JudgeCallException e) {
      if (ExitCodes.of(e) != ExitCodes.UNREACHABLE) {
        throw e;
      }
      return Answer.of(name, Outcome.UNREACHABLE, progress.newest(), reason(e));
    }
  }

  private static String reason(JudgeCallException cause) {
    return String.valueOf(cause.getMessage());
  }

  /** A terminal verdict with a decision that this version does not know is no decision. */
  private static Outcome settled(Verdict verdict) {
    Outcome outcome = Outcome.of(verdict);
    return outcome == Outcome.WAIT ? Outcome.INCONCLUSIVE : outcome;
  }

  /** Called as the process ends by a signal, which alone sets the exit code. */
  private void interrupted(String name, WaitProgress progress) {
    if (!answered.compareAndSet(false, true)) {
      return;
    }
    progress.end();
    Answer answer = Answer.of(name, Outcome.INTERRUPTED, progress.newest(), "");
    if (json()) {
      say(answer.json());
    }
    warn(
        "interrupted: %s was %s; it goes on, and 'wait --run %s' asks again"
            .formatted(
                name, progress.newest().map(Figures::headline).orElse("not seen yet"), name));
  }

  private static void forget(Thread hook) {
    try {
      boolean _ = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException stopping) {
      // It is running: the signal came first.
    }
  }
}
