package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.TrailingDistribution;
import io.canaryjudge.analysis.aggregate.TrailingDistribution.Cut;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import org.jspecify.annotations.Nullable;

/**
 * Where the arms' values are compared in the next window, for one quantile and one margin: the
 * canary's share beyond one value with the baseline's share beyond another.
 *
 * <p>A quantile is above y if and only if more than 1 - q of the values are, so comparing quantiles
 * is comparing shares. The comparison is valid at any point that rests on earlier windows alone; it
 * has most power, and is about the quantile itself, where the baseline's share is near 1 - q. So
 * the baseline is cut at the edge nearest to that in its recent past, where counts are exact. The
 * canary's cut need not be an edge: the bounds on its counts then favour it for NO_GO, and
 * disfavour it for GO.
 *
 * @param baseline where the baseline is cut
 * @param canary where the canary is cut
 * @param share the baseline's share beyond its cut for which the comparison has most power
 * @param method how counts become evidence
 */
record ComparisonPoint(double baseline, double canary, double share, Method method) {

  /** How counts become evidence. */
  enum Method {
    /** The shares beyond the two cuts are compared with each other. */
    SHARES,

    /** The same, with the baseline's count interpolated within a coarse bucket. */
    INTERPOLATED,

    /**
     * The shares are compared with that of the quantile: the baseline's is larger, so its quantile
     * is beyond its cut; the canary's is smaller, so its quantile is not beyond its own.
     */
    BRACKET
  }

  /** Values that the past has to hold, each weighed by its age, before a point is chosen. */
  static final double MIN_VALUES = 20;

  /** Rounding of a margin must not push a cut past the edge that it lies on. */
  private static final double SLACK = 1e-9;

  /** Edges are too coarse where they widen a margin to more than this many times itself. */
  private static final double COARSE = 2;

  /** The quantiles, from here on, in whose coarse buckets density falls. */
  private static final double TAIL = 0.9;

  /** Odds of the share beyond a cut, relative to those of the quantile, for it to be about it. */
  private static final double NEAR = 2;

  /** The point for evidence of harm; null if there is none. */
  static @Nullable ComparisonPoint harm(
      TrailingDistribution past, Cut cut, double q, ValueMargin margin) {
    double x = nearest(cut, q);
    double canary = margin.limit(x);
    if (margin.direction() == HarmfulDirection.INCREASE
        && q >= TAIL
        && isCoarse(past.nextEdgeAtOrAbove(canary * (1 - SLACK)) - x, canary - x)) {
      return interpolated(past, cut, q, margin);
    }
    double share = shareAbove(cut, x);
    boolean known = share > 0.02 * (1 - q) && share < 1 - 0.02 * q;
    // Where many equal values straddle the quantile no edge is near it: none is needed for harm,
    // but
    // there have to be enough values to know.
    if (!known && past.count() * Math.min(q, 1 - q) < 1) {
      return null;
    }
    double cutoff =
        switch (margin.direction()) {
          case INCREASE -> reachedDown(past, canary);
          case DECREASE -> reachedUp(past, canary);
        };
    return new ComparisonPoint(x, cutoff, share(q, margin), Method.SHARES);
  }

  /** The point for evidence of safety; null if the edges cannot express the margin. */
  static @Nullable ComparisonPoint safe(
      TrailingDistribution past, Cut cut, double q, ValueMargin margin) {
    double x = nearest(cut, q);
    double odds = odds(shareAbove(cut, x)) / odds(1 - q);
    if (odds <= NEAR && odds >= 1 / NEAR) {
      return shares(past, x, share(q, margin), margin);
    }
    return straddled(past, q) ? bracket(past, cut, share(q, margin), margin) : null;
  }

  private static @Nullable ComparisonPoint shares(
      TrailingDistribution past, double x, double share, ValueMargin margin) {
    return switch (margin.direction()) {
      case INCREASE -> {
        double cutoff = reachedUp(past, margin.limit(x));
        yield past.edgeAtOrBelow(cutoff) > x
            ? new ComparisonPoint(x, cutoff, share, Method.SHARES)
            : null;
      }
      case DECREASE -> {
        double cutoff = reachedDown(past, margin.limit(x));
        yield cutoff < 0 || past.nextEdgeAtOrAbove(cutoff) < x
            ? new ComparisonPoint(x, cutoff, share, Method.SHARES)
            : null;
      }
    };
  }

