package io.canaryjudge.analysis.inference;

/**
 * The factors of {@link LogFactors#exceedance} as a function of the events, for windows in which
 * one baseline is compared at several margins: ln f = kC a + kB b + c for each alternative.
 */
final class ExceedanceWeights {
  private final double[] canary = new double[Alternatives.SIZE];
  private final double[] baseline = new double[Alternatives.SIZE];
  private final double[] constant = new double[Alternatives.SIZE];

  /**
   * The weights of a window.
   *
   * @param nC requests of the canary, above 0
   * @param nB requests of the baseline, above 0
   * @param share as in {@link LogFactors#exceedance}
   */
  ExceedanceWeights(Alternatives alternatives, double nC, double nB, double share) {
    double s = nC / (nC + nB);
    for (int j = 0; j < Alternatives.SIZE; j++) {
      double excess = alternatives.excess(j);
      double q = (1 - s) * share * excess;
      double g = excess * s / (1 + q);
      double event = StrictMath.log1p(g);
      canary[j] = alternatives.logMultiplier(j) - event;
      baseline[j] = -event;
      constant[j] = nB * StrictMath.log1p(share * g) - nC * StrictMath.log1p(q);
    }
  }

  /** Adds the log factors of so many events. */
  void addTo(double[] sums, double kC, double kB) {
    for (int j = 0; j < Alternatives.SIZE; j++) {
      sums[j] += kC * canary[j] + kB * baseline[j] + constant[j];
    }
  }
}
