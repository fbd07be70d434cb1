package io.canaryjudge.analysis.verdict;

import io.canaryjudge.analysis.policy.RequiredCheck;

/**
 * The present state of a check.
 *
 * @param name its name
 * @param required whether the policy requires it
 * @param outcome what it last said; PENDING if nothing, EXPIRED if nothing and too late
 * @param reason why, for people; may be empty
 * @param link where to read on; may be empty
 * @param atMillis when it last reported, epoch milliseconds; 0 if never
 * @param beforeStep index of the step that it has to have passed before; {@link
 *     RequiredCheck#NO_STEP} if none
 * @param deadlineMillis by when it has to have passed, epoch milliseconds; 0 if that is not
 *     limited, or not known before the step that it is counted from
 */
public record CheckVerdict(
    String name,
    boolean required,
    CheckOutcome outcome,
    String reason,
    String link,
    long atMillis,
    int beforeStep,
    long deadlineMillis) {

  /** One that may take as long as the run. */
  public CheckVerdict(
      String name,
      boolean required,
      CheckOutcome outcome,
      String reason,
      String link,
      long atMillis) {
    this(name, required, outcome, reason, link, atMillis, RequiredCheck.NO_STEP, 0);
  }
}
