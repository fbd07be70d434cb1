package io.canaryjudge.server.ingest.stream;

import io.canaryjudge.analysis.aggregate.Aggregate;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.proto.v1.DistributionSample;
import io.canaryjudge.proto.v1.ExplicitHistogram;
import io.canaryjudge.proto.v1.ExponentialHistogram;
import io.canaryjudge.server.run.Refusal;
import io.canaryjudge.server.run.RunSeries;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of one sample after the other, in whichever form they come: first checks all of
 * them, then adds them, so that a sample counts as a whole or not at all.
 */
final class DistributionReader {

  private static final int MAX_VALUES = 10_000;
  private static final int MAX_BUCKETS = 4_096;

  private static final long[] NO_COUNTS = {};
  private static final double[] NO_BOUNDS = {};

  private DistributionSample sample = DistributionSample.getDefaultInstance();
  private long count;
  private long[] counts = NO_COUNTS;
  private double[] bounds = NO_BOUNDS;

  /**
   * Why a sample is refused.
   *
   * @param reason the reason
   * @param field path within the sample
   * @param came what came
   * @param expected what is accepted instead
   */
  record Problem(Refusal reason, String field, String came, String expected) {}

  /** Reads the next sample. Returns null if it can be added, as far as it alone can tell. */
  @Nullable Problem read(DistributionSample next, RunSeries series) {
    sample = next;
    boolean values = next.getValuesCount() > 0;
    boolean exponential = next.hasExponential();
    boolean explicit = next.hasExplicit();
    int forms = (values ? 1 : 0) + (exponential ? 1 : 0) + (explicit ? 1 : 0);
    if (forms != 1) {
      return new Problem(
          Refusal.MALFORMED,
          "values",
          forms + " forms",
          "exactly one of values, exponential and explicit");
    }
    if (values) {
      return readValues(next);
    }
    return exponential
        ? readExponential(next.getExponential())
        : readExplicit(next.getExplicit(), series);
  }

  /** Adds the sample that was read. Returns null if it was added, all of it. */
  @Nullable Problem addTo(DistributionAggregate aggregate) {
    if (count > Aggregate.MAX_COUNT - aggregate.count()) {
      return new Problem(Refusal.LIMIT, "values", count + " more values", "less in one window");
    }
    if (sample.hasExponential()) {
      return addExponential(sample.getExponential(), aggregate);
    }
    if (sample.hasExplicit()) {
      return addExplicit(aggregate);
    }
    for (int i = 0; i < sample.getValuesCount(); i++) {
      aggregate.addValue(sample.getValues(i), 1);
    }
    return null;
  }

