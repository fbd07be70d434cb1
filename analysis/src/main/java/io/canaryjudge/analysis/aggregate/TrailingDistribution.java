package io.canaryjudge.analysis.aggregate;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The values of earlier windows, older ones counting less: what is known of an arm's distribution
 * before the next window is looked at.
 *
 * <p>It serves to choose thresholds, whose choice may be anything as long as it rests on earlier
 * windows alone. So weights are plain sums of doubles in the order of the windows; unlike an {@link
 * Aggregate} this does not merge. Mutable, with a single owner.
 */
public final class TrailingDistribution {
  private static final int FORMAT = 1;
  private static final double[] NONE = {};

  /** Outermost cells with less weight are dropped: far less than one request. */
  private static final double NEGLIGIBLE = 1e-9;

  private double zeros; // at or near 0
  private int scale = ExponentialEdges.FINEST_SCALE;
  private int first; // cell of cells[0]
  private double[] cells = NONE;
  private final List<Layout> layouts = new ArrayList<>();
  private double total;

  /** No values yet. */
  public TrailingDistribution() {}

  /** The weights of all values together, in requests. */
  public double total() {
    return total;
  }

  /** Whether most of the weight lies in explicit buckets, and so at coarse resolution. */
  public boolean isMostlyExplicit() {
    if (layouts.isEmpty()) {
      return false;
    }
    double explicit = 0;
    for (Layout layout : layouts) {
      explicit += sum(layout.weights);
    }
    return explicit >= sum(cells);
  }

  /**
   * Lets what is known fade.
   *
   * @param factor in [0, 1], by which all weights are multiplied
   */
  public void decay(double factor) {
    if (!(factor >= 0 && factor <= 1)) {
      throw new IllegalArgumentException("factor: " + factor + " (expected: in [0, 1])");
    }
    total *= factor;
    zeros *= factor;
    fade(cells, factor);
    for (Layout layout : layouts) {
      fade(layout.weights, factor);
    }
    trim();
  }

  /** Adds the values of a window, or of one instance in it, at full weight. */
  public void add(DistributionAggregate values) {
    zeros += values.zeros() + values.nearZeros();
    addCells(values.exponential());
    for (ExplicitCells explicit : values.layouts()) {
      double[] weights = layout(explicit.bounds()).weights;
      for (int i = 0; i < weights.length; i++) {
        weights[i] += explicit.count(i);
      }
    }
    total += values.count();
  }

  /** Share of the weight above {@code y}, interpolated within cells; 0 if there is no weight. */
  public double shareAbove(double y) {
    return total == 0 ? 0 : weightAbove(y) / total;
  }

  /**
   * The edge whose share above is nearest to the given one; the lowest of several. Edges are those
   * of the kind of cells that holds most of the weight.
   *
   * @return NaN if there is none
   */
  public double edgeNearest(double share) {
    return isMostlyExplicit()
        ? nearest(heaviestLayout().bounds, 1, share, false)
        : nearestCell(share);
  }

  /**
   * The explicit edge e for which the interpolated share above e / ratio is nearest to the given
   * one, on a logarithmic scale.
   *
   * @param ratio at least 1
   * @return NaN if there are no explicit edges
   */
  public double explicitEdgeNearest(double share, double ratio) {
    return layouts.isEmpty() ? Double.NaN : nearest(heaviestLayout().bounds, ratio, share, true);
  }

