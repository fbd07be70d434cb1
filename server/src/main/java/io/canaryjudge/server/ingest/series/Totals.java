package io.canaryjudge.server.ingest.series;

import java.util.Arrays;

/**
 * What a series has counted so far, or what it counted anew: whole numbers, so that nothing is lost
 * in differences.
 */
@SuppressWarnings("ArrayRecordComponent")
sealed interface Totals {

  /** Why nothing can be said about what came between two totals. */
  enum Unknown {
    /** Some count became lower. */
    DECREASED,

    /** The buckets are others. */
    OTHER_BUCKETS
  }

  /** Outcome of a subtraction. */
  sealed interface Difference {

    /** What was counted in between. */
    record Known(Totals totals) implements Difference {}

    /** It cannot be told. */
    record Not(Unknown why) implements Difference {}
  }

  /** Number of events. */
  long count();

  /** What was counted since {@code before}. */
  Difference since(Totals before);

  /** Events. */
  record Events(long count) implements Totals {

    @Override
    public Difference since(Totals before) {
      if (!(before instanceof Events(long earlier))) {
        return new Difference.Not(Unknown.OTHER_BUCKETS);
      }
      return earlier > count
          ? new Difference.Not(Unknown.DECREASED)
          : new Difference.Known(new Events(count - earlier));
    }
  }

  /** A histogram with explicit buckets, see {@link PointValue.Buckets}. */
  record Explicit(double[] upperBounds, long[] counts) implements Totals {

    @Override
    public long count() {
      return Arrays.stream(counts).sum();
    }

    @Override
    public Difference since(Totals before) {
      if (!(before instanceof Explicit earlier)
          || !Arrays.equals(earlier.upperBounds, upperBounds)) {
        return new Difference.Not(Unknown.OTHER_BUCKETS);
      }
      long[] difference = counts.clone();
      for (int i = 0; i < difference.length; i++) {
        difference[i] -= earlier.counts[i];
        if (difference[i] < 0) {
          return new Difference.Not(Unknown.DECREASED);
        }
      }
      return new Difference.Known(new Explicit(upperBounds, difference));
    }
  }

  /** A histogram with exponential buckets, see {@link PointValue.Exponential}. */
  record Exponential(int scale, double zeroThreshold, long zeroCount, int offset, long[] counts)
      implements Totals {

    @Override
    public long count() {
      return zeroCount + Arrays.stream(counts).sum();
    }

    /** A series lowers its scale when its values spread; the earlier total is lowered then, too. */
    @Override
    public Difference since(Totals before) {
      if (!(before instanceof Exponential other) || other.zeroThreshold != zeroThreshold) {
        return new Difference.Not(Unknown.OTHER_BUCKETS);
      }
      int common = Math.min(scale, other.scale);
      Exponential later = atScale(common);
      Exponential earlier = other.atScale(common);
      long zeros = later.zeroCount - earlier.zeroCount;
      if (zeros < 0) {
        return new Difference.Not(Unknown.DECREASED);
      }
      long[] difference = later.counts.clone();
      for (int i = 0; i < earlier.counts.length; i++) {
        if (earlier.counts[i] == 0) {
          continue;
        }
        long place = (long) earlier.offset + i - later.offset;
        if (place < 0 || place >= difference.length) {
          return new Difference.Not(Unknown.DECREASED);
        }
        difference[(int) place] -= earlier.counts[i];
        if (difference[(int) place] < 0) {
          return new Difference.Not(Unknown.DECREASED);
        }
      }
      return new Difference.Known(
          new Exponential(common, zeroThreshold, zeros, later.offset, difference));
    }

    private Exponential atScale(int lower) {
      int shift = scale - lower;
      if (shift == 0 || counts.length == 0) {
        return new Exponential(lower, zeroThreshold, zeroCount, offset, counts);
      }
      int first = offset >> shift;
      int last = (int) (((long) offset + counts.length - 1) >> shift);
      long[] merged = new long[last - first + 1];
      for (int i = 0; i < counts.length; i++) {
        merged[((offset + i) >> shift) - first] += counts[i];
      }
      return new Exponential(lower, zeroThreshold, zeroCount, first, merged);
    }
  }
}
