package io.canaryjudge.analysis.inference;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * In how many of the minutes with baseline traffic the canary was seen, from the first one in which
 * it was. A missing scrape counts against it, a quiet window does not. Withholds GO, never NO_GO.
 * Mutable, with a single owner.
 */
public final class Coverage {
  private static final int FORMAT = 1;
  private static final long NEVER = -1;

  private final int windowsPerMinute;
  private long windows;
  private long expected;
  private long covered;
  private long lastCanary = NEVER;
  private boolean baselineThisMinute;
  private boolean canaryThisMinute;

  Coverage(int windowsPerMinute) {
    this.windowsPerMinute = windowsPerMinute;
  }

  /**
   * Takes a window.
   *
   * @param baseline whether the baseline had traffic that tells something
   * @param canary whether the canary had traffic
   */
  void add(boolean baseline, boolean canary) {
    if (canary) {
      lastCanary = windows;
    }
    windows++;
    baselineThisMinute |= baseline;
    canaryThisMinute |= canary;
    if (windows % windowsPerMinute == 0) {
      if (baselineThisMinute && lastCanary != NEVER) {
        expected++;
        covered += canaryThisMinute ? 1 : 0;
      }
      baselineThisMinute = false;
      canaryThisMinute = false;
    }
  }

  /** Share of the whole minutes with baseline traffic that the canary was seen in; 1 if none. */
  public double share() {
    return expected == 0 ? 1 : (double) covered / expected;
  }

  /** Whether the canary was seen within the last minute. */
  public boolean canaryPresent() {
    return lastCanary != NEVER && windows - lastCanary <= windowsPerMinute;
  }

  void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    out.writeLong(windows);
    out.writeLong(expected);
    out.writeLong(covered);
    out.writeLong(lastCanary);
    out.writeBoolean(baselineThisMinute);
    out.writeBoolean(canaryThisMinute);
  }

  void read(DataInput in) throws IOException {
    StateFormat.check("coverage", FORMAT, in);
    windows = in.readLong();
    expected = in.readLong();
    covered = in.readLong();
    lastCanary = in.readLong();
    baselineThisMinute = in.readBoolean();
    canaryThisMinute = in.readBoolean();
  }
}
