package io.canaryjudge.analysis.policy;

/** A setting that a policy may allow a single run to override. */
public enum PolicySetting {
  /** {@link Policy#deadlineMillis()}. */
  DEADLINE,

  /** {@link Policy#warmUpMillis()}. */
  WARM_UP,

  /** {@link Policy#minimumStepMillis()}. */
  MINIMUM_STEP_TIME,

  /** {@link Policy#trafficPlan()}. */
  TRAFFIC_PLAN,

  /** {@link Policy#windowMillis()}; a longer window makes the burst guard at least as long. */
  WINDOW,

  /** {@link Policy#latenessMillis()}. */
  LATENESS
}
