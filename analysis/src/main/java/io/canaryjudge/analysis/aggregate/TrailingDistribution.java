package io.canaryjudge.analysis.aggregate;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.util.Arrays;

/**
 * How values were distributed lately: counts by cell that lose half of their weight with each
 * half-life. It chooses the thresholds at which arms are compared next.
 *
 * <p>Instead of all cells fading in each window, newer values weigh more; once in a while all
 * weights are scaled down by a power of two, which is exact. Windows are added in order of time and
 * as counts of a whole arm, so that the same run gives the same bits. Bounded like a {@link
 * DistributionAggregate}: at most {@value ExponentialCells#MAX_CELLS} exponential cells and {@value
 * DistributionAggregate#MAX_LAYOUTS} explicit layouts. Mutable, with a single owner.
 */
public final class TrailingDistribution {
  private static final int FORMAT = 1;

  /** Weights are scaled down after so many half-lives. */
  private static final int HALF_LIVES = 64;

  private final double windowsPerHalfLife;

  private long age; // windows since weights were last scaled down
  private double weight = 1; // of a value that is added now
  private double zeros;
  private double nearZeros;
  private double nearZeroThreshold;
  private final TrailingCells exponential = new TrailingCells();
  private double[][] bounds = {}; // explicit layouts, in the order in which they came
  private double[][] buckets = {};

  /**
   * Nothing yet.
   *
   * @param windowsPerHalfLife windows after which a value counts half, above 0
   */
  public TrailingDistribution(double windowsPerHalfLife) {
    if (!(windowsPerHalfLife > 0)) {
      throw new IllegalArgumentException(
          "windowsPerHalfLife: " + windowsPerHalfLife + " (expected: > 0)");
    }
    this.windowsPerHalfLife = windowsPerHalfLife;
  }

  /**
   * The edges beside a quantile.
   *
   * @param lowest the lowest edge with the same share above as {@code lower}: nothing is between
   * @param lower the highest edge whose share above is at least the share asked for; -1 if that is
   *     every value
   * @param shareAboveLower share of values above it, in (0, 1]
   * @param upper the next edge
   * @param shareAboveUpper share of values above it, in [0, 1)
   */
  public record Cut(
      double lowest, double lower, double shareAboveLower, double upper, double shareAboveUpper) {}

  /** A window has passed. */
  public void passWindow() {
    age++;
    double halfLives = age / windowsPerHalfLife;
    if (halfLives >= HALF_LIVES) {
      long whole = (long) Math.floor(halfLives);
      multiply(Math.scalb(1.0, (int) -Math.min(whole, 2000)));
      age = Math.round((halfLives - whole) * windowsPerHalfLife);
      halfLives = age / windowsPerHalfLife;
    }
    weight = StrictMath.pow(2, halfLives);
  }

  /** Adds the values of a window. A layout beyond the bound is left out. */
  public void add(DistributionAggregate values) {
    zeros += weight * values.zeros();
    if (values.nearZeros() > 0) {
      nearZeros += weight * values.nearZeros();
      nearZeroThreshold = Math.max(nearZeroThreshold, values.nearZeroThreshold());
    }
    exponential.add(values.exponential(), weight);
    for (ExplicitCells cells : values.layouts()) {
      int layout = layout(cells.bounds());
      if (layout >= 0) {
        for (int i = 0; i < buckets[layout].length; i++) {
          buckets[layout][i] += weight * cells.count(i);
        }
      }
    }
  }

  /** How many values there are, each weighed by its age. */
  public double count() {
    return total() / weight;
  }

  /** Whether more weight is in explicit buckets than in exponential cells. */
  public boolean isExplicit() {
    return total(buckets) > exponential.total();
  }

  /**
   * The finite edges of the explicit buckets that hold most weight, rising; none if {@link
   * #isExplicit} is false. Not to be changed.
   */
  public double[] explicitEdges() {
    return isExplicit() ? bounds[heaviest()] : new double[0];
  }

