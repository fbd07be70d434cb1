package io.canaryjudge.analysis.verdict;

/** Where a run is in its life. What was decided is in its {@link Verdict}. */
public enum RunState {
  /** Open; at least one arm has sent nothing yet. */
  PENDING,

  /** Collecting and judging. */
  RUNNING,

  /** Decided, or ended undecided. After GO samples may still be taken for a while. */
  COMPLETED,

  /** Ended by a person or a tool, without a decision. */
  CANCELLED
}
