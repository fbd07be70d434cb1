package io.canaryjudge.client;

import io.canaryjudge.proto.v1.DistributionSample;
import io.canaryjudge.proto.v1.ExponentialHistogram;
import java.util.Arrays;

/**
 * Counts values in exponential buckets at scale 6: 64 per doubling, so a value is known to within
 * 0.55 %. Not thread-safe.
 *
 * <p>Bucket {@code i} holds the values in {@code (2^(i/64), 2^((i+1)/64)]}, as in OpenTelemetry's
 * data model for metrics, "ExponentialHistogram".
 */
final class ValueHistogram {

  /** Buckets per doubling: scale 6. */
  private static final int PER_DOUBLING = 64;

  /** The wire's bound on the buckets of one sample. */
  private static final int BUCKETS_PER_SAMPLE = 4096;

  /** Lower edges of the 64 buckets in [1, 2): exact comparison, where a logarithm would round. */
  private static final double[] EDGES = new double[PER_DOUBLING];

  static {
    for (int i = 0; i < PER_DOUBLING; i++) {
      EDGES[i] = StrictMath.pow(2, (double) i / PER_DOUBLING);
    }
  }

  private long[] counts = {};
  private int offset;
  private long zeroCount;
  private long count;

  /** Counts a value: finite and at least 0. Subnormal ones count as 0. */
  void add(double value) {
    count++;
    if (value < Double.MIN_NORMAL) {
      zeroCount++;
    } else {
      increment(index(value));
    }
  }

  /** How many values were counted. */
  long count() {
    return count;
  }

  /** The bucket that holds a normal positive value. */
  static int index(double value) {
    int exponent = Math.getExponent(value);
    double mantissa = value / Math.scalb(1.0, exponent);
    int found = Arrays.binarySearch(EDGES, mantissa);
    // A value on an edge belongs to the bucket below it: upper bounds are inclusive.
    int below = found >= 0 ? found - 1 : -found - 2;
    return exponent * PER_DOUBLING + below;
  }

  /** Adds it to a batch as one sample, or as several if the values span more than one may hold. */
  void writeTo(BatchFiller batch, int seriesId, long timeMillis) {
    long zeros = zeroCount;
    int at = 0;
    while (at < counts.length || zeros > 0) {
      int end = Math.min(counts.length, at + BUCKETS_PER_SAMPLE);
      var part = ExponentialHistogram.newBuilder().setScale(6).setZeroCount(zeros);
      long values = zeros;
      zeros = 0;
      int from = at;
      while (from < end && counts[from] == 0) {
        from++;
      }
      int to = end;
      while (to > from && counts[to - 1] == 0) {
        to--;
      }
      part.setOffset(offset + from);
      for (int i = from; i < to; i++) {
        part.addBucketCounts(counts[i]);
        values += counts[i];
      }
      if (values > 0) {
        batch.add(
            DistributionSample.newBuilder()
                .setSeriesId(seriesId)
                .setTimeMillis(timeMillis)
                .setExponential(part)
                .build(),
            values);
      }
      at = end;
    }
  }

  private void increment(int index) {
    if (counts.length == 0) {
      counts = new long[32];
      offset = index - 16;
    } else if (index < offset) {
      int more = Math.max(offset - index, counts.length / 2);
      long[] wider = new long[counts.length + more];
      System.arraycopy(counts, 0, wider, more, counts.length);
      counts = wider;
      offset -= more;
    } else if (index >= offset + counts.length) {
      counts = Arrays.copyOf(counts, Math.max(index - offset + 1, counts.length * 3 / 2));
    }
    counts[index - offset]++;
  }
}
