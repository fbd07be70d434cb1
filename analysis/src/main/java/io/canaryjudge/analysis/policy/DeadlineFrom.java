package io.canaryjudge.analysis.policy;

/** From when the deadline of a check is counted. */
public enum DeadlineFrom {
  /** From the start of the run. */
  RUN,

  /** From when the step before the one that the check is needed for was reported. */
  STEP
}
