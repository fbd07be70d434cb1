package io.canaryjudge.analysis.policy;

import java.util.List;

/**
 * Which series of a service's own telemetry a metric's samples come from.
 *
 * @param series name of the series, as OpenTelemetry or Prometheus writes it; at most 200
 *     characters. Empty for the names that are recognised by themselves
 * @param where a series has to match all of them; at most 16
 * @param failures for a proportion: a series that matches any of them counts failures; at most 16.
 *     None mean what fails by convention: answers of 5xx, and faults of an RPC's server
 * @param failureSeries for a proportion: name of the series that counts the failures among what
 *     {@code series} counts, of the same instance; at most 200 characters. Empty if labels tell
 */
public record MetricSource(
    String series, List<LabelMatcher> where, List<LabelMatcher> failures, String failureSeries) {

  /** Copies the lists. */
  public MetricSource {
    where = List.copyOf(where);
    failures = List.copyOf(failures);
  }

  /** A source whose labels tell what failed. */
  public MetricSource(String series, List<LabelMatcher> where, List<LabelMatcher> failures) {
    this(series, where, failures, "");
  }

  /**
   * Names each component, and {@code failureSeries} only where there is one: checkpoints know their
   * policy by this text, and those from before there were any have to be read.
   */
  @Override
  public String toString() {
    return "MetricSource[series="
        + series
        + ", where="
        + where
        + ", failures="
        + failures
        + (failureSeries.isEmpty() ? "" : ", failureSeries=" + failureSeries)
        + "]";
  }
}
