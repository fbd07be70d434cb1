package io.canaryjudge.analysis.aggregate;

/**
 * One side of a comparison. The order of the constants is the order in which arms are stored and
 * folded.
 */
public enum Arm {
  /** The version that is known to be good: the control. */
  BASELINE,

  /** The version that is being rolled out: the experiment. */
  CANARY
}
