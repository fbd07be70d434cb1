package io.canaryjudge.server;

import io.canaryjudge.client.RecordedSample;
import io.canaryjudge.client.SeriesSpec;
import io.canaryjudge.proto.v1.ExplicitHistogram;
import io.canaryjudge.proto.v1.ExponentialHistogram;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Latencies in buckets, as services count them: with bounds, or exponential ones of scale 6. */
final class Latencies {

  static final int SCALE = 6;

  /** Lower edges of the buckets in [1, 2). */
  private static final double[] EDGES =
      IntStream.range(0, 1 << SCALE)
          .mapToDouble(i -> StrictMath.pow(2, (double) i / (1 << SCALE)))
          .toArray();

  private final List<Double> bounds;
  private final NavigableMap<Integer, Long> counts = new TreeMap<>();

  /**
   * None yet.
   *
   * @param bounds inclusive upper bounds in seconds; empty for exponential buckets
   */
  Latencies(List<Double> bounds) {
    this.bounds = bounds;
  }

  List<Double> bounds() {
    return bounds;
  }

  boolean exponential() {
    return bounds.isEmpty();
  }

  /** Counts one: above 0, in seconds. */
  Latencies add(double seconds) {
    add(exponential() ? index(seconds) : place(seconds), 1);
    return this;
  }

  /** Counts some in a bucket. */
  void add(int bucket, long more) {
    if (more > 0) {
      counts.merge(bucket, more, Long::sum);
    }
  }

  void add(Latencies more) {
    more.counts.forEach(this::add);
  }

  long count() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The slowest of them. */
  Latencies slowest(long most) {
    Latencies found = new Latencies(bounds);
    long left = most;
    for (Map.Entry<Integer, Long> bucket : counts.descendingMap().entrySet()) {
      long taken = Math.min(left, bucket.getValue());
      found.add(bucket.getKey(), taken);
      left -= taken;
    }
    return found;
  }

  /** All but some of them. */
  Latencies without(Latencies some) {
    Latencies rest = new Latencies(bounds);
    counts.forEach(
        (bucket, count) -> rest.add(bucket, count - some.counts.getOrDefault(bucket, 0L)));
    return rest;
  }

  /** Index of the first exponential bucket. */
  int offset() {
    return counts.isEmpty() ? 0 : counts.firstKey();
  }

  /** Counts of all buckets with bounds; of exponential ones those from the first to the last. */
  List<Long> bucketCounts() {
    if (!exponential()) {
      return IntStream.rangeClosed(0, bounds.size()).mapToObj(this::at).toList();
    }
    return counts.isEmpty()
        ? List.of()
        : IntStream.rangeClosed(counts.firstKey(), counts.lastKey()).mapToObj(this::at).toList();
  }

  /** As the client of the judge sends them. */
  RecordedSample sample(SeriesSpec series, long timeMillis) {
    return exponential()
        ? new RecordedSample.Exponential(
            series,
            timeMillis,
            ExponentialHistogram.newBuilder()
                .setScale(SCALE)
                .setOffset(offset())
                .addAllBucketCounts(bucketCounts())
                .build())
        : new RecordedSample.Explicit(
            series,
            timeMillis,
            ExplicitHistogram.newBuilder()
                .addAllUpperBounds(bounds)
                .addAllBucketCounts(bucketCounts())
                .build());
  }

  private Long at(int bucket) {
    return counts.getOrDefault(bucket, 0L);
  }

  private int place(double seconds) {
    int found = Collections.binarySearch(bounds, seconds);
    return found >= 0 ? found : -found - 1;
  }

  /** Upper bounds are inclusive: a value on an edge is in the bucket below. */
  private static int index(double seconds) {
    int exponent = Math.getExponent(seconds);
    int found = Arrays.binarySearch(EDGES, seconds / Math.scalb(1.0, exponent));
    return (exponent << SCALE) + (found >= 0 ? found - 1 : -found - 2);
  }
}
