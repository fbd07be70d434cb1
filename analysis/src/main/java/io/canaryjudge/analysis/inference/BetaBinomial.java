package io.canaryjudge.analysis.inference;

/**
 * Likelihoods of binomial counts, written so that they keep their digits for 1e12 trials: relative
 * to the maximum likelihood, as in Loader (2000), "Fast and accurate computation of binomial
 * probabilities".
 */
final class BetaBinomial {
  private static final double HALF_LOG_TWO_PI = 0.5 * StrictMath.log(2 * Math.PI);
  private static final double LOG_PI = StrictMath.log(Math.PI);

  /** From here on a Stirling series with four terms is exact to the last bits. */
  private static final int SERIES_FROM = 32;

  private BetaBinomial() {}

  /**
   * ln of the Beta(1/2, 1/2) mixture of likelihoods of k events in n trials, over the likelihood at
   * p = k/n: ln B(k + 1/2, n - k + 1/2) - ln B(1/2, 1/2) - k ln(k/n) - (n - k) ln((n - k)/n).
   */
  static double logMixture(double n, double k) {
    if (n == 0) {
      return 0;
    }
    return HALF_LOG_TWO_PI
        - LOG_PI
        - 0.5 * StrictMath.log(n)
        + halfRemainder(k)
        + halfRemainder(n - k)
        - remainder(n);
  }

  /** ln of the likelihood at k/n over that at p in (0, 1): n times their divergence, at least 0. */
  static double divergence(double n, double k, double p) {
    return deviance(k, n * p) + deviance(n - k, n * (1 - p));
  }

  /** x ln(x/m) + m - x, for x >= 0 and m > 0. */
  private static double deviance(double x, double m) {
    if (x == 0) {
      return m;
    }
    double excess = (m - x) / x;
    double log = Math.abs(excess) < 0.5 ? StrictMath.log1p(excess) : StrictMath.log(m / x);
    return x * (excess - log);
  }

  /** ln Gamma(k + 1/2) - (k ln k - k + ln(2 pi)/2). */
  private static double halfRemainder(double k) {
    double z = k;
    double shift = 0;
    if (z < SERIES_FROM) {
      // Gamma(z + 1/2) = Gamma(z + steps + 1/2) / ((z + 1/2)(z + 3/2) ...)
      double product = 1;
      while (z < SERIES_FROM) {
        product *= z + 0.5;
        z++;
      }
      shift = z * StrictMath.log(z) - z - StrictMath.log(product) - (xLogX(k) - k);
    }
    double square = z * z;
    double series =
        (-1.0 / 24 + (7.0 / 2880 + (-31.0 / 40320 + 127.0 / 215040 / square) / square) / square)
            / z;
    return shift + series;
  }

  /** ln n! - (n ln n - n + ln(2 pi n)/2), for n > 0. */
  private static double remainder(double n) {
    double z = n;
    double shift = 0;
    if (z < SERIES_FROM) {
      double product = 1;
      while (z < SERIES_FROM) {
        z++;
        product *= z;
      }
      shift =
          (z + 0.5) * StrictMath.log(z)
              - z
              - StrictMath.log(product)
              - ((n + 0.5) * StrictMath.log(n) - n);
    }
    double square = z * z;
    double series =
        (1.0 / 12 + (-1.0 / 360 + (1.0 / 1260 - 1.0 / 1680 / square) / square) / square) / z;
    return shift + series;
  }

  private static double xLogX(double x) {
    return x == 0 ? 0 : x * StrictMath.log(x);
  }
}
