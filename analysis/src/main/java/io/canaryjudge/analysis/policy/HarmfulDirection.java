package io.canaryjudge.analysis.policy;

/** Which change of a metric does harm. */
public enum HarmfulDirection {
  /** More is worse: error rate, latency, memory in use. */
  INCREASE,

  /** Less is worse: sign-ups per visit, free disk space. */
  DECREASE
}
