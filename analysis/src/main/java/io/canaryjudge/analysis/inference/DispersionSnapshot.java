package io.canaryjudge.analysis.inference;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** What {@link Dispersion} has to know of an earlier moment. */
final class DispersionSnapshot {
  private static final double[] NONE = {};

  /** The beginning of the run. */
  static final DispersionSnapshot BEGINNING =
      new DispersionSnapshot(
          0, new double[Dispersion.SCALES * Dispersion.TIME_SUMS], NONE, NONE, NONE, NONE, 1);

  /** Windows folded by then. */
  final long windows;

  /** The sums over blocks of time by then, {@link Dispersion#TIME_SUMS} of each scale. */
  final double[] timeSums;

  /** Requests and events of each instance by then. */
  final double[] canaryTotals;

  final double[] canaryEvents;
  final double[] baselineTotals;
  final double[] baselineEvents;

  /** The inflation over time from the beginning until then. */
  final double overTimeBefore;

  /** Requests of each arm, and events of both, by then. */
  final double canaryTotal;

  final double baselineTotal;
  final double events;

  DispersionSnapshot(
      long windows,
      double[] timeSums,
      double[] canaryTotals,
      double[] canaryEvents,
      double[] baselineTotals,
      double[] baselineEvents,
      double overTimeBefore) {
    this.windows = windows;
    this.timeSums = timeSums;
    this.canaryTotals = canaryTotals;
    this.canaryEvents = canaryEvents;
    this.baselineTotals = baselineTotals;
    this.baselineEvents = baselineEvents;
    this.overTimeBefore = overTimeBefore;
    this.canaryTotal = sum(canaryTotals);
    this.baselineTotal = sum(baselineTotals);
    this.events = sum(canaryEvents) + sum(baselineEvents);
  }

  void write(DataOutput out) throws IOException {
    out.writeLong(windows);
    StateFormat.write(timeSums, out);
    out.writeInt(canaryTotals.length);
    StateFormat.write(canaryTotals, out);
    StateFormat.write(canaryEvents, out);
    out.writeInt(baselineTotals.length);
    StateFormat.write(baselineTotals, out);
    StateFormat.write(baselineEvents, out);
    out.writeDouble(overTimeBefore);
  }

  static DispersionSnapshot read(DataInput in) throws IOException {
    long windows = in.readLong();
    double[] timeSums = StateFormat.read(Dispersion.SCALES * Dispersion.TIME_SUMS, in);
    int canaries = StateFormat.readInt("instances", 0, InstanceIndex.MAX_INSTANCES, in);
    double[] canaryTotals = StateFormat.read(canaries, in);
    double[] canaryEvents = StateFormat.read(canaries, in);
    int baselines = StateFormat.readInt("instances", 0, InstanceIndex.MAX_INSTANCES, in);
    double[] baselineTotals = StateFormat.read(baselines, in);
    double[] baselineEvents = StateFormat.read(baselines, in);
    return new DispersionSnapshot(
        windows,
        timeSums,
        canaryTotals,
        canaryEvents,
        baselineTotals,
        baselineEvents,
        in.readDouble());
  }

  private static double sum(double[] counts) {
    double sum = 0;
    for (double count : counts) {
      sum += count;
    }
    return sum;
  }
}