  /** Share of values above {@code y >= 0}, interpolated log-uniformly within a cell. */
  public double shareAbove(double y) {
    double above = y > 0 ? exponential.above(y) : exponential.total();
    if (nearZeroThreshold > y) {
      above += nearZeros;
    }
    for (int layout = 0; layout < bounds.length; layout++) {
      above += above(bounds[layout], buckets[layout], y);
    }
    return above / total();
  }

  /**
   * The edges between which the share of values above falls below {@code share}, among those of the
   * exponential cells or of the heaviest explicit layout, whichever hold more weight.
   *
   * @param share in (0, 1)
   * @throws IllegalStateException if there are no values
   */
  public Cut cut(double share) {
    double total = total();
    if (!(total > 0)) {
      throw new IllegalStateException("a quantile of no values");
    }
    if (isExplicit()) {
      return explicitCut(share, bounds[heaviest()]);
    }
    double aboveZero = shareAbove(0);
    if (aboveZero < share || exponential.isEmpty()) {
      return aboveZero < share
          ? new Cut(-1, -1, 1, 0, aboveZero)
          : new Cut(0, 0, aboveZero, nearZeroThreshold, shareAbove(nearZeroThreshold));
    }
    int low = exponential.first(); // its lower edge has at least the share above, or is the lowest
    int high = exponential.last() + 1; // its lower edge has less above
    while (high - low > 1) {
      int middle = (low + high) >> 1;
      if (shareAbove(edge(middle)) >= share) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double aboveLow = shareAbove(edge(low));
    if (aboveLow < share) { // so it is the lowest, and the quantile is a value near zero
      return new Cut(0, 0, aboveZero, edge(low), aboveLow);
    }
    int lowest = low;
    while (lowest > exponential.first() && exponential.isEmptyCell(lowest - 1)) {
      lowest--;
    }
    return new Cut(edge(lowest), edge(low), aboveLow, edge(high), shareAbove(edge(high)));
  }

  /** The smallest edge at or above {@code y >= 0}, as in {@link #cut}; +Infinity if none is. */
  public double nextEdgeAtOrAbove(double y) {
    if (isExplicit()) {
      double[] edges = bounds[heaviest()];
      int place = Arrays.binarySearch(edges, y);
      int next = place >= 0 ? place : -place - 1;
      return next < edges.length ? edges[next] : Double.POSITIVE_INFINITY;
    }
    return y > 0 ? edge(ExponentialEdges.index(y, exponential.scale()) + 1) : y;
  }

  /** The greatest edge at or below {@code y >= 0}, as in {@link #cut}; 0 if there is no other. */
  public double edgeAtOrBelow(double y) {
    if (isExplicit()) {
      double[] edges = bounds[heaviest()];
      int place = Arrays.binarySearch(edges, y);
      int previous = place >= 0 ? place : -place - 2;
      return previous >= 0 ? edges[previous] : 0;
    }
    if (!(y > 0)) {
      return y;
    }
    int cell = ExponentialEdges.index(y, exponential.scale());
    return edge(cell + 1) == y ? y : edge(cell);
  }

  /** Writes the state, to be read with {@link #read}. */
  public void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    out.writeLong(age);
    out.writeDouble(weight);
    out.writeDouble(zeros);
    out.writeDouble(nearZeros);
    out.writeDouble(nearZeroThreshold);
    exponential.write(out);
    out.writeByte(bounds.length);
    for (int layout = 0; layout < bounds.length; layout++) {
      out.writeInt(bounds[layout].length);
      for (double bound : bounds[layout]) {
        out.writeDouble(bound);
      }
      for (double bucket : buckets[layout]) {
        out.writeDouble(bucket);
      }
    }
  }

