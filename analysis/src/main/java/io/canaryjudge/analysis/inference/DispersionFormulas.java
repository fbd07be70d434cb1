package io.canaryjudge.analysis.inference;

/** From sums of squares to variance inflation. */
final class DispersionFormulas {
  /** Weight of the prior "no dispersion", in degrees of freedom. */
  private static final double PRIOR_DEGREES = 4;

  /** Fewer blocks with events than this say nothing about dispersion over time. */
  private static final int MIN_BLOCKS = 16;

  private static final double TINY = 1e-12;

  private DispersionFormulas() {}

  /**
   * Excess of the variance over that of independent requests: shrunk towards none, then inflated
   * for the few degrees of freedom (as the tail of a Student t would; calibrated by simulation).
   *
   * @param ratio observed over expected sum of squares
   * @param degrees degrees of freedom, at least 0
   */
  static double excess(double ratio, double degrees) {
    double shrunk = (PRIOR_DEGREES + degrees * ratio) / (PRIOR_DEGREES + degrees) - 1;
    return Math.max(shrunk, 0) * smallSampleInflation(degrees);
  }

  static double smallSampleInflation(double degrees) {
    return 1 + 8 / (Math.max(degrees, 4) - 2.75);
  }

  /** Excess from a numerator, its expectation and the number of degrees of freedom. */
  static double excess(double numerator, double denominator, double degreesOfFreedom) {
    double ratio = denominator > 0 ? numerator / Math.max(denominator, TINY) : 1;
    return excess(ratio, Math.min(degreesOfFreedom, denominator));
  }

  /** Relative variance of the instances' rates; see {@link InstanceSpread} for the sums. */
  static double relativeVariance(
      double numerator, double denominator, double denominator2, double degreesOfFreedom) {
    return denominator2 > 0
        ? excess(numerator, denominator, degreesOfFreedom)
            * denominator
            / Math.max(denominator2, TINY)
        : 0;
  }

  /**
   * Inflation from the way the two arms' counts vary over blocks of time around their common ratio.
   *
   * @param aa sum of u^2, with u = kC nB / (nC + nB) and v = kB nC / (nC + nB) of a block
   * @param ab sum of u v
   * @param bb sum of v^2
   * @param v sum of (kC + kB) nC nB / (nC + nB)^2
   * @param blocks blocks with events
   * @param nC canary requests, with kC events, over the same time; and likewise of the baseline
   * @return at least 1
   */
  static double overTime(
      double aa,
      double ab,
      double bb,
      double v,
      double blocks,
      double nC,
      double kC,
      double nB,
      double kB) {
    if (blocks < MIN_BLOCKS) {
      return 1;
    }
    double r = (kC + 0.5) / Math.max(nC, 1) / ((kB + 0.5) / Math.max(nB, 1));
    double s = nC / Math.max(nC + nB, 1);
    double theta = nC * r / Math.max(nC * r + nB, TINY);
    double root = (1 - s) + r * s;
    double scale = root * root * theta * (1 - theta) / Math.max(s * (1 - s), TINY);
    double numerator = aa - 2 * r * ab + r * r * bb;
    double denominator = v * scale;
    double degrees = Math.max(Math.min(blocks - 1, denominator), 0);
    double ratio = denominator > 0 ? numerator / Math.max(denominator, TINY) : 1;
    return 1 + excess(ratio, degrees);
  }
}
