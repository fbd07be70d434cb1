package io.canaryjudge.analysis.policy;

/**
 * What an SRE wants a deploy tool to do when a run ends INCONCLUSIVE. Advice, passed on as it is.
 */
public enum InconclusiveAction {
  /** Keep the traffic as it is and ask a person. */
  HOLD,

  /** Take the canary out of traffic. */
  ROLL_BACK
}
