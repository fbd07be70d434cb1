package io.canaryjudge.analysis.policy;

/** How a run ends whose canary falls silent. GO is not among the answers. */
public enum MissingDataAction {
  /** Ends NO_GO with reason NO_DATA. */
  NO_GO,

  /** Ends INCONCLUSIVE with reason NO_DATA. */
  INCONCLUSIVE
}
