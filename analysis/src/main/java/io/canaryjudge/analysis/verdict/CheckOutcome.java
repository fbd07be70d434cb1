package io.canaryjudge.analysis.verdict;

/** What a check from outside says. */
public enum CheckOutcome {
  /** Nothing yet. */
  PENDING,

  /** Yes. */
  PASSED,

  /** No. */
  FAILED,

  /** Nothing yet, and too late: never reported, but concluded. A later report still counts. */
  EXPIRED
}
