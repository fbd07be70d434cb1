package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.Threshold;

/**
 * What the evidence about every threshold of a run shares.
 *
 * @param epochs when snapshots are taken
 * @param windowMillis length of a window
 * @param windowsPerMinute windows that come nearest to a minute
 * @param horizonWindows windows after which no evidence is wanted; 0 if there is no such number
 * @param instanceCv prior coefficient of variation between instances of one version
 */
record EvidenceSettings(
    Epochs epochs,
    long windowMillis,
    int windowsPerMinute,
    long horizonWindows,
    double instanceCv) {

  static EvidenceSettings of(Policy policy) {
    int perMinute = Epochs.windowsPerMinute(policy.windowMillis());
    // Evidence is wanted until the deadline, and after a GO for as long as the policy watches.
    long horizon =
        policy.deadlineMillis() == 0
            ? 0
            : Math.ceilDiv(
                policy.deadlineMillis() + policy.watchAfterGoMillis(), policy.windowMillis());
    return new EvidenceSettings(
        horizon == 0 ? Epochs.openEnded(perMinute) : Epochs.withHorizon(perMinute, horizon),
        policy.windowMillis(),
        perMinute,
        horizon,
        policy.instanceCoefficientOfVariation());
  }

  EvidenceSettings with(Epochs otherEpochs) {
    return new EvidenceSettings(
        otherEpochs, windowMillis, windowsPerMinute, horizonWindows, instanceCv);
  }

  /** No evidence yet about a limit. */
  LimitEvidence limit(Threshold threshold, double harmRate, double safeRate, boolean separate) {
    return new LimitEvidence(
        threshold,
        threshold.sustainedMillis() > 0
            ? new SustainedHarm(
                epochs,
                (int) Math.ceilDiv(threshold.sustainedMillis(), windowsPerMinute * windowMillis),
                windowsPerMinute,
                horizonWindows,
                harmRate)
            : new HarmEvidence(1, epochs),
        harmRate,
        safeRate,
        separate,
        epochs,
        instanceCv);
  }
}
