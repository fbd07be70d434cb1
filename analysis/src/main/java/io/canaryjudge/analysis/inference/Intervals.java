package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.DistributionAggregate;

/**
 * Intervals and p-values for reports. They hold at all times at once, however often they are read.
 */
public final class Intervals {
  private static final int MAX_STEPS = 100;
  private static final double LAST_STEP = 1e-14;

  private Intervals() {}

  /**
   * Confidence sequence for a proportion: p is excluded when the Beta(1/2, 1/2) mixture of
   * likelihoods is 1/alpha times that of p (Robbins 1970; Howard, Ramdas, McAuliffe and Sekhon
   * 2021, section 3.2, beta-binomial mixture).
   *
   * @param n trials, at least 0
   * @param k events, in [0, n]
   * @param alpha one minus the coverage, in (0, 1)
   * @return [0, 1] if there were no trials
   */
  public static Bounds proportion(double n, double k, double alpha) {
    if (!(k >= 0 && k <= n && n < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "events: " + k + " of " + n + " (expected: finite, 0 <= events <= trials)");
    }
    if (!(alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException("alpha: " + alpha + " (expected: in (0, 1))");
    }
    // Excluded where the likelihood has fallen by this much from its maximum.
    double drop = -StrictMath.log(alpha) - BetaBinomial.logMixture(n, k);
    return new Bounds(lowerEnd(n, k, drop), upperEnd(n, k, drop));
  }

  /**
   * ln of the evidence against a proportion p: mixture likelihood over that of p.
   *
   * @param p in (0, 1)
   */
  public static double proportionLogE(double n, double k, double p) {
    return BetaBinomial.logMixture(n, k) + BetaBinomial.divergence(n, k, p);
  }

  /**
   * Confidence sequence for a quantile of one arm, at the resolution of its cells: an edge is
   * excluded when the proportion of values above it is.
   *
   * @param values all values so far
   * @param q the quantile, in (0, 1)
   * @return from 0 to +Infinity if nothing can be said
   */
  public static Bounds quantile(DistributionAggregate values, double q, double alpha) {
    if (!(q > 0 && q < 1)) {
      throw new IllegalArgumentException("q: " + q + " (expected: in (0, 1))");
    }
    if (values.isEmpty()) {
      return new Bounds(0, Double.POSITIVE_INFINITY);
    }
    long n = values.count();
    long most = mostNotExcluded(n, 1 - q, alpha);
    long least = n - mostNotExcluded(n, q, alpha);
    // The quantile is above an edge with more than the most values above it, and not above an edge
    // with fewer than the least.
    double lower = most == n ? 0 : values.rankLower(n - most);
    double upper = least == 0 ? Double.POSITIVE_INFINITY : values.rankUpper(n - least + 1);
    return new Bounds(lower, upper);
  }

  /** Anytime-valid p-value of an e-process: at most 1 / (largest e-value so far). */
  public static double pValue(double maxLogE) {
    return Math.min(1, StrictMath.exp(-maxLogE));
  }

  /**
   * Anytime-valid p-value of a tempered e-process, whose line is 1 + 1/alpha: the smallest alpha at
   * which it crossed.
   */
  public static double temperedPValue(double maxLogE) {
    double excess = StrictMath.expm1(maxLogE);
    return excess > 1 ? 1 / excess : 1;
  }

  /** The p below k/n at which the likelihood has fallen by {@code drop}. */
  private static double lowerEnd(double n, double k, double drop) {
    if (k == 0) {
      return 0;
    }
    if (k == n) {
      return StrictMath.exp(-drop / n);
    }
    double start = k / n * StrictMath.exp(-StrictMath.sqrt(2 * drop * (n - k) / n / k));
    return solve(n, k, drop, start);
  }

  /** The p above k/n at which the likelihood has fallen by {@code drop}. */
  private static double upperEnd(double n, double k, double drop) {
    if (k == n) {
      return 1;
    }
    if (k == 0) {
      return -StrictMath.expm1(-drop / n);
    }
    boolean belowHalf = k < n / 2 && BetaBinomial.divergence(n, k, 0.5) > drop;
    if (!belowHalf) {
      return 1 - lowerEnd(n, n - k, drop);
    }
    double start = k / n * StrictMath.exp(StrictMath.sqrt(2 * drop * (n - k) / n / k));
    return solve(n, k, drop, Math.min(start, 0.5));
  }

  /**
   * Newton's method for ln p. The divergence is convex in ln p, so that from the second step on the
   * end is approached from outside and never passed.
   */
  private static double solve(double n, double k, double drop, double start) {
    double p = start;
    for (int i = 0; i < MAX_STEPS; i++) {
      double slope = (n * p - k) / (1 - p);
      double step = (BetaBinomial.divergence(n, k, p) - drop) / slope;
      p = Math.min(p * StrictMath.exp(-step), 0.5 + 0.5 * p);
      if (!(Math.abs(step) > LAST_STEP)) {
        break;
      }
    }
    return p;
  }

  /**
   * The largest number of events in n trials that does not exclude the proportion p below it.
   *
   * <p>A guess, improved by two steps of Newton's method, is nearly always one of the two numbers
   * beside the end; what it is does not matter for the result.
   */
  static long mostNotExcluded(long n, double p, double alpha) {
    double line = -StrictMath.log(alpha);
    double trials = (double) n;
    long low = Math.clamp((long) (trials * p), 0, n); // near the middle: never excluded
    long high = n + 1; // stands for excluded
    double drop = line - BetaBinomial.logMixture(trials, (double) low);
    double guess = trials * p + Math.sqrt(2 * Math.max(drop, 0) * trials * p * (1 - p));
    for (int i = 0; i < 2 && guess < trials; i++) {
      double slope = StrictMath.log(guess / (trials - guess) * ((1 - p) / p));
      guess -= (proportionLogE(trials, guess, p) - line) / slope;
    }
    long next = Math.clamp((long) guess, low, n);
    for (long step = 1; high - low > 1; step *= 2) {
      if (proportionLogE(trials, (double) next, p) < line) {
        low = next;
        next = Math.min(low + step, high - 1);
      } else {
        high = next;
        next = Math.max(high - step, low + 1);
      }
      if (step > 8) {
        break;
      }
    }
    while (high - low > 1) {
      long middle = low + (high - low) / 2;
      if (proportionLogE(trials, (double) middle, p) < line) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
