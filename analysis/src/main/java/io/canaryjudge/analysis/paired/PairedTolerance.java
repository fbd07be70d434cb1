package io.canaryjudge.analysis.paired;

/**
 * How far a canary's points may typically be from the baseline's of the same moment.
 *
 * @param noGoRatio for NO_GO: more than this ratio is beyond tolerance (less than it if a decrease
 *     does harm); at least 1 for an increase, in (0, 1] for a decrease
 * @param goRatio the same for GO; nowhere narrower
 * @param noGoShare for NO_GO: harm in more than this share of the pairs is beyond tolerance; 1/2 is
 *     the median, in [1/2, 1)
 * @param goShare the same for GO, at least {@code noGoShare}
 */
public record PairedTolerance(double noGoRatio, double goRatio, double noGoShare, double goShare) {

  /** Checks the ranges. */
  public PairedTolerance {
    requirePositive("noGoRatio", noGoRatio);
    requirePositive("goRatio", goRatio);
    requireShare("noGoShare", noGoShare, 0.5);
    requireShare("goShare", goShare, noGoShare);
  }

  /** A tolerance of the typical pair. */
  public static PairedTolerance ofRatio(double noGoRatio, double goRatio) {
    return new PairedTolerance(noGoRatio, goRatio, 0.5, 0.5);
  }

  /** A tolerance of how often the canary is beyond the baseline, by however little. */
  public static PairedTolerance ofShare(double noGoShare, double goShare) {
    return new PairedTolerance(1, 1, noGoShare, goShare);
  }

  private static void requirePositive(String name, double ratio) {
    if (!(ratio > 0 && ratio < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(name + ": " + ratio + " (expected: finite, above 0)");
    }
  }

  private static void requireShare(String name, double share, double least) {
    if (!(share >= least && share < 1)) {
      throw new IllegalArgumentException(
          name + ": " + share + " (expected: in [" + least + ", 1))");
    }
  }
}
