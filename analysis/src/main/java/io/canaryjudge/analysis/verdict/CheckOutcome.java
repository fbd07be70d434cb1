package io.canaryjudge.analysis.verdict;

/** What a check from outside says. */
public enum CheckOutcome {
  /** Nothing yet. */
  PENDING,

  /** Yes. */
  PASSED,

  /** No. */
  FAILED
}
