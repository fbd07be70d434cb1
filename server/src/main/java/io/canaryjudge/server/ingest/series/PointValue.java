package io.canaryjudge.server.ingest.series;

/**
 * What a point says. Doors hand over only values that make sense by themselves: counts are finite
 * and at least 0, bounds strictly increasing.
 *
 * <p>Arrays are handed over: nobody changes them afterwards. Values are not compared.
 */
@SuppressWarnings("ArrayRecordComponent")
public sealed interface PointValue {

  /**
   * A counter.
   *
   * @param value finite, at least 0; usually a whole number
   */
  record Count(double value) implements PointValue {}

  /**
   * A reading, with no memory; its temporality does not matter.
   *
   * @param value finite, at least 0
   */
  record Gauge(double value) implements PointValue {}

  /**
   * A histogram with explicit buckets.
   *
   * @param upperBounds inclusive: finite, at least 0, strictly increasing; at most 512. The last
   *     bucket, up to +Infinity, is implied
   * @param counts of the buckets, not cumulative, each at least 0; one more than there are bounds
   */
  record Buckets(double[] upperBounds, long[] counts) implements PointValue {}

  /**
   * One bucket of a classic Prometheus histogram, which is a series of its own: how many values
   * were at most {@code upperBound}. Its point has the name without {@code _bucket} and the labels
   * without {@code le}.
   *
   * @param upperBound at least 0, or +Infinity
   * @param count finite, at least 0
   */
  record ClassicBucket(double upperBound, double count) implements PointValue {}

  /**
   * A histogram with exponential buckets: bucket i is (base^i, base^(i+1)] with base =
   * 2^(2^-scale), as OpenTelemetry counts them.
   *
   * @param scale in [-10, 20]
   * @param zeroThreshold upper end of the zero bucket [0, zeroThreshold]; finite, at least 0
   * @param zeroCount values in the zero bucket, at least 0
   * @param offset index of the first positive bucket
   * @param counts of consecutive positive buckets, each at least 0; at most 4,096
   */
  record Exponential(int scale, double zeroThreshold, long zeroCount, int offset, long[] counts)
      implements PointValue {}
}
