package io.canaryjudge.analysis.inference;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * About how long until evidence reaches its line, if it goes on growing as in the second half of
 * the run so far. A report only; nothing is decided on it. Mutable, with a single owner.
 *
 * <p>Keeps the log e-values of at most 64 moments, evenly spread: when it is full, every second one
 * is dropped and the spacing doubled.
 */
public final class ExpectedTime {
  private static final int FORMAT = 1;
  private static final int CAPACITY = 64;

  private long windows;
  private long spacing = 1;
  private int size;
  private final double[] history = new double[CAPACITY]; // after (i + 1) * spacing windows
  private double latest;

  /** No window yet. */
  public ExpectedTime() {}

  /** Notes the log e-value after one more window. */
  public void add(double logE) {
    windows++;
    latest = logE;
    if (windows % spacing != 0) {
      return;
    }
    if (size == CAPACITY) {
      for (int i = 0; i < CAPACITY / 2; i++) {
        history[i] = history[2 * i + 1];
      }
      size = CAPACITY / 2;
      spacing *= 2;
      if (windows % spacing != 0) {
        return;
      }
    }
    history[size] = logE;
    size++;
  }

  /**
   * Windows until the line is reached: (line - now) / rate, with the rate of growth since half of
   * the time.
   *
   * @param line the log e-value to reach
   * @return 0 if it is reached, +Infinity if the evidence does not grow
   */
  public double windowsUntil(double line) {
    if (windows > 0 && latest >= line) {
      return 0;
    }
    double half = windows / 2.0;
    double rate = (latest - at(half)) / (windows - half);
    return rate > 0 ? (line - latest) / rate : Double.POSITIVE_INFINITY;
  }

  /** Writes the state, to be read with {@link #read}. */
  public void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    out.writeLong(windows);
    out.writeLong(spacing);
    out.writeInt(size);
    StateFormat.write(history, size, out);
    out.writeDouble(latest);
  }

  /** Reads what {@link #write} wrote. */
  public static ExpectedTime read(DataInput in) throws IOException {
    StateFormat.check("expected time", FORMAT, in);
    ExpectedTime time = new ExpectedTime();
    time.windows = in.readLong();
    time.spacing = in.readLong();
    time.size = StateFormat.readInt("history", 0, CAPACITY, in);
    StateFormat.read(time.history, time.size, in);
    time.latest = in.readDouble();
    return time;
  }

  /** The log e-value after so many windows, interpolated; 0 at the beginning. */
  private double at(double window) {
    double place = window / spacing - 1;
    int below = (int) Math.floor(place);
    double from = below < 0 ? 0 : history[Math.min(below, size - 1)];
    double to = size == 0 ? latest : history[Math.min(below + 1, size - 1)];
    return from + (to - from) * (place - below);
  }
}
