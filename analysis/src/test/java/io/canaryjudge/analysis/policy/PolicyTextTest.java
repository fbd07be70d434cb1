package io.canaryjudge.analysis.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Checkpoints of runs know their policy by its text, which so stays what it was. */
class PolicyTextTest {

  @Test
  void aSourceWithoutASeriesOfFailuresIsNamedAsBefore() {
    assertThat(new MetricSource("a", List.of(), List.of()))
        .hasToString("MetricSource[series=a, where=[], failures=[]]");
    assertThat(new MetricSource("a", List.of(), List.of(), "b"))
        .hasToString("MetricSource[series=a, where=[], failures=[], failureSeries=b]");
  }

  @Test
  void aMetricWithoutStrataIsNamedAsBefore() {
    MetricPolicy metric = SamplePolicies.valid().metrics().getFirst();
    assertThat(metric.toString())
        .startsWith(
            "MetricPolicy[name=error_rate, kind=PROPORTION, unit=1, harmfulDirection=INCREASE")
        .endsWith(
            ", role=DECIDES, weight=1.0, duringWarmUp=false, minimumEvents=5, thresholds="
                + metric.thresholds()
                + ", sources=[]]");
    assertThat(metric.split(new StrataPolicy("zone", 3)).toString())
        .endsWith(", sources=[], strata=StrataPolicy[label=zone, limit=3]]");
  }
}
