package io.canaryjudge.analysis.aggregate;

import io.canaryjudge.analysis.policy.MetricKind;
import java.util.Arrays;

/**
 * Non-negative values, counted in cells: zeros, exponential cells, and the buckets of explicit
 * layouts.
 *
 * <p>A cell {@code (lower, upper]} is all that is known of the values in it, so questions are
 * answered with bounds: {@link #atLeastAbove} and {@link #atMostAbove} are equal when the threshold
 * is an edge of every cell in use. Histograms of every kind, and any mixture, can so be compared
 * validly; a coarse one only leaves the bounds further apart.
 *
 * <p>Raw values go to cells that grow by 2^(1/64) (scale 6), which know a value to 0.55 %.
 * Histograms of a finer scale are brought to scale 6 exactly; a coarser one brings all exponential
 * cells of this aggregate to its scale, see {@link #scale()}.
 */
public final class DistributionAggregate implements Aggregate {
  /** The most explicit layouts that one aggregate keeps apart. */
  public static final int MAX_LAYOUTS = 8;

  /** The most finite upper bounds that a layout may have. */
  public static final int MAX_BOUNDS = 512;

  /** The coarsest scale that is accepted. */
  public static final int MIN_SCALE = ExponentialEdges.COARSEST_SCALE;

  /** The finest scale that is accepted (and lowered to 6). */
  public static final int MAX_SCALE = 20;

  private static final ExplicitCells[] NO_LAYOUTS = {};

  private long count;
  private long zeros;
  private long nearZeros; // in [0, nearZeroThreshold]
  private double nearZeroThreshold;
  private final ExponentialCells exponential;
  private ExplicitCells[] layouts = NO_LAYOUTS; // ordered by bounds

  /** An aggregate that holds nothing. */
  public DistributionAggregate() {
    this(new ExponentialCells());
  }

  private DistributionAggregate(ExponentialCells exponential) {
    this.exponential = exponential;
  }

  /** Number of values, in [0, {@link #MAX_COUNT}]. */
  public long count() {
    return count;
  }

  /**
   * The scale of the exponential cells, at most 6: they grow by 2^(2^-scale). It is lower than 6 if
   * a coarser histogram was added, or if the values span more than 4096 cells (at scale 6, a factor
   * of 2^64).
   */
  public int scale() {
    return exponential.scale();
  }

