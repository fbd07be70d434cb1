package io.canaryjudge.analysis.inference;

/**
 * The evidence of one window: log e-factors, added to the sums of all alternatives.
 *
 * <p>Each factor has expectation at most 1 under its null, whatever happened in earlier windows, so
 * the products (here, sums of logarithms) are e-processes: non-negative, with expectation at most 1
 * at every stopping time. With {@link Alternatives#UP} the null is "at most", with {@link
 * Alternatives#DN} "at least"; the same formulas serve both. Capping a factor keeps the property
 * and bounds what a single window can contribute.
 *
 * <p>Counts are doubles to allow interpolated ones: a fractional count k is valid too, because b^x
 * is convex in x and so at most 1 - x + x b for x in [0, 1]. Whole counts up to 1e12 keep a
 * relative accuracy of about 1e-12. A window without requests in an arm that the null is about adds
 * nothing.
 */
public final class LogFactors {
  private LogFactors() {}

  /**
   * One arm against a limit. Null: the event rate p is at most (DN: at least) {@code limit} in this
   * window.
   *
   * <p>Likelihood ratio of odds m L/(1-L) against L: ln f = k ln m - n ln(1 + L (m - 1)). Since
   * ln(1 + p (m - 1)) is concave in p, an uncapped product even guards the running mean of p
   * (Howard, Ramdas, McAuliffe and Sekhon 2021, section 3).
   *
   * @param n requests, at least 0
   * @param k events, in [0, n]
   * @param limit the rate L, in (0, 1)
   * @param cap most that is added for one alternative; +Infinity for none
   * @param sums the sums, one for each alternative
   */
  public static void limit(
      Alternatives alternatives, double n, double k, double limit, double cap, double[] sums) {
    checkCounts(n, k);
    checkRate("limit", limit);
    if (n == 0) {
      return;
    }
    for (int j = 0; j < Alternatives.SIZE; j++) {
      double factor =
          k * alternatives.logMultiplier(j) - n * StrictMath.log1p(limit * alternatives.excess(j));
      sums[j] += Math.min(factor, cap);
    }
  }

