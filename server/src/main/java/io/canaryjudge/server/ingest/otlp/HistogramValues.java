package io.canaryjudge.server.ingest.otlp;

import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.run.Refusal;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;

/**
 * Reads the buckets of the points of histograms, one after the other. Sums, extremes and exemplars
 * are not needed. Used by one thread.
 */
final class HistogramValues {

  // What a point of a series may have, see PointValue.
  static final int MAX_BOUNDS = 512;
  static final int MAX_BUCKETS = 4_096;
  static final int MIN_SCALE = -10;
  static final int MAX_SCALE = 20;

  private double[] lastBounds = {};

  /**
   * Explicit buckets, whose upper bounds are inclusive. A histogram without any bucket has one, up
   * to infinity: it says nothing about values, but how many there were.
   */
  PointValue.Buckets explicit(HistogramDataPoint point) throws BadPoint {
    double[] bounds = bounds(point);
    int size = bounds.length;
    int buckets = point.getBucketCountsCount();
    if (buckets == 0 && size == 0) {
      return new PointValue.Buckets(bounds, new long[] {count("count", point.getCount())});
    }
    if (buckets != size + 1) {
      throw new BadPoint(
          Refusal.BAD_HISTOGRAM,
          "bucket_counts",
          buckets + " buckets for " + size + " bounds",
          "one bucket more than there are bounds");
    }
    long[] counts = new long[buckets];
    long sum = 0;
    for (int i = 0; i < buckets; i++) {
      counts[i] = count("bucket_counts", point.getBucketCounts(i));
      sum = sum("bucket_counts", sum, counts[i]);
    }
    checkCount(point.getCount(), sum);
    return new PointValue.Buckets(bounds, counts);
  }

  /** Mostly those of the point before: checked once, and one array for all. */
  private double[] bounds(HistogramDataPoint point) throws BadPoint {
    int size = point.getExplicitBoundsCount();
    if (size > MAX_BOUNDS) {
      throw tooMany("explicit_bounds", size, MAX_BOUNDS);
    }
    if (areLast(point, size)) {
      return lastBounds;
    }
    double[] bounds = new double[size];
    for (int i = 0; i < size; i++) {
      bounds[i] = NumberValues.finite("explicit_bounds[" + i + "]", point.getExplicitBounds(i));
      if (i > 0 && !(bounds[i] > bounds[i - 1])) {
        throw new BadPoint(
            Refusal.BAD_HISTOGRAM,
            "explicit_bounds[" + i + "]",
            Double.toString(bounds[i]),
            "above the bound before, " + bounds[i - 1]);
      }
    }
    lastBounds = bounds;
    return bounds;
  }

  private boolean areLast(HistogramDataPoint point, int size) {
    if (size != lastBounds.length) {
      return false;
    }
    for (int i = 0; i < size; i++) {
      if (point.getExplicitBounds(i) != lastBounds[i]) {
        return false;
      }
    }
    return true;
  }

  /** Exponential buckets, of positive values. */
  PointValue.Exponential exponential(ExponentialHistogramDataPoint point) throws BadPoint {
    int scale = point.getScale();
    if (scale < MIN_SCALE || scale > MAX_SCALE) {
      throw new BadPoint(
          Refusal.BAD_HISTOGRAM,
          "scale",
          Integer.toString(scale),
          "in [" + MIN_SCALE + ", " + MAX_SCALE + "]");
    }
    for (int i = 0; i < point.getNegative().getBucketCountsCount(); i++) {
      if (point.getNegative().getBucketCounts(i) != 0) {
        throw new BadPoint(
            Refusal.NEGATIVE,
            "negative.bucket_counts[" + i + "]",
            Long.toUnsignedString(point.getNegative().getBucketCounts(i)),
            "0, since values are at least 0");
      }
    }
    ExponentialHistogramDataPoint.Buckets positive = point.getPositive();
    int size = positive.getBucketCountsCount();
    if (size > MAX_BUCKETS) {
      throw tooMany("positive.bucket_counts", size, MAX_BUCKETS);
    }
    if ((long) positive.getOffset() + size > Integer.MAX_VALUE) {
      throw new BadPoint(
          Refusal.BAD_HISTOGRAM,
          "positive.offset",
          Integer.toString(positive.getOffset()),
          "room for " + size + " buckets above it");
    }
    double zeroThreshold = NumberValues.finite("zero_threshold", point.getZeroThreshold());
    long zeros = count("zero_count", point.getZeroCount());
    long sum = zeros;
    long[] counts = new long[size];
    for (int i = 0; i < size; i++) {
      counts[i] = count("positive.bucket_counts", positive.getBucketCounts(i));
      sum = sum("positive.bucket_counts", sum, counts[i]);
    }
    checkCount(point.getCount(), sum);
    return new PointValue.Exponential(scale, zeroThreshold, zeros, positive.getOffset(), counts);
  }

  /** Counts are unsigned on the wire; what does not fit into 63 bits was never counted. */
  private static long count(String field, long value) throws BadPoint {
    if (value < 0) {
      throw new BadPoint(
          Refusal.BAD_HISTOGRAM, field, Long.toUnsignedString(value), "at most " + Long.MAX_VALUE);
    }
    return value;
  }

  private static long sum(String field, long sum, long more) throws BadPoint {
    if (more > Long.MAX_VALUE - sum) {
      throw new BadPoint(
          Refusal.BAD_HISTOGRAM, field, "a greater sum", "at most " + Long.MAX_VALUE);
    }
    return sum + more;
  }

  private static void checkCount(long count, long sum) throws BadPoint {
    if (count != sum) {
      throw new BadPoint(
          Refusal.BAD_HISTOGRAM,
          "count",
          Long.toUnsignedString(count),
          "the sum of its buckets, " + sum);
    }
  }

  private static BadPoint tooMany(String field, int came, int most) {
    return new BadPoint(Refusal.LIMIT, field, came + " elements", "at most " + most);
  }
}
