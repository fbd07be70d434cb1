package io.canaryjudge.analysis.inference;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Confidence sequence for the ratio of the canary's to the baseline's event rate, on a grid of 129
 * ratios from 2^-8 to 2^8 in steps of 2^(1/8).
 *
 * <p>Given the events of a window, each is the canary's with probability nC r / (nC r + nB) (as in
 * {@link LogFactors#ratio}). A ratio is excluded when the mean likelihood of all ratios is 1/alpha
 * times its own; the reported ends are one step further out, so that nothing between two grid
 * points is missed. Mutable, with a single owner.
 */
public final class RatioInterval {
  /** Number of grid points. */
  static final int SIZE = 129;

  /** The grid point of ratio 1. */
  static final int MIDDLE = 64;

  private static final int FORMAT = 1;
  private static final double LOG_STEP = StrictMath.log(2) / 8;
  private static final double LOG_SIZE = StrictMath.log(SIZE);
  private static final double[] EXCESS = excess();

  private double canaryEvents;

  /** For each ratio r, the sum of k ln((nC r + nB) / (nC + nB)) over all windows. */
  private final double[] sums = new double[SIZE];

  /** No counts yet. */
  public RatioInterval() {}

  /** Adds the counts of a window; one without requests in an arm, or without events, adds none. */
  public void add(double nC, double kC, double nB, double kB) {
    double k = kC + kB;
    if (nC == 0 || nB == 0 || k == 0) {
      return;
    }
    canaryEvents += kC;
    double share = nC / (nC + nB);
    for (int i = 0; i < SIZE; i++) {
      sums[i] += k * StrictMath.log1p(share * EXCESS[i]);
    }
  }

  /**
   * The interval.
   *
   * @param alpha one minus the coverage, in (0, 1)
   * @param phi variance inflation, at least 1
   * @return 0 and +Infinity stand for ends beyond the grid
   */
  public Bounds bounds(double alpha, double phi) {
    if (!(alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException("alpha: " + alpha + " (expected: in (0, 1))");
    }
    double line = -StrictMath.log(alpha);
    double mean = logMean(phi);
    int first = 0;
    while (mean - logLikelihood(first) / phi >= line) {
      first++;
    }
    int last = SIZE - 1;
    while (mean - logLikelihood(last) / phi >= line) {
      last--;
    }
    return new Bounds(
        first == 0 ? 0 : ratio(first - 1),
        last == SIZE - 1 ? Double.POSITIVE_INFINITY : ratio(last + 1));
  }

  /** ln of the evidence against the ratio of grid point i. */
  double logE(int i, double phi) {
    return logMean(phi) - logLikelihood(i) / phi;
  }

  /** The ratio of grid point i. */
  static double ratio(int i) {
    return StrictMath.exp((i - MIDDLE) * LOG_STEP);
  }

  /** Writes the state, to be read with {@link #read}. */
  public void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    out.writeDouble(canaryEvents);
    StateFormat.write(sums, out);
  }

  /** Reads what {@link #write} wrote. */
  public static RatioInterval read(DataInput in) throws IOException {
    StateFormat.check("ratio interval", FORMAT, in);
    RatioInterval interval = new RatioInterval();
    interval.canaryEvents = in.readDouble();
    StateFormat.read(interval.sums, in);
    return interval;
  }

  /** ln of the likelihood of grid point i over that of ratio 1. */
  private double logLikelihood(int i) {
    return canaryEvents * ((i - MIDDLE) * LOG_STEP) - sums[i];
  }

  private double logMean(double phi) {
    double max = logLikelihood(0);
    for (int i = 1; i < SIZE; i++) {
      max = Math.max(max, logLikelihood(i));
    }
    double sum = 0;
    for (int i = 0; i < SIZE; i++) {
      double below = (logLikelihood(i) - max) / phi;
      if (below >= -LogSpace.NEGLIGIBLE) {
        sum += Exponential.exp(below);
      }
    }
    return max / phi + StrictMath.log(sum) - LOG_SIZE;
  }

  private static double[] excess() {
    double[] excess = new double[SIZE];
    for (int i = 0; i < SIZE; i++) {
      excess[i] = StrictMath.expm1((i - MIDDLE) * LOG_STEP);
    }
    return excess;
  }
}