  /**
   * Ratio of two arms' rates. Null: the canary's rate is at most (DN: at least) {@code rho} times
   * the baseline's.
   *
   * <p>Given the number of events, each comes from the canary with probability at most theta = nC
   * rho / (nC rho + nB): ln f = kC ln m - (kC + kB) ln(1 + theta (m - 1)). The conditional test of
   * Lindon and Malek (2022) for Poisson counts; valid for Bernoulli counts too because 1 + x <= e^x
   * (see {@link #affine}, of which it is the case delta = 0). Nothing is assumed about the
   * baseline's rate, which may change from window to window, as may the split of the traffic.
   *
   * @param nC canary requests
   * @param kC canary events, in [0, nC]
   * @param nB baseline requests
   * @param kB baseline events, in [0, nB]
   * @param rho tolerated ratio, above 0
   */
  public static void ratio(
      Alternatives alternatives,
      double nC,
      double kC,
      double nB,
      double kB,
      double rho,
      double cap,
      double[] sums) {
    checkCounts(nC, kC);
    checkCounts(nB, kB);
    if (!(rho > 0 && rho < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("rho: " + rho + " (expected: finite and > 0)");
    }
    double k = kC + kB;
    if (nC == 0 || nB == 0 || k == 0) {
      return;
    }
    double theta = nC * rho / (nC * rho + nB);
    for (int j = 0; j < Alternatives.SIZE; j++) {
      double factor =
          kC * alternatives.logMultiplier(j) - k * StrictMath.log1p(theta * alternatives.excess(j));
      sums[j] += Math.min(factor, cap);
    }
  }

  /**
   * Margin with a relative and an absolute part. Null: the canary's rate is at most (DN: at least)
   * rho times the baseline's plus delta.
   *
   * <p>ln f = kC ln a + kB ln b - nC delta (a - 1) with b = 1 - rho s (a - 1) and s = nC/nB. For
   * independent Bernoulli or Poisson counts E a^k <= exp(n p (a - 1)), hence E f <= exp((a - 1) nC
   * (pC - rho pB - delta)), which is at most 1 on the null whatever the rates are. The weights a
   * and b are those of best growth at baseline rate {@code plugIn} and canary rate m (rho plugIn +
   * delta); a solves delta rho s a^2 - B a + C = 0.
   *
   * @param rho tolerated ratio, at least 0
   * @param delta tolerated absolute increase, at least 0; not 0 together with rho
   * @param plugIn a guess of the baseline's rate from earlier windows alone, above 0; see {@link
   *     #plugInRate}
   */
  public static void affine(
      Alternatives alternatives,
      double nC,
      double kC,
      double nB,
      double kB,
      double rho,
      double delta,
      double plugIn,
      double cap,
      double[] sums) {
    checkCounts(nC, kC);
    checkCounts(nB, kB);
    checkMargin(rho, delta);
    if (!(plugIn > 0 && plugIn < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("plugIn: " + plugIn + " (expected: finite and > 0)");
    }
    if (nC == 0 || nB == 0) {
      return;
    }
    double s = nC / nB;
    for (int j = 0; j < Alternatives.SIZE; j++) {
      double excessWeight = excessCanaryWeight(alternatives.excess(j), rho, delta, s, plugIn);
      double factor = kC * StrictMath.log1p(excessWeight) - nC * delta * excessWeight;
      if (kB > 0 && rho > 0) {
        double rate = (1 + alternatives.excess(j)) * (rho * plugIn + delta);
        factor += kB * logBaselineWeight(excessWeight, rate, rho, delta, s, plugIn);
      }
      sums[j] += Math.min(factor, cap);
    }
  }

  /**
   * The guess of the baseline's rate that {@link #affine} needs.
   *
   * @param nB baseline requests in all earlier windows
   * @param kB baseline events in all earlier windows
   * @param delta the absolute part of the margin, in [0, 1)
   */
  public static double plugInRate(double nB, double kB, double delta) {
    return (kB + 1) / (nB + 1 / Math.max(delta, 1e-3));
  }

  /**
   * Two arms' shares of events. Null: the canary's probability is at most (DN: at least) the
   * baseline's; exact for independent Bernoulli counts, at any split.
   *
   * <p>Likelihood ratio of (p1, p2) with odds ratio m against the common p0 = (nC p1 + nB p2) / (nC
   * + nB): the e-variable of Turner, Ly and Grunwald (2024); it is monotone in both true
   * probabilities, so it holds for the one-sided null. If {@code share} is off, only power suffers.
   * With g = (m - 1) s / Q, Q = 1 + (m - 1)(1 - s) p2 and s = nC / (nC + nB) the four logarithms
   * become ln f = kC ln m - (kC + kB) ln(1 + g) - nC ln Q + nB ln(1 + p2 g), which loses no digits
   * when one arm is tiny.
   *
   * @param share the baseline's probability p2 for which power is best, in (0, 1)
   */
  public static void exceedance(
      Alternatives alternatives,
      double nC,
      double kC,
      double nB,
      double kB,
      double share,
      double cap,
      double[] sums) {
    checkCounts(nC, kC);
    checkCounts(nB, kB);
    checkRate("share", share);
    if (nC == 0 || nB == 0) {
      return;
    }
    double s = nC / (nC + nB);
    double baselinePart = nB / (nC + nB) * share;
    for (int j = 0; j < Alternatives.SIZE; j++) {
      double excess = alternatives.excess(j);
      double q = baselinePart * excess;
      double g = excess * s / (1 + q);
      double factor =
          kC * alternatives.logMultiplier(j)
              - (kC + kB) * StrictMath.log1p(g)
              - nC * StrictMath.log1p(q)
              + nB * StrictMath.log1p(share * g);
      sums[j] += Math.min(factor, cap);
    }
  }

  /**
   * a - 1 of {@link #affine}. With x = a - 1 the equation is A x^2 - (B - 2A) x + (m - 1)(rho pB +
   * delta) = 0, and the smaller root is wanted; written so that nothing cancels.
   */
  static double excessCanaryWeight(
      double excess, double rho, double delta, double s, double plugIn) {
    double allowed = rho * plugIn + delta;
    double square = delta * rho * s;
    double linear = delta + rho * plugIn + rho * s * (allowed * (1 + excess) - delta);
    double constant = excess * allowed;
    double root = Math.sqrt(Math.max(linear * linear - 4 * square * constant, 0));
    return linear >= 0 ? 2 * constant / (linear + root) : (linear - root) / (2 * square);
  }

  /** ln b of {@link #affine}, for rho > 0; near b = 0 from the condition of best growth. */
  static double logBaselineWeight(
      double excessWeight, double rate, double rho, double delta, double s, double plugIn) {
    double minusExcess = -rho * s * excessWeight;
    return minusExcess > -0.5
        ? StrictMath.log1p(minusExcess)
        : StrictMath.log(rho * plugIn / (rate / (1 + excessWeight) - delta));
  }

  private static void checkCounts(double n, double k) {
    if (!(k >= 0 && k <= n && n < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "events: " + k + " of " + n + " (expected: finite, 0 <= events <= requests)");
    }
  }

  private static void checkRate(String field, double rate) {
    if (!(rate > 0 && rate < 1)) {
      throw new IllegalArgumentException(field + ": " + rate + " (expected: in (0, 1))");
    }
  }

  private static void checkMargin(double rho, double delta) {
    if (!(rho >= 0 && delta >= 0 && rho + delta > 0 && rho + delta < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "rho, delta: " + rho + ", " + delta + " (expected: finite, >= 0, and not both 0)");
    }
  }
}
