package io.canaryjudge.analysis.aggregate;

/** Checks that both kinds of aggregates share. */
final class Counts {
  private Counts() {}

  /** Sum of two counts in [0, MAX_COUNT], refused when it leaves that range. */
  static long sum(String field, long present, long more) {
    if (more > Aggregate.MAX_COUNT - present) {
      throw new IllegalArgumentException(
          field
              + ": "
              + present
              + " + "
              + more
              + " (expected: a sum of at most "
              + Aggregate.MAX_COUNT
              + ")");
    }
    return present + more;
  }

  /** Sum of the counts of a histogram's buckets, each checked. */
  static long sum(String field, long[] counts) {
    long sum = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] < 0) {
        throw new IllegalArgumentException(
            field + "[" + i + "]: " + counts[i] + " (expected: >= 0)");
      }
      sum = sum(field, sum, counts[i]);
    }
    return sum;
  }

  /**
   * Share of the cell {@code (lower, upper]} that lies above {@code y} in it, if its values are
   * spread log-uniformly; all of it if the cell has no logarithmic width.
   */
  static double shareAbove(double lower, double upper, double y) {
    if (!(lower > 0) || upper == Double.POSITIVE_INFINITY) {
      return 1;
    }
    return StrictMath.log(upper / y) / StrictMath.log(upper / lower);
  }

  static IllegalArgumentException kindMismatch(Aggregate into, Aggregate from) {
    return new IllegalArgumentException(
        "aggregate: " + from.kind() + " (expected: " + into.kind() + ")");
  }
}
