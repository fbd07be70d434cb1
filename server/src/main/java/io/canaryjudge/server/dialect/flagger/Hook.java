package io.canaryjudge.server.dialect.flagger;

import io.canaryjudge.analysis.policy.InconclusiveAction;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.Explanation;
import io.canaryjudge.analysis.verdict.Reason;
import io.canaryjudge.analysis.verdict.Verdict;
import java.util.Locale;

/**
 * The types of Flagger's webhooks. What it calls does not say the type, so each has a path of its
 * own.
 *
 * <p>Source: Flagger, docs/gitbook/usage/webhooks.md, and pkg/controller/scheduler_hooks.go for
 * what it does with an answer.
 */
enum Hook {
  /** Before the canary is scaled up; refused, it waits. */
  CONFIRM_ROLLOUT,

  /** Before the canary gets traffic; refused, a failed check. */
  PRE_ROLLOUT,

  /** At each tick; refused, a failed check, and enough of them roll back. */
  ROLLOUT,

  /** Before each step of weight; refused, it stays at the present one. */
  CONFIRM_TRAFFIC_INCREASE,

  /** At the greatest weight; refused, it waits there. */
  CONFIRM_PROMOTION,

  /** At each tick, first of all; <em>confirmed</em>, it rolls back at once. */
  ROLLBACK,

  /** After the end, however it ended. */
  POST_ROLLOUT,

  /** Everything that happens; the answer does not matter. */
  EVENT;

  /** Last part of its path. */
  String path() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether a rollout begins with it: the run of an earlier one is not meant then. */
  boolean begins() {
    return this == CONFIRM_ROLLOUT || this == PRE_ROLLOUT;
  }

  /** Whether there is something to answer without a run. */
  boolean needsRun() {
    return this != EVENT && this != POST_ROLLOUT;
  }

  /** What to answer to a verdict. */
  Answer answer(Verdict verdict, InconclusiveAction onInconclusive) {
    return new Answer(proceeds(verdict, onInconclusive), Explanation.of(verdict));
  }

  private boolean proceeds(Verdict verdict, InconclusiveAction onInconclusive) {
    boolean harmful =
        verdict.decision() == Decision.NO_GO
            || (verdict.decision() == Decision.INCONCLUSIVE
                && onInconclusive == InconclusiveAction.ROLL_BACK);
    return switch (this) {
      case CONFIRM_ROLLOUT, PRE_ROLLOUT, ROLLOUT -> !harmful;
      case CONFIRM_TRAFFIC_INCREASE ->
          verdict.decision() == Decision.GO
              || (verdict.decision() == Decision.WAIT
                  && gathers(verdict.reason())
                  && verdict.checksBeforeNextStep().isEmpty());
      case CONFIRM_PROMOTION -> verdict.decision() == Decision.GO;
      case ROLLBACK -> harmful;
      case POST_ROLLOUT, EVENT -> true;
    };
  }

  /** Whether all that GO lacks is more evidence, which more traffic brings sooner. */
  private static boolean gathers(Reason reason) {
    return reason == Reason.COLLECTING || reason == Reason.MINIMUM_EVENTS;
  }

  /**
   * An answer.
   *
   * @param proceed 200; else 403, with {@code text} shown in Flagger's events
   * @param text the verdict in words
   */
  record Answer(boolean proceed, String text) {}
}
