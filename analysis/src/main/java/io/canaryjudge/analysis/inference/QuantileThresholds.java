package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.TrailingDistribution;

/**
 * Thresholds for comparing a quantile of two arms, chosen before the window to which they apply.
 *
 * <p>A quantile is above y if and only if more than 1 - q of the values are, so comparing quantiles
 * is comparing shares above a threshold: the canary's above rho x + d with the baseline's above x.
 * The comparison is valid at any x that rests on earlier windows alone; it has most power where the
 * baseline's share is near 1 - q. At an edge of the cells the counts are exact. The canary's
 * threshold need not be one: counts bounded from below there are those above the next edge up
 * (which favours the canary), counts bounded from above those above the next edge down.
 */
public final class QuantileThresholds {
  /** Requests that the trailing distribution has to hold before a threshold is chosen. */
  public static final double MIN_REQUESTS = 20;

  /** Rounding of rho x + d must not push a threshold past the edge that it lies on. */
  private static final double SLACK = 1e-9;

  private QuantileThresholds() {}

  /**
   * The baseline's threshold for the next window.
   *
   * @param trailing the baseline in earlier windows
   * @param q the quantile, in (0, 1)
   * @return an edge, or NaN if too little is known or no edge is near the quantile
   */
  public static double baseline(TrailingDistribution trailing, double q) {
    checkQuantile(q);
    if (trailing.total() < MIN_REQUESTS) {
      return Double.NaN;
    }
    double edge = trailing.edgeNearest(1 - q);
    return isUsable(trailing.shareAbove(edge), q) ? edge : Double.NaN;
  }

  /**
   * The canary's threshold for the next window, for explicit buckets that are too coarse to express
   * rho: an edge e, to be compared with the baseline's interpolated share above e / rho.
   *
   * @param rho tolerated ratio, at least 1
   * @return an edge, or NaN as in {@link #baseline}
   */
  public static double coarseCanary(TrailingDistribution trailing, double q, double rho) {
    checkQuantile(q);
    if (trailing.total() < MIN_REQUESTS) {
      return Double.NaN;
    }
    double edge = trailing.explicitEdgeNearest(1 - q, rho);
    return isUsable(trailing.shareAbove(edge / rho), q) ? edge : Double.NaN;
  }

  /** rho x + d for counts bounded from below: an edge that differs by rounding is reached. */
  public static double roundedForLowerBound(double rho, double x, double d) {
    return (rho * x + d) * (1 - SLACK);
  }

  /** rho x + d for counts bounded from above: an edge that differs by rounding is reached. */
  public static double roundedForUpperBound(double rho, double x, double d) {
    return (rho * x + d) * (1 + SLACK);
  }

  /** Far from the quantile there is nothing to compare. */
  private static boolean isUsable(double share, double q) {
    return share > 0.02 * (1 - q) && share < 1 - 0.02 * q;
  }

  private static void checkQuantile(double q) {
    if (!(q > 0 && q < 1)) {
      throw new IllegalArgumentException("q: " + q + " (expected: in (0, 1))");
    }
  }
}
