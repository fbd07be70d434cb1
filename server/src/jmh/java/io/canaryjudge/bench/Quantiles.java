package io.canaryjudge.bench;

import java.util.Arrays;

/** Quantiles of what was measured. */
final class Quantiles {

  private Quantiles() {}

  /** The value that a share of the values does not exceed; NaN if there are none. */
  static double of(double[] values, double share) {
    if (values.length == 0) {
      return Double.NaN;
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.max(0, rank - 1)];
  }
}
