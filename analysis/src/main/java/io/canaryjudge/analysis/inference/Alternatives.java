package io.canaryjudge.analysis.inference;

/**
 * The effects that evidence looks for: a grid of multipliers m of the rate (or of its odds) allowed
 * by the tolerance. An e-process for each alternative is mixed with equal weights, which costs at
 * most ln 16 = 2.8 nats against knowing the effect. The grid steers power only, never validity.
 */
public final class Alternatives {
  /** Number of alternatives in each grid. */
  public static final int SIZE = 16;

  /** Beyond the tolerance, m from 1.083 to 100: evidence of harm. */
  public static final Alternatives UP = new Alternatives(0.08, StrictMath.log(100), 1);

  /** Within the tolerance, m from 0.951 to 0.02: evidence that harm is excluded. */
  public static final Alternatives DN = new Alternatives(0.05, StrictMath.log(50), -1);

  private final double[] logMultipliers = new double[SIZE];
  private final double[] excesses = new double[SIZE];

  /** Geometric steps of |ln m| from {@code first} to {@code last}. */
  private Alternatives(double first, double last, int sign) {
    for (int j = 0; j < SIZE; j++) {
      double size = first * StrictMath.pow(last / first, j / (SIZE - 1.0));
      logMultipliers[j] = sign * size;
      excesses[j] = StrictMath.expm1(logMultipliers[j]);
    }
  }

  /** The j-th multiplier m, for j in [0, {@link #SIZE}). */
  public double multiplier(int j) {
    return StrictMath.exp(logMultipliers[j]);
  }

  /** ln m of the j-th alternative. */
  double logMultiplier(int j) {
    return logMultipliers[j];
  }

  /** m - 1 of the j-th alternative, without the loss of digits near m = 1. */
  double excess(int j) {
    return excesses[j];
  }
}
