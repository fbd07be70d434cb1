package io.canaryjudge.analysis.inference;

/** Sums of numbers that are given and returned as natural logarithms. */
public final class LogSpace {
  /**
   * Terms that are smaller than the largest by a factor e^-40 are left out: each is below 4.3e-18
   * of the sum, so up to 26 of them change it by less than half a unit in the last place, and a sum
   * of non-negative terms is only ever made smaller.
   */
  static final double NEGLIGIBLE = 40;

  private LogSpace() {}

  /** ln(e^a + e^b); either may be -Infinity. */
  public static double logAddExp(double a, double b) {
    double high = Math.max(a, b);
    double low = Math.min(a, b);
    if (high == Double.NEGATIVE_INFINITY || low < high - NEGLIGIBLE) {
      return high;
    }
    return high + StrictMath.log1p(Exponential.exp(low - high));
  }

  /** ln of the sum of e^x over all x; -Infinity if there are none. */
  public static double logSumExp(double... logs) {
    return logSumExp(logs, logs.length);
  }

  /** ln of the mean of e^x over all x, of which there is at least one. */
  public static double logMeanExp(double... logs) {
    return logSumExp(logs) - StrictMath.log(logs.length);
  }

  /**
   * ln of the sum of w e^x.
   *
   * @param weights one for each x, each at least 0
   */
  public static double logWeightedSumExp(double[] logs, double[] weights) {
    if (logs.length != weights.length) {
      throw new IllegalArgumentException(
          "weights: " + weights.length + " (expected: " + logs.length + ", one for each term)");
    }
    double max = max(logs, logs.length);
    if (max == Double.NEGATIVE_INFINITY) {
      return max;
    }
    double sum = 0;
    for (int i = 0; i < logs.length; i++) {
      sum += weights[i] * Exponential.exp(logs[i] - max);
    }
    return max + StrictMath.log(sum);
  }

  /** As {@link #logSumExp(double...)}, of the first {@code length} terms. */
  static double logSumExp(double[] logs, int length) {
    double max = max(logs, length);
    if (max == Double.NEGATIVE_INFINITY) {
      return max;
    }
    double sum = 0;
    for (int i = 0; i < length; i++) {
      double below = logs[i] - max;
      if (!(below < -NEGLIGIBLE)) {
        sum += Exponential.exp(below);
      }
    }
    return max + StrictMath.log(sum);
  }

  /** The largest; NaN if one is NaN, -Infinity if there are none. */
  private static double max(double[] logs, int length) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < length; i++) {
      max = Math.max(max, logs[i]);
    }
    return max;
  }
}
