package io.canaryjudge.analysis.aggregate;

/**
 * How likely just these outcomes are, at most: the greatest probability that independent requests
 * come out this way, over all probabilities that the outcomes could have. Mutable, with a single
 * owner.
 *
 * <p>n!/(k1! k2! ...) (k1/n)^k1 (k2/n)^k2 ..., by Stirling's bounds at most e^(1/(12 n)) sqrt(2 pi
 * n) over the product of all sqrt(2 pi k). As soon as there are two outcomes it is also at most
 * 1/2, as any one value in 1 to n - 1 of a binomial variable is.
 */
final class LogChance {
  private static final double HALF = StrictMath.log(0.5);

  private long total;
  private int outcomes;
  private double logRoots;

  /** Counts how often another outcome was seen, at least 0 times. */
  void add(long count) {
    if (count > 0) {
      total += count;
      outcomes++;
      logRoots += logRoot(count);
    }
  }

  /** Natural logarithm of the chance, at most 0; 0 if all came out the same way. */
  double log() {
    return outcomes < 2 ? 0 : Math.min(HALF, 1 / (12.0 * total) + logRoot(total) - logRoots);
  }

  private static double logRoot(long count) {
    return StrictMath.log(2 * Math.PI * count) / 2;
  }
}