  /** Replaces the state by what {@link #write} wrote. */
  public void read(DataInput in) throws IOException {
    int format = in.readByte();
    if (format != FORMAT) {
      throw new StreamCorruptedException(
          "format of trailing distribution: " + format + " (expected: " + FORMAT + ")");
    }
    age = in.readLong();
    weight = in.readDouble();
    zeros = in.readDouble();
    nearZeros = in.readDouble();
    nearZeroThreshold = in.readDouble();
    exponential.read(in);
    int layouts = checked("layouts", in.readByte(), DistributionAggregate.MAX_LAYOUTS);
    bounds = new double[layouts][];
    buckets = new double[layouts][];
    for (int layout = 0; layout < layouts; layout++) {
      int length = checked("bounds", in.readInt(), DistributionAggregate.MAX_BOUNDS);
      bounds[layout] = doubles(length, in);
      buckets[layout] = doubles(length + 1, in);
    }
  }

  private Cut explicitCut(double share, double[] edges) {
    int low = -1; // that edge has at least the share above, or there is none
    int high = edges.length; // that edge, or +Infinity, has less above
    while (high - low > 1) {
      int middle = (low + high) >> 1;
      if (shareAbove(edges[middle]) >= share) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double upper = high == edges.length ? Double.POSITIVE_INFINITY : edges[high];
    double aboveUpper = high == edges.length ? 0 : shareAbove(upper);
    if (low < 0) {
      return new Cut(-1, -1, 1, upper, aboveUpper);
    }
    double aboveLower = shareAbove(edges[low]);
    int lowest = low;
    while (lowest > 0 && shareAbove(edges[lowest - 1]) == aboveLower) {
      lowest--;
    }
    return new Cut(edges[lowest], edges[low], aboveLower, upper, aboveUpper);
  }

  private double edge(int cell) {
    return ExponentialEdges.lowerEdge(cell, exponential.scale());
  }

  private double total() {
    return zeros + nearZeros + exponential.total() + total(buckets);
  }

  private void multiply(double factor) {
    zeros *= factor;
    nearZeros *= factor;
    exponential.multiply(factor);
    for (double[] layout : buckets) {
      for (int i = 0; i < layout.length; i++) {
        layout[i] *= factor;
      }
    }
  }

  /** Place of a layout, added if there is room; -1 if there is none. */
  private int layout(double[] wanted) {
    for (int i = 0; i < bounds.length; i++) {
      if (Arrays.equals(bounds[i], wanted)) {
        return i;
      }
    }
    if (bounds.length == DistributionAggregate.MAX_LAYOUTS) {
      return -1;
    }
    bounds = Arrays.copyOf(bounds, bounds.length + 1);
    buckets = Arrays.copyOf(buckets, bounds.length);
    bounds[bounds.length - 1] = wanted;
    buckets[bounds.length - 1] = new double[wanted.length + 1];
    return bounds.length - 1;
  }

  private int heaviest() {
    int heaviest = 0;
    for (int i = 1; i < buckets.length; i++) {
      if (total(new double[][] {buckets[i]}) > total(new double[][] {buckets[heaviest]})) {
        heaviest = i;
      }
    }
    return heaviest;
  }

  private static double total(double[][] layouts) {
    double total = 0;
    for (double[] layout : layouts) {
      for (double bucket : layout) {
        total += bucket;
      }
    }
    return total;
  }

  private static double above(double[] bounds, double[] buckets, double y) {
    int place = Arrays.binarySearch(bounds, y);
    int bucket = place >= 0 ? place + 1 : -place - 1;
    double above = 0;
    for (int i = buckets.length - 1; i > bucket; i--) {
      above += buckets[i];
    }
    if (place >= 0) {
      return above + buckets[bucket];
    }
    double lower = bucket == 0 ? 0 : bounds[bucket - 1];
    double upper = bucket == bounds.length ? Double.POSITIVE_INFINITY : bounds[bucket];
    return above + buckets[bucket] * Counts.shareAbove(lower, upper, y);
  }

  private static double[] doubles(int length, DataInput in) throws IOException {
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = in.readDouble();
    }
    return values;
  }

  private static int checked(String field, int value, int most) throws IOException {
    if (value < 0 || value > most) {
      throw new StreamCorruptedException(
          field + ": " + value + " (expected: in [0, " + most + "])");
    }
    return value;
  }
}
