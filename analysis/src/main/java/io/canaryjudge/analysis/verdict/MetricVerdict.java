package io.canaryjudge.analysis.verdict;

import io.canaryjudge.analysis.policy.MetricPolicy;
import java.util.List;

/**
 * What is known about one metric.
 *
 * @param metric its policy
 * @param decision NO_GO if it is guilty, GO if each threshold is GO, else WAIT (INCONCLUSIVE once
 *     the run has ended)
 * @param reason why: the reason of the threshold that matters most
 * @param baselineSamples requests (or values) of the baseline that were judged
 * @param canarySamples requests (or values) of the canary that were judged
 * @param baselineInstances instances of the baseline that were judged
 * @param canaryInstances instances of the canary that were judged
 * @param logHarmEvidence natural logarithm of the metric's e-value of harm (mean of thresholds)
 * @param thresholds in the order of the policy
 */
public record MetricVerdict(
    MetricPolicy metric,
    Decision decision,
    Reason reason,
    long baselineSamples,
    long canarySamples,
    int baselineInstances,
    int canaryInstances,
    double logHarmEvidence,
    List<ThresholdVerdict> thresholds) {

  /** Copies the list. */
  public MetricVerdict {
    thresholds = List.copyOf(thresholds);
  }
}