  /** Writes the state, to be read with {@link #read}. */
  public void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    out.writeDouble(total);
    out.writeDouble(zeros);
    out.writeInt(scale);
    out.writeInt(first);
    write(cells, out);
    out.writeInt(layouts.size());
    for (Layout layout : layouts) {
      write(layout.bounds, out);
      write(layout.weights, out);
    }
  }

  /** Reads what {@link #write} wrote. */
  public static TrailingDistribution read(DataInput in) throws IOException {
    int format = in.readUnsignedByte();
    if (format != FORMAT) {
      throw new StreamCorruptedException(
          "format of trailing distribution: " + format + " (expected: " + FORMAT + ")");
    }
    TrailingDistribution trailing = new TrailingDistribution();
    trailing.total = in.readDouble();
    trailing.zeros = in.readDouble();
    trailing.scale = in.readInt();
    trailing.first = in.readInt();
    trailing.cells = read(ExponentialCells.MAX_CELLS, in);
    int layouts = in.readInt();
    for (int i = 0; i < layouts; i++) {
      double[] bounds = read(DistributionAggregate.MAX_BOUNDS, in);
      double[] weights = read(DistributionAggregate.MAX_BOUNDS + 1, in);
      trailing.layouts.add(new Layout(bounds, weights));
    }
    return trailing;
  }

  private double weightAbove(double y) {
    double above = zeros > 0 && y < 0 ? zeros : 0;
    if (cells.length > 0) {
      above += cellsAbove(y);
    }
    for (Layout layout : layouts) {
      above += layout.above(y);
    }
    return above;
  }

  private double cellsAbove(double y) {
    if (!(y > 0)) {
      return sum(cells);
    }
    int at = Math.clamp((long) ExponentialEdges.index(y, scale) - first, -1, cells.length);
    double above = 0;
    for (int i = cells.length - 1; i > at; i--) {
      above += cells[i];
    }
    if (at >= 0 && at < cells.length) {
      above += cells[at] * Counts.shareAbove(edge(at), edge(at + 1), y);
    }
    return above;
  }

  /** Goes down through the edges, from that above the highest cell, until the share is passed. */
  private double nearestCell(double share) {
    double wanted = share * total;
    int best = -1;
    double bestDistance = Double.POSITIVE_INFINITY;
    double above = 0;
    for (int i = cells.length; cells.length > 0 && i >= 0; i--) {
      double distance = Math.abs(above + explicitAbove(i) - wanted);
      if (distance > bestDistance) {
        break;
      }
      best = i;
      bestDistance = distance;
      above += i > 0 ? cells[i - 1] : 0;
    }
    return best < 0 ? Double.NaN : edge(best);
  }

  private double explicitAbove(int cell) {
    double above = 0;
    for (Layout layout : layouts) {
      above += layout.above(edge(cell));
    }
    return above;
  }

  private double nearest(double[] edges, double ratio, double share, boolean inLog) {
    double best = Double.NaN;
    double bestDistance = Double.POSITIVE_INFINITY;
    for (double edge : edges) {
      double above = shareAbove(edge / ratio);
      double distance =
          inLog
              ? Math.abs(StrictMath.log(Math.max(above, NEGLIGIBLE)) - StrictMath.log(share))
              : Math.abs(above - share);
      if (distance < bestDistance) {
        best = edge;
        bestDistance = distance;
      }
    }
    return best;
  }

  private double edge(int cell) {
    return ExponentialEdges.lowerEdge(first + cell, scale);
  }

  private void addCells(ExponentialCells added) {
    if (added.total() == 0) {
      return;
    }
    if (cells.length == 0) {
      scale = added.scale();
      first = added.first();
    } else if (added.scale() < scale) {
      coarsen(scale - added.scale());
    }
    int low = Math.min(first, added.first() >> (added.scale() - scale));
    int high = Math.max(first + cells.length - 1, added.last() >> (added.scale() - scale));
    while (high - low >= ExponentialCells.MAX_CELLS) {
      coarsen(1);
      low >>= 1;
      high >>= 1;
    }
    if (low < first || high >= first + cells.length) {
      double[] wider = new double[high - low + 1];
      System.arraycopy(cells, 0, wider, first - low, cells.length);
      cells = wider;
      first = low;
    }
    added.addTo(cells, first, scale);
  }

  private void coarsen(int steps) {
    scale -= steps;
    int newFirst = first >> steps;
    double[] merged =
        cells.length == 0 ? NONE : new double[((first + cells.length - 1) >> steps) - newFirst + 1];
    for (int i = 0; i < cells.length; i++) {
      merged[((first + i) >> steps) - newFirst] += cells[i];
    }
    cells = merged;
    first = newFirst;
  }

  /** Drops cells at both ends that have faded away. */
  private void trim() {
    int from = 0;
    int to = cells.length;
    while (to > from && cells[to - 1] < NEGLIGIBLE) {
      to--;
    }
    while (from < to && cells[from] < NEGLIGIBLE) {
      from++;
    }
    if (to - from < cells.length) {
      cells = Arrays.copyOfRange(cells, from, to);
      first += from;
    }
  }

  private Layout layout(double[] bounds) {
    for (Layout layout : layouts) {
      if (Arrays.equals(layout.bounds, bounds)) {
        return layout;
      }
    }
    if (layouts.size() == DistributionAggregate.MAX_LAYOUTS) {
      layouts.remove(lightest());
    }
    Layout added = new Layout(bounds, new double[bounds.length + 1]);
    layouts.add(added);
    return added;
  }

  private Layout heaviestLayout() {
    Layout heaviest = layouts.getFirst();
    for (Layout layout : layouts) {
      heaviest = sum(layout.weights) > sum(heaviest.weights) ? layout : heaviest;
    }
    return heaviest;
  }

  private Layout lightest() {
    Layout lightest = layouts.getFirst();
    for (Layout layout : layouts) {
      lightest = sum(layout.weights) < sum(lightest.weights) ? layout : lightest;
    }
    return lightest;
  }

  private static void fade(double[] weights, double factor) {
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= factor;
    }
  }

  private static double sum(double[] weights) {
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    return sum;
  }

  private static void write(double[] values, DataOutput out) throws IOException {
    out.writeInt(values.length);
    for (double value : values) {
      out.writeDouble(value);
    }
  }

  private static double[] read(int max, DataInput in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > max) {
      throw new StreamCorruptedException("weights: " + length + " (expected: at most " + max + ")");
    }
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = in.readDouble();
    }
    return values;
  }

  /** The buckets of an explicit layout. It stays known when its weights have faded. */
  private static final class Layout {
    final double[] bounds;
    final double[] weights;

    Layout(double[] bounds, double[] weights) {
      this.bounds = bounds;
      this.weights = weights;
    }

    double above(double y) {
      int at = Arrays.binarySearch(bounds, y);
      int bucket = at >= 0 ? at + 1 : -at - 1; // the first that is not wholly at or below y
      double above = 0;
      for (int i = weights.length - 1; i > bucket; i--) {
        above += weights[i];
      }
      if (at >= 0) {
        return above + weights[bucket];
      }
      double lower = bucket == 0 ? 0 : bounds[bucket - 1];
      double upper = bucket == bounds.length ? Double.POSITIVE_INFINITY : bounds[bucket];
      return above + weights[bucket] * Counts.shareAbove(lower, upper, y);
    }
  }
}
