package io.canaryjudge.cli;

import io.canaryjudge.proto.v1.InconclusiveAction;
import io.canaryjudge.proto.v1.Verdict;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * What the caller wants where there is no decision: fail open (pass) or fail closed (fail). Without
 * its word each of these has its own exit code, which is not 0.
 *
 * <p>A GO, a NO_GO, a cancelled run and missing credentials are never changed.
 */
final class Gate {

  /** What to make of it. */
  enum Choice {
    pass,
    fail
  }

  /** Likewise, or what the policy says ({@code on_inconclusive}). */
  enum InconclusiveChoice {
    pass,
    fail,
    policy
  }

  @Option(
      names = "--on-inconclusive",
      paramLabel = "CHOICE",
      description =
          "End with 0 (pass) or 1 (fail) instead of 2; policy: as the policy's on_inconclusive"
              + " says.")
  private @Nullable InconclusiveChoice onInconclusive;

  @Option(
      names = "--on-timeout",
      paramLabel = "CHOICE",
      description = "End with 0 (pass) or 1 (fail) instead of 3.")
  private @Nullable Choice onTimeout;

  @Option(
      names = "--on-unreachable",
      paramLabel = "CHOICE",
      description = "End with 0 (pass) or 1 (fail) instead of 5.")
  private @Nullable Choice onUnreachable;

  /** The answer with the exit code that the caller wants. */
  Answer apply(Answer answer) {
    return switch (answer.outcome()) {
      case GO, NO_GO, CANCELLED, WAIT, INTERRUPTED -> answer;
      case INCONCLUSIVE -> inconclusive(answer);
      case TIMEOUT -> choose(answer, "--on-timeout", onTimeout);
      case UNREACHABLE -> choose(answer, "--on-unreachable", onUnreachable);
    };
  }

  private Answer inconclusive(Answer answer) {
    if (onInconclusive == null) {
      return answer;
    }
    return switch (onInconclusive) {
      case pass -> choose(answer, "--on-inconclusive", Choice.pass);
      case fail -> choose(answer, "--on-inconclusive", Choice.fail);
      case policy ->
          answer.verdict().map(Verdict::getOnInconclusive).orElse(InconclusiveAction.UNRECOGNIZED)
                  == InconclusiveAction.INCONCLUSIVE_ACTION_ROLL_BACK
              ? choose(answer, "--on-inconclusive=policy: ROLL_BACK,", Choice.fail)
              : answer;
    };
  }

  private static Answer choose(Answer answer, String option, @Nullable Choice choice) {
    if (choice == null) {
      return answer;
    }
    int exitCode =
        switch (choice) {
          case pass -> ExitCodes.GO;
          case fail -> ExitCodes.NO_GO;
        };
    String what =
        switch (choice) {
          case pass -> "FAIL-OPEN";
          case fail -> "FAIL-CLOSED";
        };
    return answer.changedTo(
        exitCode,
        "%s: %s, no decision, would end with %d; %s ends it with %d instead.%s"
            .formatted(
                what,
                answer.outcome(),
                answer.outcome().exitCode(),
                option.endsWith(",")
                    ? option.substring(0, option.length() - 1)
                    : option + "=" + choice.name().toLowerCase(Locale.ROOT),
                exitCode,
                choice == Choice.pass ? " Nothing vouches for this canary." : ""));
  }
}
