package io.canaryjudge.analysis.policy;

/** What the samples of a metric are, and so which kind of evidence they give. */
public enum MetricKind {
  /** Events among trials, such as failed requests among requests. */
  PROPORTION,

  /** Values, at least 0, such as latencies or the readings of a gauge; compared by quantiles. */
  DISTRIBUTION
}