  /**
   * The baseline's quantile is certainly beyond one side of its cell; the margin reaches past it.
   */
  private static @Nullable ComparisonPoint bracket(
      TrailingDistribution past, Cut cut, double share, ValueMargin margin) {
    return switch (margin.direction()) {
      case INCREASE -> {
        double x = Math.max(cut.lower(), 0);
        double cutoff = reachedUp(past, margin.limit(x));
        yield past.edgeAtOrBelow(cutoff) >= cut.upper()
            ? new ComparisonPoint(x, cutoff, share, Method.BRACKET)
            : null;
      }
      case DECREASE -> {
        double x = cut.upper();
        double cutoff = reachedDown(past, margin.limit(x));
        yield x < Double.POSITIVE_INFINITY
                && (cutoff < 0 || past.nextEdgeAtOrAbove(cutoff) <= cut.lower())
            ? new ComparisonPoint(x, cutoff, share, Method.BRACKET)
            : null;
      }
    };
  }

  /**
   * The canary is cut at an edge e, where its count is exact, and the baseline where e is its
   * limit: within a bucket, whose values are taken to be spread log-uniformly. That counts too many
   * baseline values wherever density falls across the bucket, which favours the canary.
   */
  private static @Nullable ComparisonPoint interpolated(
      TrailingDistribution past, Cut cut, double q, ValueMargin margin) {
    double wanted = margin.limit(interpolatedQuantile(cut, q));
    ComparisonPoint best = null;
    double bestDistance = Double.POSITIVE_INFINITY;
    for (double edge : new double[] {past.edgeAtOrBelow(wanted), past.nextEdgeAtOrAbove(wanted)}) {
      double x = margin.baselineOf(edge);
      if (x > 0 && edge < Double.POSITIVE_INFINITY) {
        double share = past.shareAbove(x);
        double distance = Math.abs(StrictMath.log(Math.max(share, 1e-9) / (1 - q)));
        if (distance < bestDistance && share > 0.02 * (1 - q) && share < 1 - 0.02 * q) {
          best = new ComparisonPoint(x, edge, Math.clamp(share, 1e-4, 0.9), Method.INTERPOLATED);
          bestDistance = distance;
        }
      }
    }
    return best;
  }

  /**
   * Whether, no edge being near the quantile, many equal values straddle it: there are enough
   * values to know.
   */
  private static boolean straddled(TrailingDistribution past, double q) {
    return past.count() * Math.min(q, 1 - q) >= 1;
  }

  /** Within a cell the share above falls with the logarithm of the value. */
  private static double interpolatedQuantile(Cut cut, double q) {
    if (!(cut.lower() > 0) || cut.upper() == Double.POSITIVE_INFINITY) {
      return Math.max(cut.lower(), 0);
    }
    double part =
        (cut.shareAboveLower() - (1 - q)) / (cut.shareAboveLower() - cut.shareAboveUpper());
    return cut.lower() * StrictMath.pow(cut.upper() / cut.lower(), part);
  }

  /** The edge whose share above is nearest to 1 - q: the lowest of several. */
  static double nearest(Cut cut, double q) {
    if (cut.lower() < 0) {
      return cut.upper() == Double.POSITIVE_INFINITY ? 0 : cut.upper();
    }
    boolean lower =
        cut.upper() == Double.POSITIVE_INFINITY
            || cut.shareAboveLower() - (1 - q) <= 1 - q - cut.shareAboveUpper();
    return lower ? cut.lowest() : cut.upper();
  }

  private static double shareAbove(Cut cut, double x) {
    return x == cut.upper() ? cut.shareAboveUpper() : cut.shareAboveLower();
  }

  private static double share(double q, ValueMargin margin) {
    return switch (margin.direction()) {
      case INCREASE -> 1 - q;
      case DECREASE -> q;
    };
  }

  private static double odds(double share) {
    return share / (1 - share);
  }

  private static boolean isCoarse(double expressed, double wanted) {
    return expressed > COARSE * wanted && wanted > 0;
  }

  /** y, or the edge just below it that it would be without rounding. */
  private static double reachedDown(TrailingDistribution past, double y) {
    if (!(y > 0)) {
      return y;
    }
    double edge = past.nextEdgeAtOrAbove(y * (1 - SLACK));
    return edge <= y ? edge : y;
  }

  /** y, or the edge just above it that it would be without rounding. */
  private static double reachedUp(TrailingDistribution past, double y) {
    if (!(y > 0)) {
      return y;
    }
    double edge = past.edgeAtOrBelow(y * (1 + SLACK));
    return edge >= y ? edge : y;
  }
}
