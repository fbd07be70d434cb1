package io.canaryjudge.server.ingest.series;

import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts a classic Prometheus histogram together: each of its buckets is a series of its own, and
 * those of one scrape may come in several requests.
 *
 * <p>A scrape is complete when as many buckets came as the one before had; the first one, whose
 * buckets are not known, when the next begins.
 */
final class ClassicHistogram {

  private int expected;
  private long timeNanos;
  private long startNanos;
  private final TreeMap<Double, Long> pending = new TreeMap<>();
  private long doneNanos;

  /** A histogram that was put together. */
  record Scrape(long startNanos, long timeNanos, Totals.Explicit totals) {}

  ClassicHistogram() {}

  ClassicHistogram(int expected, long doneNanos) {
    this.expected = expected;
    this.doneNanos = doneNanos;
  }

  /** How many buckets a complete scrape has; 0 if not known yet. */
  int expected() {
    return expected;
  }

  long doneNanos() {
    return doneNanos;
  }

  long startNanos() {
    return startNanos;
  }

  /** Time of the scrape that is not complete, epoch nanoseconds; meaningless without buckets. */
  long timeNanos() {
    return timeNanos;
  }

  /** The buckets of the scrape that is not complete: cumulative counts by upper bound. */
  SortedMap<Double, Long> pending() {
    return pending;
  }

  void restore(long pendingStartNanos, long pendingTimeNanos, Map<Double, Long> buckets) {
    startNanos = pendingStartNanos;
    timeNanos = pendingTimeNanos;
    pending.putAll(buckets);
  }

  /** Whether a bucket of this moment is no news. */
  boolean knows(long bucketNanos, double upperBound) {
    return bucketNanos <= doneNanos
        || (!pending.isEmpty()
            && (bucketNanos < timeNanos
                || (bucketNanos == timeNanos && pending.containsKey(upperBound))));
  }

  /**
   * Takes a bucket that is {@linkplain #knows news}.
   *
   * @param likely how many buckets a histogram of this name usually has; 0 if not known
   * @return the scrape that is complete now; null if none is
   */
  @Nullable Scrape take(SeriesPoint point, double upperBound, long count, int likely) {
    Scrape before = null;
    if (!pending.isEmpty() && point.timeNanos() > timeNanos) {
      before = finish();
    }
    timeNanos = point.timeNanos();
    startNanos = point.startNanos();
    pending.put(upperBound, count);
    if (before != null) {
      return before;
    }
    int complete = expected > 0 ? expected : likely;
    return pending.size() == complete && pending.containsKey(Double.POSITIVE_INFINITY)
        ? finish()
        : null;
  }

  /** The pending buckets as a histogram; null if its counts make none. */
  private @Nullable Scrape finish() {
    TreeMap<Double, Long> buckets = new TreeMap<>(pending);
    pending.clear();
    doneNanos = timeNanos;
    expected = buckets.size();
    Long all = buckets.remove(Double.POSITIVE_INFINITY);
    if (all == null) {
      return null;
    }
    double[] bounds = buckets.keySet().stream().mapToDouble(Double::doubleValue).toArray();
    long[] counts = new long[bounds.length + 1];
    long below = 0;
    int place = 0;
    for (long cumulative : buckets.values()) {
      counts[place++] = cumulative - below;
      below = cumulative;
    }
    counts[place] = all - below;
    return bounds.length == 0 || Arrays.stream(counts).anyMatch(count -> count < 0)
        ? null
        : new Scrape(startNanos, timeNanos, new Totals.Explicit(bounds, counts));
  }
}
