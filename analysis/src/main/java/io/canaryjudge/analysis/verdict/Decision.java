package io.canaryjudge.analysis.verdict;

/** What to do with the canary. */
public enum Decision {
  /** Not settled yet. */
  WAIT,

  /** Within every tolerance, with the confidence that the policy asks for: promote. */
  GO,

  /** Beyond some tolerance, likewise: roll back. */
  NO_GO,

  /** Ended unsettled. Not a GO. */
  INCONCLUSIVE
}
