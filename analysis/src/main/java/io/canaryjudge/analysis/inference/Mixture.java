package io.canaryjudge.analysis.inference;

/**
 * The e-value of a mixture of alternatives, from the sums of their log factors.
 *
 * <p>The average of e-processes is an e-process (Robbins 1970, method of mixtures; Vovk and Wang
 * 2021, section 3). The sums are divided by the variance inflation phi >= 1 when they are read.
 * Since exp(A / phi) <= max(1, exp A) <= 1 + exp A for any phi >= 1, even one chosen after seeing
 * the data, a tempered mixture of 1/alpha + 1 implies an untempered one of 1/alpha: the "+1" in the
 * decision lines pays for the tempering.
 */
public final class Mixture {
  private static final double LOG_SIZE = StrictMath.log(Alternatives.SIZE);

  private Mixture() {}

  /**
   * ln of the mixture e-value.
   *
   * @param sums accumulated log factors, one for each alternative
   * @param phi variance inflation, at least 1
   */
  public static double logE(double[] sums, double phi) {
    double max = sums[0];
    for (int j = 1; j < Alternatives.SIZE; j++) {
      max = Math.max(max, sums[j]);
    }
    double limit = -LogSpace.NEGLIGIBLE * phi;
    double inverse = 1 / phi;
    double sum = 0;
    for (int j = 0; j < Alternatives.SIZE; j++) {
      double below = sums[j] - max;
      if (!(below < limit)) {
        sum += Exponential.exp(below * inverse);
      }
    }
    return max / phi + (StrictMath.log(sum) - LOG_SIZE);
  }

  /**
   * ln of the mixture e-value of what came after a snapshot.
   *
   * @param snapshot the sums as they were then
   */
  public static double logE(double[] sums, double[] snapshot, double phi) {
    double max = largestGain(sums, snapshot);
    double limit = -LogSpace.NEGLIGIBLE * phi;
    double inverse = 1 / phi;
    double sum = 0;
    for (int j = 0; j < Alternatives.SIZE; j++) {
      double below = sums[j] - snapshot[j] - max;
      if (!(below < limit)) {
        sum += Exponential.exp(below * inverse);
      }
    }
    return max / phi + (StrictMath.log(sum) - LOG_SIZE);
  }

  /** The most that any alternative gained since a snapshot: a bound of the log e-value. */
  static double largestGain(double[] sums, double[] snapshot) {
    double max = sums[0] - snapshot[0];
    for (int j = 1; j < Alternatives.SIZE; j++) {
      max = Math.max(max, sums[j] - snapshot[j]);
    }
    return max;
  }
}