  /**
   * Adds a value that was seen {@code times} times.
   *
   * @param value finite and at least 0
   * @param times at least 0
   * @throws IllegalArgumentException if an argument is out of range; nothing is added then
   */
  public void addValue(double value, long times) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("value: " + value + " (expected: finite and >= 0)");
    }
    if (times < 0) {
      throw new IllegalArgumentException("count: " + times + " (expected: >= 0)");
    }
    if (times == 0) {
      return;
    }
    count = Counts.sum("count", count, times);
    if (value == 0) {
      zeros += times;
    } else if (value <= Double.MIN_NORMAL) {
      addNearZeros(Double.MIN_NORMAL, times);
    } else {
      exponential.add(ExponentialEdges.FINEST_SCALE, ExponentialEdges.index(value), times);
    }
  }

  /**
   * Adds an exponential histogram of non-negative values, as OpenTelemetry defines it.
   *
   * @param scale in [{@link #MIN_SCALE}, {@link #MAX_SCALE}]; cells grow by 2^(2^-scale)
   * @param zeroThreshold upper end of the zero bucket [0, zeroThreshold], finite and at least 0
   * @param zeroCount number of values in the zero bucket
   * @param offset index of the first positive bucket; bucket i of {@code counts} is (base^(offset +
   *     i), base^(offset + i + 1)]
   * @param counts numbers of values, at least 0, by positive bucket
   * @throws IllegalArgumentException if an argument is out of range; nothing is added then
   */
  public void addExponential(
      int scale, double zeroThreshold, long zeroCount, int offset, long[] counts) {
    long added = HistogramChecks.exponential(scale, zeroThreshold, zeroCount, offset, counts);
    count = Counts.sum("count", count, added);
    if (zeroThreshold == 0) {
      zeros += zeroCount;
    } else if (zeroCount > 0) {
      addNearZeros(zeroThreshold, zeroCount);
    }
    int finer = Math.max(0, scale - ExponentialEdges.FINEST_SCALE);
    int normal = 0;
    for (; normal < counts.length; normal++) {
      if (counts[normal] > 0) {
        int cell = (offset + normal) >> finer;
        if (ExponentialEdges.lowerEdge(cell + 1, scale - finer) > Double.MIN_NORMAL) {
          break; // and so are all that follow
        }
        addNearZeros(Double.MIN_NORMAL, counts[normal]);
      }
    }
    exponential.addBuckets(scale - finer, finer, offset, counts, normal);
  }

  /**
   * Adds a Prometheus native histogram of non-negative values with a standard schema.
   *
   * <p>Its bucket i is (2^((i-1) 2^-schema), 2^(i 2^-schema)]: one index above OpenTelemetry's.
   *
   * @param schema in [-4, 8]
   * @param zeroThreshold upper end of the zero bucket, finite and at least 0
   * @param zeroCount number of values in the zero bucket
   * @param offset Prometheus index of the first bucket in {@code counts}
   * @param counts numbers of values, at least 0, in consecutive buckets
   * @throws IllegalArgumentException if an argument is out of range; nothing is added then
   */
  public void addNative(
      int schema, double zeroThreshold, long zeroCount, int offset, long[] counts) {
    if (schema < -4 || schema > 8) {
      throw new IllegalArgumentException("schema: " + schema + " (expected: in [-4, 8])");
    }
    if (offset == Integer.MIN_VALUE) {
      throw new IllegalArgumentException("offset: " + offset + " (expected: a larger index)");
    }
    addExponential(schema, zeroThreshold, zeroCount, offset - 1, counts);
  }

  /**
   * Adds a histogram with explicit buckets [0, b0], (b0, b1], ..., (bLast, +Infinity).
   *
   * @param upperBounds finite, at least 0, strictly increasing; 1 to {@link #MAX_BOUNDS} of them
   * @param counts numbers of values, at least 0: one more than there are bounds
   * @throws IllegalArgumentException if an argument is out of range, or the layout would be one
   *     more than {@link #MAX_LAYOUTS}; nothing is added then
   */
  public void addExplicit(double[] upperBounds, long[] counts) {
    long added = HistogramChecks.explicit(upperBounds, counts);
    if (added == 0) {
      return;
    }
    int place = layout(upperBounds);
    if (place < 0 && layouts.length == MAX_LAYOUTS) {
      throw new IllegalArgumentException(
          "upperBounds: one more layout (expected: at most " + MAX_LAYOUTS + " different ones)");
    }
    count = Counts.sum("count", count, added);
    insert(place, upperBounds.clone()).add(counts);
  }

  /**
   * Whether {@link #addExplicit} would find room for a layout with these bounds: it is one of those
   * present, or there are fewer than {@link #MAX_LAYOUTS}. The bounds themselves are not checked.
   */
  public boolean canAddExplicit(double[] upperBounds) {
    return layouts.length < MAX_LAYOUTS || layout(upperBounds) >= 0;
  }

  /** Whether {@link #merge} would find room for the explicit layouts of {@code other}. */
  public boolean canMerge(DistributionAggregate other) {
    int needed = layouts.length;
    for (ExplicitCells cells : other.layouts) {
      if (layout(cells.bounds()) < 0) {
        needed++;
      }
    }
    return needed <= MAX_LAYOUTS;
  }

  /** How many values are certainly above {@code y}; equal to {@link #atMostAbove} on an edge. */
  public long atLeastAbove(double y) {
    if (checked(y) < 0) {
      return count;
    }
    long above = exponential.atLeastAbove(y);
    for (ExplicitCells cells : layouts) {
      above += cells.atLeastAbove(y);
    }
    return above;
  }

  /** How many values may be above {@code y}. */
  public long atMostAbove(double y) {
    if (checked(y) < 0) {
      return count;
    }
    long above = exponential.atMostAbove(y) + (nearZeroThreshold > y ? nearZeros : 0);
    for (ExplicitCells cells : layouts) {
      above += cells.atMostAbove(y);
    }
    return above;
  }

  /**
   * How many values are certainly below {@code y}. Cells include their upper edge, so on an edge
   * the values of the cell it closes are counted by {@link #atMostBelow} only; "at most y" is the
   * complement of "above y" and exact there.
   */
  public long atLeastBelow(double y) {
    if (checked(y) <= 0) {
      return 0;
    }
    long possiblyNotBelow = exponential.atOrAfterCellOf(y);
    for (ExplicitCells cells : layouts) {
      possiblyNotBelow += cells.atOrAfterBucketOf(y);
    }
    return count - possiblyNotBelow - (nearZeroThreshold >= y ? nearZeros : 0);
  }

  /** How many values may be below {@code y}; see {@link #atLeastBelow}. */
  public long atMostBelow(double y) {
    return checked(y) <= 0 ? 0 : count - atLeastAbove(y);
  }

  /**
   * About how many values are above {@code y}: those of the cell that contains it are taken to be
   * spread log-uniformly. A cell that begins at 0 or has no end counts in full.
   */
  public double interpolatedAbove(double y) {
    if (checked(y) < 0) {
      return count;
    }
    double above = exponential.interpolatedAbove(y) + (nearZeroThreshold > y ? nearZeros : 0);
    for (ExplicitCells cells : layouts) {
      above += cells.interpolatedAbove(y);
    }
    return above;
  }

  /**
   * The smallest edge at or above {@code y}: of the exponential cells, or of all explicit layouts
   * together, whichever hold more values. Counts above it are exact if nothing else was added.
   *
   * @param y at least 0
   * @return +Infinity if there is none; {@code y} itself if nothing but zeros was counted
   */
  public double nextEdgeAtOrAbove(double y) {
    return SharedEdges.next(this, checkedEdge(y));
  }

  /**
   * The greatest edge at or below {@code y}, as in {@link #nextEdgeAtOrAbove}.
   *
   * @param y at least 0
   * @return 0 if there is no other
   */
  public double edgeAtOrBelow(double y) {
    return SharedEdges.previous(this, checkedEdge(y));
  }

  /**
   * Estimate of a quantile: the geometric midpoint of the cell that contains it, off by at most
   * 0.55 % at scale 6; half the upper edge of a cell that begins at 0, the lower edge of a cell
   * without end.
   *
   * @param q in [0, 1]; the value of rank ceil(q count) is meant, at least 1
   * @throws IllegalStateException if there are no values
   */
  public double quantile(double q) {
    double lower = quantileLower(q);
    double upper = quantileUpper(q);
    if (upper == Double.POSITIVE_INFINITY) {
      return lower;
    }
    return lower > 0 ? lower * Math.sqrt(upper / lower) : upper / 2;
  }

  /** A lower bound of the quantile: the nearest edge that is certainly not above it. */
  public double quantileLower(double q) {
    return QuantileSearch.lower(this, QuantileSearch.rank(q, count));
  }

  /** An upper bound of the quantile: the nearest edge that is certainly not below it. */
  public double quantileUpper(double q) {
    return QuantileSearch.upper(this, QuantileSearch.rank(q, count));
  }

  /**
   * A lower bound of the value of the given rank.
   *
   * @param rank in [1, {@link #count()}]; 1 is the smallest value
   */
  public double rankLower(long rank) {
    return QuantileSearch.lower(this, QuantileSearch.checked(rank, count));
  }

  /** An upper bound of the value of the given rank, as {@link #rankLower}. */
  public double rankUpper(long rank) {
    return QuantileSearch.upper(this, QuantileSearch.checked(rank, count));
  }

  @Override
  public MetricKind kind() {
    return MetricKind.DISTRIBUTION;
  }

  @Override
  public void merge(Aggregate other) {
    switch (other) {
      case ProportionAggregate proportion -> throw Counts.kindMismatch(this, proportion);
      case DistributionAggregate distribution -> mergeDistribution(distribution);
    }
  }

  @Override
  public boolean isEmpty() {
    return count == 0;
  }

  @Override
  public DistributionAggregate copy() {
    DistributionAggregate copy = new DistributionAggregate(exponential.copy());
    copy.count = count;
    copy.zeros = zeros;
    copy.nearZeros = nearZeros;
    copy.nearZeroThreshold = nearZeroThreshold;
    copy.layouts = layouts.clone();
    for (int i = 0; i < layouts.length; i++) {
      copy.layouts[i] = layouts[i].copy();
    }
    return copy;
  }

  /** That some values came in buckets of another layout is not left to chance. */
  @Override
  public double logChance() {
    LogChance chance = new LogChance();
    chance.add(zeros);
    chance.add(nearZeros);
    exponential.addTo(chance);
    double sum = chance.log();
    for (ExplicitCells cells : layouts) {
      LogChance inLayout = new LogChance();
      cells.addTo(inLayout);
      sum += inLayout.log();
    }
    return sum;
  }

  @Override
  public long heapBytes() {
    long bytes = 56 + exponential.heapBytes();
    for (ExplicitCells cells : layouts) {
      bytes += cells.heapBytes();
    }
    return bytes;
  }

  @Override
  public String toString() {
    return isEmpty()
        ? "no values"
        : count + " values from " + quantileLower(0) + " to " + quantileUpper(1);
  }

  long zeros() {
    return zeros;
  }

  long nearZeros() {
    return nearZeros;
  }

  double nearZeroThreshold() {
    return nearZeroThreshold;
  }

  ExponentialCells exponential() {
    return exponential;
  }

  ExplicitCells[] layouts() {
    return layouts;
  }

  private void mergeDistribution(DistributionAggregate other) {
    if (!canMerge(other)) {
      throw new IllegalArgumentException(
          "upperBounds: too many layouts (expected: at most " + MAX_LAYOUTS + " different ones)");
    }
    count = Counts.sum("count", count, other.count);
    zeros += other.zeros;
    if (other.nearZeros > 0) {
      addNearZeros(other.nearZeroThreshold, other.nearZeros);
    }
    exponential.merge(other.exponential);
    for (ExplicitCells cells : other.layouts) {
      insert(layout(cells.bounds()), cells.bounds()).add(cells);
    }
  }

  private void addNearZeros(double threshold, long more) {
    nearZeros += more;
    nearZeroThreshold = Math.max(nearZeroThreshold, threshold);
  }

  /** Place of a layout, or -(where it belongs) - 1. */
  private int layout(double[] bounds) {
    for (int i = 0; i < layouts.length; i++) {
      int order = Arrays.compare(layouts[i].bounds(), bounds);
      if (order >= 0) {
        return order == 0 ? i : -i - 1;
      }
    }
    return -layouts.length - 1;
  }

  private ExplicitCells insert(int place, double[] bounds) {
    if (place >= 0) {
      return layouts[place];
    }
    int at = -place - 1;
    ExplicitCells[] more = new ExplicitCells[layouts.length + 1];
    System.arraycopy(layouts, 0, more, 0, at);
    System.arraycopy(layouts, at, more, at + 1, layouts.length - at);
    more[at] = new ExplicitCells(bounds);
    layouts = more;
    return more[at];
  }

  private static double checked(double y) {
    if (Double.isNaN(y)) {
      throw new IllegalArgumentException("y: NaN (expected: a number)");
    }
    return y;
  }

  private static double checkedEdge(double y) {
    if (!(y >= 0)) {
      throw new IllegalArgumentException("y: " + y + " (expected: >= 0)");
    }
    return y;
  }
}
