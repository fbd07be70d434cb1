package io.canaryjudge.analysis.inference;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Evidence that the canary is beyond a tolerance of one or two conditions. It is beyond it only if
 * it is beyond each, so the smaller e-value counts: it is one against every way to be within.
 */
final class HarmEvidence implements HarmProcess {
  private final EvidenceWindows[] conditions;

  HarmEvidence(int conditions, Epochs epochs) {
    this.conditions = new EvidenceWindows[conditions];
    for (int i = 0; i < conditions; i++) {
      this.conditions[i] = new EvidenceWindows(epochs);
    }
  }

  /** No evidence yet, from some moment of the run on. */
  static HarmEvidence begunLate(int conditions, Epochs epochs) {
    HarmEvidence evidence = new HarmEvidence(conditions, epochs);
    for (int i = 0; i < conditions; i++) {
      evidence.conditions[i] = EvidenceWindows.begunLate(epochs);
    }
    return evidence;
  }

  @Override
  public double[] sums(int condition) {
    return conditions[condition].sums();
  }

  @Override
  public void snapshot() {
    for (EvidenceWindows condition : conditions) {
      condition.snapshot();
    }
  }

  @Override
  public double logE(Tempering tempering) {
    double least = conditions[0].logE(tempering);
    for (int i = 1; i < conditions.length; i++) {
      least = Math.min(least, conditions[i].logE(tempering));
    }
    return least;
  }

  /** {@link #logE} without what another has added to it. */
  double logEWithout(HarmEvidence other, Tempering tempering) {
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < conditions.length; i++) {
      least = Math.min(least, conditions[i].logEWithout(other.conditions[i], tempering));
    }
    return least;
  }

  @Override
  public double logBound() {
    double least = conditions[0].logBound();
    for (int i = 1; i < conditions.length; i++) {
      least = Math.min(least, conditions[i].logBound());
    }
    return least;
  }

  @Override
  public void write(DataOutput out) throws IOException {
    for (EvidenceWindows condition : conditions) {
      condition.write(out);
    }
  }

  @Override
  public void read(Epochs epochs, DataInput in) throws IOException {
    for (int i = 0; i < conditions.length; i++) {
      conditions[i] = EvidenceWindows.read(epochs, in);
    }
  }
}
