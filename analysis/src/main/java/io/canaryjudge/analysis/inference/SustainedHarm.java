package io.canaryjudge.analysis.inference;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Evidence that the canary has been beyond a limit for a while: it comes from the last whole
 * minutes alone, and each of them has to be beyond the limit by its own rate.
 *
 * <p>One bet is placed on each minute at which such a time may begin, with weights that sum to 1;
 * the bets on times that have not yet begun are cash. So the sum over all of them is an e-process,
 * and the one bet that is looked at, on the time that began the required number of minutes ago, is
 * below it. Before any time can be over, the evidence is 1. Mutable, with a single owner.
 */
final class SustainedHarm implements HarmProcess {
  private static final int FORMAT = 1;

  private final Epochs epochs;
  private final int minutesNeeded;
  private final int windowsPerMinute;
  private final long possibleStarts; // 0 if unknown
  private final double limit;

  private final double[] sums = new double[Alternatives.SIZE];
  private final Deque<Minute> minutes = new ArrayDeque<>(); // whole ones, the oldest first
  private double total; // of the minute that goes on
  private double events;
  private long windows;

  /** A whole minute. */
  private static final class Minute {
    final double[] sums; // at its start
    final boolean beyond; // whether its rate was beyond the limit

    Minute(double[] sums, boolean beyond) {
      this.sums = sums;
      this.beyond = beyond;
    }
  }

  private double[] sumsAtStart = new double[Alternatives.SIZE]; // of the minute that goes on

  /**
   * No evidence yet.
   *
   * @param minutesNeeded for how many whole minutes the canary has to be beyond the limit
   * @param horizonWindows windows after which no evidence is wanted; 0 if there is no such number
   * @param limit the event rate that is the limit
   */
  SustainedHarm(
      Epochs epochs, int minutesNeeded, int windowsPerMinute, long horizonWindows, double limit) {
    this.epochs = epochs;
    this.minutesNeeded = minutesNeeded;
    this.windowsPerMinute = windowsPerMinute;
    this.possibleStarts = horizonWindows == 0 ? 0 : horizonWindows / windowsPerMinute + 1;
    this.limit = limit;
  }

  @Override
  public double[] sums(int condition) {
    return sums;
  }

  @Override
  public void snapshot() {}

  /** Takes the counts of a window, after its factors were added to the sums. */
  void endWindow(double windowTotal, double windowEvents) {
    total += windowTotal;
    events += windowEvents;
    windows++;
    if (windows % windowsPerMinute == 0) {
      minutes.addLast(new Minute(sumsAtStart, total > 0 && events > limit * total));
      if (minutes.size() > minutesNeeded) {
        minutes.removeFirst();
      }
      sumsAtStart = sums.clone();
      total = 0;
      events = 0;
    }
  }

  @Override
  public double logE(Tempering tempering) {
    if (minutes.size() < minutesNeeded) {
      return 0;
    }
    long start = windows / windowsPerMinute - minutesNeeded; // minutes before the time began
    double bet = Mixture.logE(sums, minutes.getFirst().sums, phiSince(start, tempering));
    double logE = logWeight(start) + bet;
    return everyMinuteBeyond() ? logE : Math.min(logE, 0);
  }

  @Override
  public double logBound() {
    return minutes.size() < minutesNeeded || !everyMinuteBeyond()
        ? 0
        : Math.max(0, Mixture.largestGain(sums, minutes.getFirst().sums));
  }

  @Override
  public void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    StateFormat.write(sums, out);
    StateFormat.write(sumsAtStart, out);
    out.writeDouble(total);
    out.writeDouble(events);
    out.writeLong(windows);
    out.writeInt(minutes.size());
    for (Minute minute : minutes) {
      StateFormat.write(minute.sums, out);
      out.writeBoolean(minute.beyond);
    }
  }

  @Override
  public void read(Epochs unused, DataInput in) throws IOException {
    StateFormat.check("sustained harm", FORMAT, in);
    StateFormat.read(sums, in);
    StateFormat.read(sumsAtStart, in);
    total = in.readDouble();
    events = in.readDouble();
    windows = in.readLong();
    int size = StateFormat.readInt("minutes", 0, minutesNeeded, in);
    minutes.clear();
    for (int i = 0; i < size; i++) {
      double[] atStart = new double[Alternatives.SIZE];
      StateFormat.read(atStart, in);
      minutes.addLast(new Minute(atStart, in.readBoolean()));
    }
  }

  private boolean everyMinuteBeyond() {
    for (Minute minute : minutes) {
      if (!minute.beyond) {
        return false;
      }
    }
    return true;
  }

  /** ln of the weight of the bet that begins after so many minutes. */
  private double logWeight(long start) {
    return possibleStarts == 0
        ? Epochs.openEndedLogWeight(start, 1)
        : start < possibleStarts
            ? -StrictMath.log((double) possibleStarts)
            : Double.NEGATIVE_INFINITY;
  }

  /** The inflation since that minute, or since the last retained snapshot before it. */
  private double phiSince(long minute, Tempering tempering) {
    long window = minute * windowsPerMinute;
    for (int k = epochs.size() - 1; k >= 0; k--) {
      if (epochs.startWindow(k) <= window) {
        return tempering.phi(k);
      }
    }
    return tempering.phi();
  }
}
