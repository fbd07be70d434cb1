package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Aggregate;
import io.canaryjudge.analysis.aggregate.AggregateCodec;
import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Whether both arms are fed by the same series: then nothing was compared, and GO would be for a
 * canary that nobody has looked at. Withholds GO, never NO_GO.
 *
 * <p>The arms of a window are the same if in each metric that has data their instances' aggregates
 * are, whatever the instances' names. How much that says is bounded by the chance that honest arms
 * come out the same, given how many requests there were and all of one arm: see "Two arms fed by
 * the same series" in docs/statistics.md. Requests that all fare alike say nothing, since a regular
 * load gives equal numbers of them; nor does a window that repeats the one before. Mutable, with a
 * single owner.
 */
public final class IdenticalArms {
  /** Chance below which it is no chance. */
  static final double LOG_LINE = StrictMath.log(1e-12);

  /** The most that a single window says, so that it takes three at least. */
  static final double LOG_WINDOW = StrictMath.log(1e-5);

  /** So many windows in a row, with so many requests in each arm, are worth a word in any case. */
  static final int SUSPECTED_WINDOWS = 12;

  static final long SUSPECTED_REQUESTS = 100;

  private static final int FORMAT = 1;
  private static final double LOG_HALF = StrictMath.log(0.5);

  private final int metrics;

  // Of the windows since the arms last differed:
  private long windows;
  private long requests;
  private long telling;
  private double logChance;
  private long content; // of the last of them

  private long toOffset; // windows that have to differ before GO

  IdenticalArms(int metrics) {
    this.metrics = metrics;
  }

  /**
   * Whether the arms were the same beyond chance, and as many windows have not differed since. What
   * the run learned in the meantime, it learned about one arm.
   */
  public boolean beyondChance() {
    return toOffset > 0;
  }

  /** Whether it is so, or looks so: numbers alone may be equal because the load is regular. */
  public boolean suspected() {
    return beyondChance() || (windows >= SUSPECTED_WINDOWS && requests >= SUSPECTED_REQUESTS);
  }

  /** Takes a window that was received whole, and the requests that each arm had in it. */
  void add(WindowAggregate window, long baseline, long canary) {
    if (baseline != canary) {
      differ();
      return;
    }
    CRC32C crc = new CRC32C();
    boolean traffic = false;
    double log = 0;
    for (int metric = 0; metric < metrics; metric++) {
      List<Aggregate> one = aggregates(window, metric, Arm.BASELINE);
      List<Aggregate> other = aggregates(window, metric, Arm.CANARY);
      if (one.size() != other.size()) {
        differ();
        return;
      }
      if (!one.isEmpty()) {
        byte[][] bytes = sorted(one);
        if (!Arrays.deepEquals(bytes, sorted(other))) {
          differ();
          return;
        }
        traffic = true;
        log = Math.min(log, logChance(one));
        crc.update(metric);
        for (byte[] aggregate : bytes) {
          crc.update(aggregate);
        }
      }
    }
    if (traffic) {
      agree(canary, log, crc.getValue());
    }
  }

  void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    out.writeLong(windows);
    out.writeLong(requests);
    out.writeLong(telling);
    out.writeDouble(logChance);
    out.writeLong(content);
    out.writeLong(toOffset);
  }

  void read(DataInput in) throws IOException {
    StateFormat.check("identical arms", FORMAT, in);
    windows = in.readLong();
    requests = in.readLong();
    telling = in.readLong();
    logChance = in.readDouble();
    content = in.readLong();
    toOffset = in.readLong();
  }

  private void agree(long moreRequests, double log, long newContent) {
    boolean repeated = windows == 0 || newContent == content;
    windows++;
    requests += moreRequests;
    content = newContent;
    if (repeated || log == 0) {
      return;
    }
    telling++;
    logChance += Math.max(log, LOG_WINDOW);
    if (toOffset > 0) {
      toOffset++;
    } else if (logChance <= LOG_LINE) {
      toOffset = telling;
    }
  }

  private void differ() {
    windows = 0;
    requests = 0;
    telling = 0;
    logChance = 0;
    content = 0;
    toOffset = Math.max(0, toOffset - 1);
  }

  /**
   * How likely it is, at most, that an arm comes out as the other: that any of its instances sends
   * what the most peculiar one of the other sent, and 1/2 as soon as one has two outcomes.
   */
  private static double logChance(List<Aggregate> instances) {
    double least = 0;
    for (Aggregate instance : instances) {
      least = Math.min(least, instance.logChance());
    }
    return least == 0 ? 0 : Math.min(LOG_HALF, least + StrictMath.log((double) instances.size()));
  }

  private static List<Aggregate> aggregates(WindowAggregate window, int metric, Arm arm) {
    List<Aggregate> aggregates = new ArrayList<>();
    for (WindowAggregate.Entry entry : window.entries(metric, arm)) {
      if (!entry.aggregate().isEmpty()) {
        aggregates.add(entry.aggregate());
      }
    }
    return aggregates;
  }

  /** The contents without the names, in an order of their own. */
  private static byte[][] sorted(List<Aggregate> aggregates) {
    byte[][] bytes = new byte[aggregates.size()][];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = AggregateCodec.encode(aggregates.get(i));
    }
    Arrays.sort(bytes, Arrays::compare);
    return bytes;
  }
}
