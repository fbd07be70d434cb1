package io.canaryjudge.analysis.aggregate;

/**
 * Counts of values by the buckets of one explicit layout: {@code [0, bounds[0]], (bounds[0],
 * bounds[1]], ..., (bounds[n-1], +Infinity)}.
 */
final class ExplicitCells {
  private final double[] bounds; // shared between copies, never changed
  private final long[] counts;
  private long total;

  /** Empty cells of a layout that was checked. */
  ExplicitCells(double[] bounds) {
    this.bounds = bounds;
    this.counts = new long[bounds.length + 1];
  }

  double[] bounds() {
    return bounds;
  }

  long count(int bucket) {
    return counts[bucket];
  }

  long total() {
    return total;
  }

  /** Adds counts that were checked, one for each bucket. */
  void add(long[] more) {
    for (int i = 0; i < counts.length; i++) {
      add(i, more[i]);
    }
  }

  void add(ExplicitCells other) {
    add(other.counts);
  }

  void add(int bucket, long count) {
    counts[bucket] += count;
    total += count;
  }

  /** About how much memory this needs, in bytes. */
  long heapBytes() {
    return 64 + Long.BYTES * (long) (bounds.length + counts.length);
  }

  void addTo(LogChance chance) {
    for (long count : counts) {
      chance.add(count);
    }
  }

  ExplicitCells copy() {
    ExplicitCells copy = new ExplicitCells(bounds);
    copy.add(counts);
    return copy;
  }

  /** How many values are certainly above {@code y}, which is at least 0. */
  long atLeastAbove(double y) {
    // A bucket is certainly above y if its lower bound is y or more.
    return inAndAbove(firstBoundAtOrAbove(y) + 1);
  }

  /** How many values may be above {@code y}, which is at least 0. */
  long atMostAbove(double y) {
    int bound = firstBoundAtOrAbove(y);
    return inAndAbove(bound < bounds.length && bounds[bound] == y ? bound + 1 : bound);
  }

  /** Values in the bucket that contains {@code y} and in those above. */
  long atOrAfterBucketOf(double y) {
    return inAndAbove(firstBoundAtOrAbove(y));
  }

  /** How many values are above {@code y}, spread log-uniformly over the bucket that contains it. */
  double interpolatedAbove(double y) {
    long atLeast = atLeastAbove(y);
    long within = atMostAbove(y) - atLeast;
    if (within == 0) {
      return atLeast;
    }
    int bucket = firstBoundAtOrAbove(y);
    double lower = bucket == 0 ? 0 : bounds[bucket - 1];
    double upper = bucket == bounds.length ? Double.POSITIVE_INFINITY : bounds[bucket];
    return atLeast + within * Counts.shareAbove(lower, upper, y);
  }

  /** Index of the first bound that is {@code y} or more; the number of bounds if there is none. */
  int firstBoundAtOrAbove(double y) {
    int low = 0;
    int high = bounds.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (bounds[middle] < y) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private long inAndAbove(int bucket) {
    long sum = 0;
    for (int i = counts.length - 1; i >= bucket; i--) {
      sum += counts[i];
    }
    return sum;
  }
}
