package io.canaryjudge.analysis.inference;

/**
 * The exponential function for arguments that are not positive: about three times as fast as {@link
 * StrictMath#exp}, and like it the same to the bit on every machine. Reading evidence is little
 * else than this function, some 800 times for each e-process.
 *
 * <p>With x = (64 e + j) ln 2 / 64 + r, |r| <= ln 2 / 128, e^x = 2^e 2^(j/64) e^r (Tang 1989,
 * "Table-driven implementation of the exponential function in IEEE floating-point arithmetic"). Off
 * by at most 2 units in the last place.
 */
final class Exponential {
  private static final int STEPS = 64;

  /** Makes the sum of a number and this hold the number, rounded to an integer, in its low bits. */
  private static final double ROUNDER = 0x1.8p52;

  private static final double STEPS_PER_LOG_2 = STEPS / StrictMath.log(2);

  /** ln 2 / 64 in two parts, the first with so few bits that its multiples are exact. */
  private static final double STEP_HIGH = 0x1.62e42fefp-7;

  private static final double STEP_LOW = 0x1.473de6af278edp-40;

  private static final double[] POWERS = powers();

  private Exponential() {}

  /** e^x for x <= 0, and 0 below -700. */
  static double exp(double x) {
    if (!(x >= -700)) {
      return Double.isNaN(x) ? x : 0;
    }
    double rounded = x * STEPS_PER_LOG_2 + ROUNDER;
    double steps = rounded - ROUNDER;
    long number = Double.doubleToRawLongBits(rounded);
    double r = (x - steps * STEP_HIGH) - steps * STEP_LOW;
    double square = r * r;
    double tail = r + square * (0.5 + r * (1.0 / 6) + square * (1.0 / 24 + r * (1.0 / 120)));
    double power = POWERS[(int) number & (STEPS - 1)];
    long exponent = (long) ((int) number >> 6) << 52;
    return Double.longBitsToDouble(Double.doubleToRawLongBits(power + power * tail) + exponent);
  }

  private static double[] powers() {
    double[] powers = new double[STEPS];
    for (int j = 0; j < STEPS; j++) {
      powers[j] = StrictMath.pow(2, (double) j / STEPS);
    }
    return powers;
  }
}
