package io.canaryjudge.analysis.aggregate;

import java.math.BigInteger;

/**
 * Where the cells of exponential histograms begin and end.
 *
 * <p>At scale {@code s} cell {@code i} is {@code (2^(i 2^-s), 2^((i+1) 2^-s)]}, as in
 * OpenTelemetry's exponential histograms; so the edges of a scale are among those of every finer
 * one. Edges are irrational unless they are powers of two. They are rounded <em>down</em> to a
 * double here: a double is above the true edge if and only if it is above the rounded one, so
 * comparisons with the rounded edge are exact. Only integer arithmetic decides, hence every machine
 * agrees.
 */
final class ExponentialEdges {
  /** The finest scale kept: cells grow by 2^(1/64) = 1.0109, values are known to 0.55 %. */
  static final int FINEST_SCALE = 6;

  /** The coarsest scale: one cell covers a factor 2^1024. */
  static final int COARSEST_SCALE = -10;

  private static final int CELLS_PER_OCTAVE = 1 << FINEST_SCALE;
  private static final long MANTISSA_MASK = (1L << 52) - 1;
  private static final int SUBNORMAL_SHIFT = 128;

  /** 2^(j/64) rounded down, for j in 0..64. */
  private static final double[] OCTAVE = octave();

  /** The 52 stored bits of {@link #OCTAVE}; the last, 2.0, is past every mantissa. */
  private static final long[] OCTAVE_MANTISSA = octaveMantissa();

  /** For the leading 6 bits of a mantissa, a cell at or below every cell with those bits. */
  private static final int[] FIRST_GUESS = firstGuess();

  private ExponentialEdges() {}

  /**
   * The cell, at {@link #FINEST_SCALE}, that contains a value.
   *
   * @param value finite and > 0
   */
  static int index(double value) {
    if (value < Double.MIN_NORMAL) {
      return index(value * 0x1p128) - SUBNORMAL_SHIFT * CELLS_PER_OCTAVE;
    }
    long bits = Double.doubleToRawLongBits(value);
    long mantissa = bits & MANTISSA_MASK;
    int cell = FIRST_GUESS[(int) (mantissa >>> 46)];
    while (mantissa > OCTAVE_MANTISSA[cell + 1]) {
      cell++;
    }
    return (int) ((bits >>> 52) - 1023) * CELLS_PER_OCTAVE + cell;
  }

  /** The cell at a scale of at most {@link #FINEST_SCALE} that contains a value > 0. */
  static int index(double value, int scale) {
    return index(value) >> (FINEST_SCALE - scale);
  }

  /**
   * Lower edge of a cell, which is the upper edge of the one before.
   *
   * @return 2^(index 2^-scale) rounded down; 0 or +Infinity beyond the range of a double
   */
  static double lowerEdge(int index, int scale) {
    long finest = (long) index << (FINEST_SCALE - scale);
    long exponent = finest >> FINEST_SCALE;
    if (exponent > Double.MAX_EXPONENT) {
      return Double.POSITIVE_INFINITY;
    }
    double edge = OCTAVE[(int) (finest & (CELLS_PER_OCTAVE - 1))];
    if (exponent >= Double.MIN_EXPONENT) {
      return edge * Double.longBitsToDouble((exponent + 1023) << 52); // exact
    }
    return exponent < -1100 ? 0 : Math.scalb(edge, (int) exponent);
  }

  private static double[] octave() {
    double[] octave = new double[CELLS_PER_OCTAVE + 1];
    for (int j = 0; j <= CELLS_PER_OCTAVE; j++) {
      double edge = StrictMath.pow(2, (double) j / CELLS_PER_OCTAVE);
      while (isAbove(edge, j)) {
        edge = Math.nextDown(edge);
      }
      while (!isAbove(Math.nextUp(edge), j)) {
        edge = Math.nextUp(edge);
      }
      octave[j] = edge;
    }
    return octave;
  }

  /** Whether value, in [1, 2], is above 2^(j/64): (2^52 value)^64 > 2^(52 * 64 + j). */
  private static boolean isAbove(double value, int j) {
    BigInteger scaled = BigInteger.valueOf((long) (value * 0x1p52));
    return scaled
            .pow(CELLS_PER_OCTAVE)
            .compareTo(BigInteger.ONE.shiftLeft(52 * CELLS_PER_OCTAVE + j))
        > 0;
  }

  private static long[] octaveMantissa() {
    long[] mantissa = new long[CELLS_PER_OCTAVE + 1];
    for (int j = 0; j < CELLS_PER_OCTAVE; j++) {
      mantissa[j] = Double.doubleToRawLongBits(OCTAVE[j]) & MANTISSA_MASK;
    }
    mantissa[CELLS_PER_OCTAVE] = 1L << 52;
    return mantissa;
  }

  private static int[] firstGuess() {
    int[] guess = new int[CELLS_PER_OCTAVE];
    for (int i = 0; i < guess.length; i++) {
      long smallest = (long) i << 46;
      int cell = -1; // 1.0 itself closes the last cell of the octave below
      while (smallest > OCTAVE_MANTISSA[cell + 1]) {
        cell++;
      }
      guess[i] = cell;
    }
    return guess;
  }
}
