package io.canaryjudge.analysis.policy;

/** What a metric may do to the decision of a run. */
public enum MetricRole {
  /** Its harm leads to NO_GO, and GO waits for it. */
  DECIDES,

  /** It is judged and shown, and decides nothing. */
  WARNS
}
