package io.canaryjudge.analysis.inference;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Whether requests are split between the arms as the traffic plan says. A split that is off means
 * that something other than chance decides who gets the canary, and a comparison of the arms then
 * compares different requests. Withholds GO.
 *
 * <p>The sequential multinomial test of Lindon and Malek (2022) for two arms: the Beta(1/2, 1/2)
 * mixture of likelihoods over that of the planned share, an e-process, at a level of 1e-4 for each
 * step. The first minute of a step is left out, since traffic does not move at once. Mutable, with
 * a single owner.
 */
final class SplitTest {
  static final double LEVEL = 1e-4;

  private static final int FORMAT = 1;
  private static final double LINE = -StrictMath.log(LEVEL);

  private final int settlingWindows;
  private double share = Double.NaN; // the canary's planned share of requests
  private long windows; // of this step
  private double total;
  private double canaryTotal;
  private double logE;

  SplitTest(int windowsPerMinute) {
    this.settlingWindows = windowsPerMinute;
  }

  /**
   * Another step has begun.
   *
   * @param weight the canary's planned share, in percent
   */
  void expect(double weight) {
    share = weight / 100;
    windows = 0;
    total = 0;
    canaryTotal = 0;
    logE = 0;
  }

  /** Takes the requests of a window that was received whole. */
  void add(long baseline, long canary) {
    windows++;
    if (windows > settlingWindows && share > 0 && share < 1) {
      total += baseline + canary;
      canaryTotal += canary;
      logE = Math.max(logE, Intervals.proportionLogE(total, canaryTotal, share));
    }
  }

  /** Whether the split of the present step is not the planned one. */
  boolean isOff() {
    return logE >= LINE;
  }

  void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    out.writeDouble(share);
    out.writeLong(windows);
    out.writeDouble(total);
    out.writeDouble(canaryTotal);
    out.writeDouble(logE);
  }

  void read(DataInput in) throws IOException {
    StateFormat.check("split test", FORMAT, in);
    share = in.readDouble();
    windows = in.readLong();
    total = in.readDouble();
    canaryTotal = in.readDouble();
    logE = in.readDouble();
  }
}