  private @Nullable Problem readValues(DistributionSample next) {
    int size = next.getValuesCount();
    if (size > MAX_VALUES) {
      return tooMany("values", size, MAX_VALUES);
    }
    for (int i = 0; i < size; i++) {
      double value = next.getValues(i);
      if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
        return new Problem(
            value < 0 && value > Double.NEGATIVE_INFINITY ? Refusal.NEGATIVE : Refusal.NOT_FINITE,
            "values[" + i + "]",
            Double.toString(value),
            "finite, at least 0");
      }
    }
    count = size;
    return null;
  }

  private @Nullable Problem readExponential(ExponentialHistogram histogram) {
    int scale = histogram.getScale();
    if (scale < DistributionAggregate.MIN_SCALE || scale > DistributionAggregate.MAX_SCALE) {
      return new Problem(
          Refusal.BAD_HISTOGRAM,
          "exponential.scale",
          Integer.toString(scale),
          "in [" + DistributionAggregate.MIN_SCALE + ", " + DistributionAggregate.MAX_SCALE + "]");
    }
    double zeroThreshold = histogram.getZeroThreshold();
    if (!(zeroThreshold >= 0 && zeroThreshold < Double.POSITIVE_INFINITY)) {
      return new Problem(
          zeroThreshold < 0 && zeroThreshold > Double.NEGATIVE_INFINITY
              ? Refusal.NEGATIVE
              : Refusal.NOT_FINITE,
          "exponential.zero_threshold",
          Double.toString(zeroThreshold),
          "finite, at least 0");
    }
    int size = histogram.getBucketCountsCount();
    if (size > MAX_BUCKETS) {
      return tooMany("exponential.bucket_counts", size, MAX_BUCKETS);
    }
    makeRoom(size);
    for (int i = 0; i < size; i++) {
      counts[i] = histogram.getBucketCounts(i);
    }
    Problem problem = sumCounts("exponential.bucket_counts");
    if (problem != null) {
      return problem;
    }
    long zeros = histogram.getZeroCount();
    if (zeros < 0) {
      return new Problem(
          Refusal.NEGATIVE, "exponential.zero_count", Long.toString(zeros), "at least 0");
    }
    return addCount("exponential.zero_count", zeros);
  }

  private @Nullable Problem readExplicit(ExplicitHistogram histogram, RunSeries series) {
    int size = histogram.getUpperBoundsCount();
    if (size > DistributionAggregate.MAX_BOUNDS) {
      return tooMany("explicit.upper_bounds", size, DistributionAggregate.MAX_BOUNDS);
    }
    bounds = new double[size];
    double before = -1;
    for (int i = 0; i < size; i++) {
      double bound = histogram.getUpperBounds(i) + 0.0; // -0.0 is 0
      if (!(bound > before && bound >= 0 && bound < Double.POSITIVE_INFINITY)) {
        return new Problem(
            Refusal.BAD_HISTOGRAM,
            "explicit.upper_bounds[" + i + "]",
            Double.toString(bound),
            "finite, at least 0, above the bound before");
      }
      bounds[i] = bound;
      before = bound;
    }
    int buckets = histogram.getBucketCountsCount();
    if (size == 0 || buckets != size + 1) {
      return new Problem(
          Refusal.BAD_HISTOGRAM,
          "explicit.bucket_counts",
          buckets + " buckets for " + size + " bounds",
          "at least one bound, and one bucket more than there are bounds");
    }
    makeRoom(buckets);
    for (int i = 0; i < buckets; i++) {
      counts[i] = histogram.getBucketCounts(i);
    }
    Problem problem = sumCounts("explicit.bucket_counts");
    if (problem != null) {
      return problem;
    }
    if (!series.admitLayout(bounds)) {
      return new Problem(
          Refusal.LIMIT,
          "explicit.upper_bounds",
          "one more layout of this series",
          "at most " + DistributionAggregate.MAX_LAYOUTS + " different ones in a run");
    }
    return null;
  }

  private void makeRoom(int buckets) {
    if (counts.length != buckets) { // aggregates keep none of it
      counts = new long[buckets];
    }
  }

  private @Nullable Problem sumCounts(String field) {
    long sum = 0;
    int plain = 0;
    while (plain < counts.length
        && counts[plain] >= 0
        && counts[plain] <= SampleValidator.MAX_COUNT - sum) {
      sum += counts[plain];
      plain++;
    }
    count = sum;
    for (int i = plain; i < counts.length; i++) {
      if (counts[i] < 0) {
        return new Problem(
            Refusal.NEGATIVE, field + "[" + i + "]", Long.toString(counts[i]), "at least 0");
      }
      Problem problem = addCount(field, counts[i]);
      if (problem != null) {
        return problem;
      }
    }
    return null;
  }

  private @Nullable Problem addCount(String field, long more) {
    if (more > SampleValidator.MAX_COUNT - count) {
      return new Problem(
          Refusal.LIMIT,
          field,
          "a sum above " + SampleValidator.MAX_COUNT,
          "at most " + SampleValidator.MAX_COUNT);
    }
    count += more;
    return null;
  }

  private @Nullable Problem addExponential(
      ExponentialHistogram histogram, DistributionAggregate aggregate) {
    try {
      aggregate.addExponential(
          histogram.getScale(),
          histogram.getZeroThreshold() + 0.0,
          histogram.getZeroCount(),
          histogram.getOffset(),
          counts);
      return null;
    } catch (IllegalArgumentException e) {
      return new Problem(
          Refusal.BAD_HISTOGRAM,
          "exponential.offset",
          histogram.getOffset() + " at scale " + histogram.getScale(),
          "buckets within the range of a double");
    }
  }

  private @Nullable Problem addExplicit(DistributionAggregate aggregate) {
    if (!aggregate.canAddExplicit(bounds)) {
      return new Problem(
          Refusal.LIMIT,
          "explicit.upper_bounds",
          "one more layout in its window",
          "at most " + DistributionAggregate.MAX_LAYOUTS + " different ones");
    }
    aggregate.addExplicit(bounds, counts);
    return null;
  }

  private static Problem tooMany(String field, int came, int most) {
    return new Problem(Refusal.LIMIT, field, came + " elements", "at most " + most);
  }
}
