package io.canaryjudge.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What an instance has counted since its start, as any service with metrics does: its requests by
 * how long they took and how they ended. Thread-safe.
 */
final class ServedRequests {

  /** Upper bounds of the buckets, in seconds: 10 ms to 12 s, neighbours 9 % apart. */
  static final List<Double> BOUNDS =
      IntStream.rangeClosed(0, 82)
          .mapToObj(i -> Math.round(1e4 * 0.01 * Math.pow(2, i / 8.0)) / 1e4)
          .toList();

  private static final double[] SEARCHED =
      BOUNDS.stream().mapToDouble(Double::doubleValue).toArray();

  private final CheckoutInstance instance;
  private final long[] good = new long[BOUNDS.size() + 1];
  private final long[] failed = new long[BOUNDS.size() + 1];
  private double seconds;

  ServedRequests(CheckoutInstance instance) {
    this.instance = instance;
  }

  /**
   * The totals of an instance at a moment.
   *
   * @param good requests in each bucket that ended well; the last bucket has no bound
   * @param failed those that did not
   * @param seconds how long all of them took
   */
  record Totals(CheckoutInstance instance, List<Long> good, List<Long> failed, double seconds) {

    static long count(List<Long> buckets) {
      return buckets.stream().mapToLong(Long::longValue).sum();
    }

    /** All requests of a bucket. */
    long all(int bucket) {
      return good.get(bucket) + failed.get(bucket);
    }
  }

  synchronized void record(Observation observation) {
    int place = Arrays.binarySearch(SEARCHED, observation.seconds());
    (observation.failed() ? failed : good)[place < 0 ? ~place : place]++;
    seconds += observation.seconds();
  }

  synchronized Totals totals() {
    return new Totals(instance, list(good), list(failed), seconds);
  }

  private static List<Long> list(long[] counts) {
    List<Long> list = new ArrayList<>(counts.length);
    for (long count : counts) {
      list.add(count);
    }
    return list;
  }
}
