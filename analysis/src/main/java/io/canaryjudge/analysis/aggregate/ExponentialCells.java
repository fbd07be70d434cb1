package io.canaryjudge.analysis.aggregate;

import org.jspecify.annotations.Nullable;

/**
 * Counts of values by exponential cell, at one scale, over the range of cells in use.
 *
 * <p>The scale starts at {@link ExponentialEdges#FINEST_SCALE} and only falls: to that of a coarser
 * histogram that is added, or when the cells in use would be more than {@link #MAX_CELLS}. Both
 * depend on what was added alone, not on its order, so merging stays commutative and associative.
 */
final class ExponentialCells {
  /** 4096 cells at the finest scale span 64 octaves: 19 decades, from picoseconds to months. */
  static final int MAX_CELLS = 4096;

  private static final long[] NONE = {};

  private int scale = ExponentialEdges.FINEST_SCALE;
  private long[] counts = NONE;
  private int base; // cell of counts[0]
  private int first; // lowest cell in use, if total > 0
  private int last; // highest cell in use, if total > 0
  private long total;

  /** For each cell in use from {@link #first}, the values in it and above; null if outdated. */
  private long @Nullable [] suffix;

  int scale() {
    return scale;
  }

  long total() {
    return total;
  }

  /** The lowest cell in use; meaningful if {@link #total()} is not 0. */
  int first() {
    return first;
  }

  /** The highest cell in use; meaningful if {@link #total()} is not 0. */
  int last() {
    return last;
  }

  long count(int cell) {
    return total == 0 || cell < first || cell > last ? 0 : counts[cell - base];
  }

  /** Adds a positive count to a cell of the given scale, at most the finest. */
  void add(int cellScale, int cell, long count) {
    if (cellScale < scale) {
      coarsen(scale - cellScale);
    }
    int target = cell >> (cellScale - scale);
    if (total == 0) {
      include(target, target);
    } else if (target < first || target > last) {
      int low = Math.min(first, target);
      int high = Math.max(last, target);
      while (high - low >= MAX_CELLS) {
        coarsen(1);
        target >>= 1;
        low >>= 1;
        high >>= 1;
      }
      include(low, high);
    }
    counts[target - base] += count;
    total += count;
    suffix = null;
  }

  /**
   * Adds consecutive buckets of a histogram, of which some may be empty.
   *
   * @param cellScale scale of the cells that the buckets belong to, at most the finest
   * @param finer by how much the buckets' own scale is above that
   * @param offset index of the first bucket
   * @param added their counts, at least 0
   * @param from the first of them that is added
   */
  void addBuckets(int cellScale, int finer, int offset, long[] added, int from) {
    int low = from;
    int high = added.length - 1;
    while (low <= high && added[low] == 0) {
      low++;
    }
    while (low < high && added[high] == 0) {
      high--;
    }
    if (low > high) {
      return;
    }
    // The outermost cells first: at most one growth and the final scale at once.
    add(cellScale, (offset + low) >> finer, added[low]);
    if (low == high) {
      return;
    }
    add(cellScale, (offset + high) >> finer, added[high]);
    int shift = finer + cellScale - scale;
    long sum = 0;
    for (int i = low + 1; i < high; i++) {
      counts[((offset + i) >> shift) - base] += added[i];
      sum += added[i];
    }
    total += sum;
  }

  void merge(ExponentialCells other) {
    if (other.total == 0) {
      return;
    }
    long sum = total + other.total;
    // The outermost cells first: at most one growth and the final scale at once.
    long[] added = other.counts;
    int addedFirst = other.first;
    int addedLast = other.last;
    int offset = -other.base;
    add(other.scale, addedFirst, added[addedFirst + offset]);
    if (addedLast > addedFirst) {
      add(other.scale, addedLast, added[addedLast + offset]);
    }
    int finer = other.scale - scale;
    if (finer == 0) { // as it nearly always is: a loop over two plain arrays
      int from = addedFirst + 1 + offset;
      int to = addedFirst + 1 - base;
      for (int i = 0; i < addedLast - addedFirst - 1; i++) {
        counts[to + i] += added[from + i];
      }
    } else {
      for (int cell = addedFirst + 1; cell < addedLast; cell++) {
        counts[(cell >> finer) - base] += added[cell + offset];
      }
    }
    total = sum;
  }

