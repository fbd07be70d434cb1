package io.canaryjudge.analysis.verdict;

import java.util.List;

/** What is still waiting when a run ends is inconclusive. */
final class Ending {
  private Ending() {}

  static List<MetricVerdict> of(List<MetricVerdict> metrics) {
    return metrics.stream().map(Ending::of).toList();
  }

  private static MetricVerdict of(MetricVerdict m) {
    return new MetricVerdict(
        m.metric(),
        of(m.decision()),
        m.reason(),
        m.baselineSamples(),
        m.canarySamples(),
        m.baselineInstances(),
        m.canaryInstances(),
        m.logHarmEvidence(),
        m.thresholds().stream().map(Ending::of).toList());
  }

  private static ThresholdVerdict of(ThresholdVerdict t) {
    return new ThresholdVerdict(
        t.threshold(),
        of(t.decision()),
        t.reason(),
        t.baselineEstimate(),
        t.canaryEstimate(),
        t.baselineInterval(),
        t.canaryInterval(),
        t.effect(),
        t.effectInterval(),
        t.effectLimit(),
        t.logHarmEvidence(),
        t.harmLine(),
        t.logSafeEvidence(),
        t.safeLine(),
        t.harmDispersion(),
        t.safeDispersion(),
        t.provenRelative(),
        t.expectedMillis(),
        t.drivingInstance(),
        t.drivingStratum());
  }

  private static Decision of(Decision decision) {
    return decision == Decision.WAIT ? Decision.INCONCLUSIVE : decision;
  }
}
