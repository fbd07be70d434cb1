package io.canaryjudge.analysis.aggregate;

/** Refuses histograms that cannot be what they say they are. */
final class HistogramChecks {
  private static final int OCTAVE = 1 << ExponentialEdges.FINEST_SCALE;
  private static final long LOWEST_CELL = -1074L * OCTAVE;
  private static final long HIGHEST_CELL = 1024L * OCTAVE - 1;

  private HistogramChecks() {}

  /** Number of values in an exponential histogram, if it is well formed. */
  static long exponential(
      int scale, double zeroThreshold, long zeroCount, int offset, long[] counts) {
    if (scale < DistributionAggregate.MIN_SCALE || scale > DistributionAggregate.MAX_SCALE) {
      throw new IllegalArgumentException(
          "scale: "
              + scale
              + " (expected: in ["
              + DistributionAggregate.MIN_SCALE
              + ", "
              + DistributionAggregate.MAX_SCALE
              + "])");
    }
    if (!(zeroThreshold >= 0 && zeroThreshold < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "zeroThreshold: " + zeroThreshold + " (expected: finite and >= 0)");
    }
    if (zeroCount < 0) {
      throw new IllegalArgumentException("zeroCount: " + zeroCount + " (expected: >= 0)");
    }
    long sum = Counts.sum("counts", counts);
    int low = 0;
    int high = counts.length - 1;
    while (low <= high && counts[low] == 0) {
      low++;
    }
    while (low < high && counts[high] == 0) {
      high--;
    }
    if (low <= high) { // what is between two representable buckets is representable
      checkRepresentable(scale, offset, low);
      checkRepresentable(scale, offset, high);
    }
    return Counts.sum("zeroCount", sum, zeroCount);
  }

  /** Number of values in an explicit histogram, if it is well formed. */
  static long explicit(double[] upperBounds, long[] counts) {
    bounds(upperBounds);
    if (counts.length != upperBounds.length + 1) {
      throw new IllegalArgumentException(
          "counts: "
              + counts.length
              + " buckets (expected: "
              + (upperBounds.length + 1)
              + ", one more than upperBounds)");
    }
    return Counts.sum("counts", counts);
  }

  static void bounds(double[] upperBounds) {
    if (upperBounds.length < 1 || upperBounds.length > DistributionAggregate.MAX_BOUNDS) {
      throw new IllegalArgumentException(
          "upperBounds: "
              + upperBounds.length
              + " bounds (expected: 1 to "
              + DistributionAggregate.MAX_BOUNDS
              + ")");
    }
    double previous = -Double.MIN_VALUE;
    for (int i = 0; i < upperBounds.length; i++) {
      double bound = upperBounds[i];
      boolean negativeZero =
          bound == 0 && 1 / bound < 0; // would be a second form of the same layout
      if (!(bound > previous && bound < Double.POSITIVE_INFINITY) || negativeZero) {
        throw new IllegalArgumentException(
            "upperBounds["
                + i
                + "]: "
                + bound
                + " (expected: finite, >= 0, and above the bound before)");
      }
      previous = bound;
    }
  }

  private static void checkRepresentable(int scale, int offset, int bucket) {
    if (!isRepresentable(scale, (long) offset + bucket)) {
      throw new IllegalArgumentException(
          "offset: "
              + offset
              + " (expected: buckets within the range of a double; counts["
              + bucket
              + "] is not)");
    }
  }

  private static boolean isRepresentable(int scale, long bucket) {
    int shift = ExponentialEdges.FINEST_SCALE - scale;
    long lowest = shift >= 0 ? bucket << shift : bucket >> -shift;
    long highest = shift >= 0 ? ((bucket + 1) << shift) - 1 : lowest;
    return highest >= LOWEST_CELL && lowest <= HIGHEST_CELL;
  }
}