  /** Adds all counts, times a factor, to weights of cells of the same or a coarser scale. */
  void addTo(double[] weights, int firstWeight, int weightScale, double factor) {
    int finer = scale - weightScale;
    if (total > 0 && finer == 0) {
      for (int i = 0; i <= last - first; i++) {
        weights[first - firstWeight + i] += factor * counts[first - base + i];
      }
    } else {
      for (int cell = first; total > 0 && cell <= last; cell++) {
        weights[(cell >> finer) - firstWeight] += factor * counts[cell - base];
      }
    }
  }

  /** About how much memory this needs, in bytes. */
  long heapBytes() {
    long[] above = suffix;
    return 64 + Long.BYTES * ((long) counts.length + (above == null ? 0 : above.length));
  }

  void addTo(LogChance chance) {
    for (int cell = first; total > 0 && cell <= last; cell++) {
      chance.add(counts[cell - base]);
    }
  }

  ExponentialCells copy() {
    ExponentialCells copy = new ExponentialCells();
    copy.merge(this);
    return copy;
  }

  /** How many values are certainly above {@code y}, which is at least 0. */
  long atLeastAbove(double y) {
    return total == 0 || y == Double.POSITIVE_INFINITY ? 0 : inAndAbove(next(y));
  }

  /** How many values may be above {@code y}, which is at least 0. */
  long atMostAbove(double y) {
    if (total == 0 || y == Double.POSITIVE_INFINITY) {
      return 0;
    }
    if (y == 0) {
      return total;
    }
    int cell = cell(y);
    boolean onEdge = ExponentialEdges.lowerEdge(cell + 1, scale) == y;
    return inAndAbove(onEdge ? cell + 1 : cell);
  }

  /** Values in the cell that contains {@code y}, which is above 0, and in those above. */
  long atOrAfterCellOf(double y) {
    return total == 0 || y == Double.POSITIVE_INFINITY ? 0 : inAndAbove(cell(y));
  }

  /** How many values are above {@code y}, spread log-uniformly over the cell that contains it. */
  double interpolatedAbove(double y) {
    long atLeast = atLeastAbove(y);
    long within = atMostAbove(y) - atLeast;
    if (within == 0) {
      return atLeast;
    }
    double lower = ExponentialEdges.lowerEdge(cell(y), scale);
    return atLeast + within * Counts.shareAbove(lower, upperEdge(y), y);
  }

  /** Upper edge of the cell that contains {@code y}: the nearest edge at or above it. */
  double upperEdge(double y) {
    return ExponentialEdges.lowerEdge(next(y), scale);
  }

  /** Values in the given cell and in those above. */
  long inAndAbove(int cell) {
    if (total == 0 || cell > last) {
      return 0;
    }
    if (cell <= first) {
      return total;
    }
    long[] above = suffix;
    if (above == null) {
      above = sumFromAbove();
      suffix = above;
    }
    return above[cell - first];
  }

  int cell(double y) {
    return y > 0 ? ExponentialEdges.index(y, scale) : Integer.MIN_VALUE;
  }

  private int next(double y) {
    return cell(y) + 1;
  }

  private long[] sumFromAbove() {
    long[] above = new long[last - first + 1];
    long sum = 0;
    for (int i = above.length - 1; i >= 0; i--) {
      sum += counts[first - base + i];
      above[i] = sum;
    }
    return above;
  }

  /** Makes room for the cells from low to high, which include those in use. */
  private void include(int low, int high) {
    if (low < base || high >= base + counts.length) {
      int span = high - low + 1;
      int length = Math.min(MAX_CELLS, Math.max(64, Integer.highestOneBit(span) * 2));
      int newBase = low - (length - span) / 2;
      long[] wider = new long[length];
      if (total > 0) {
        System.arraycopy(counts, first - base, wider, first - newBase, last - first + 1);
      }
      counts = wider;
      base = newBase;
    }
    first = low;
    last = high;
  }

  private void coarsen(int steps) {
    scale -= steps;
    suffix = null;
    if (total == 0) {
      return;
    }
    int newFirst = first >> steps;
    long[] merged = new long[(last >> steps) - newFirst + 1];
    for (int cell = first; cell <= last; cell++) {
      merged[(cell >> steps) - newFirst] += counts[cell - base];
    }
    counts = merged;
    base = newFirst;
    first = newFirst;
    last = newFirst + merged.length - 1;
  }
}
