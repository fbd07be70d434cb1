package io.canaryjudge.analysis.inference;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/** Running counts of one arm's instances, and the spread seen in blocks of several lengths. */
final class ArmCounts {
  private static final double[] NONE = {};

  int instances;
  double[] totals = NONE;
  double[] events = NONE;

  /** The counts at the start of the current block of each scale. */
  private final double[][] startTotals = new double[Dispersion.SCALES][];

  private final double[][] startEvents = new double[Dispersion.SCALES][];

  /** Sums over all completed blocks of each scale; see {@link InstanceSpread}. */
  final double[] numerators = new double[Dispersion.SCALES];

  final double[] denominators = new double[Dispersion.SCALES];
  final double[] denominators2 = new double[Dispersion.SCALES];
  final double[] degrees = new double[Dispersion.SCALES];

  ArmCounts() {
    Arrays.fill(startTotals, NONE);
    Arrays.fill(startEvents, NONE);
  }

  void add(int instance, double total, double event) {
    if (instance >= instances) {
      grow(instance + 1);
    }
    totals[instance] += total;
    events[instance] += event;
  }

  /** Closes the block of a scale; leaves its spread in {@code spread}. */
  void endBlock(int scale, InstanceSpread spread) {
    spread.compute(totals, events, instances, startTotals[scale], startEvents[scale]);
    if (spread.active > 1) {
      numerators[scale] += spread.numerator;
      denominators[scale] += spread.denominator;
      denominators2[scale] += spread.denominator2;
      degrees[scale] += spread.degreesOfFreedom;
    }
    System.arraycopy(totals, 0, startTotals[scale], 0, instances);
    System.arraycopy(events, 0, startEvents[scale], 0, instances);
  }

  /** The spread of what came after a base. */
  void since(double[] baseTotals, double[] baseEvents, InstanceSpread spread) {
    spread.compute(totals, events, instances, baseTotals, baseEvents);
  }

  double[] totalsSoFar() {
    return Arrays.copyOf(totals, instances);
  }

  double[] eventsSoFar() {
    return Arrays.copyOf(events, instances);
  }

  void write(DataOutput out) throws IOException {
    out.writeInt(instances);
    StateFormat.write(totals, instances, out);
    StateFormat.write(events, instances, out);
    for (int scale = 0; scale < Dispersion.SCALES; scale++) {
      StateFormat.write(startTotals[scale], instances, out);
      StateFormat.write(startEvents[scale], instances, out);
    }
    StateFormat.write(numerators, out);
    StateFormat.write(denominators, out);
    StateFormat.write(denominators2, out);
    StateFormat.write(degrees, out);
  }

  void read(DataInput in) throws IOException {
    grow(StateFormat.readInt("instances", 0, InstanceIndex.MAX_INSTANCES, in));
    StateFormat.read(totals, instances, in);
    StateFormat.read(events, instances, in);
    for (int scale = 0; scale < Dispersion.SCALES; scale++) {
      StateFormat.read(startTotals[scale], instances, in);
      StateFormat.read(startEvents[scale], instances, in);
    }
    StateFormat.read(numerators, in);
    StateFormat.read(denominators, in);
    StateFormat.read(denominators2, in);
    StateFormat.read(degrees, in);
  }

  private void grow(int number) {
    if (number > InstanceIndex.MAX_INSTANCES) {
      throw new IllegalArgumentException(
          "instance: " + (number - 1) + " (expected: below " + InstanceIndex.MAX_INSTANCES + ")");
    }
    if (number > totals.length) {
      int length = Math.max(number, Math.min(2 * totals.length, InstanceIndex.MAX_INSTANCES));
      totals = Arrays.copyOf(totals, length);
      events = Arrays.copyOf(events, length);
      for (int scale = 0; scale < Dispersion.SCALES; scale++) {
        startTotals[scale] = Arrays.copyOf(startTotals[scale], length);
        startEvents[scale] = Arrays.copyOf(startEvents[scale], length);
      }
    }
    instances = number;
  }
}
