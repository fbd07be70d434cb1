package io.canaryjudge.server.ingest.remotewrite;

import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.run.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * Turns spans of buckets into consecutive ones. A span says how many buckets lie between it and the
 * one before (the first: its index), and how many it has. Bucket i of schema n is (base^(i-1),
 * base^i] with base = 2^(2^-n), or, with custom bounds, the one that ends at bound i.
 */
final class NativeBuckets {

  /** Exponents beyond which no double lies; the last bucket may hold infinity. */
  private static final double LEAST_EXPONENT = -1_075;

  private static final double MOST_EXPONENT = 1_024;

  private NativeBuckets() {}

  /** Hears of each bucket. */
  @FunctionalInterface
  private interface Visitor {
    void bucket(long index, int place);
  }

  private static void visit(Numbers offsets, Numbers lengths, Visitor visitor) {
    long index = 0;
    int place = 0;
    for (int span = 0; span < lengths.size(); span++) {
      index += offsets.get(span);
      for (long i = 0; i < lengths.get(span); i++) {
        visitor.bucket(index++, place++);
      }
    }
  }

  private static @Nullable Problem checkGaps(Numbers offsets) {
    for (int span = 1; span < offsets.size(); span++) {
      if (offsets.get(span) < 0) {
        return Problem.of(
            Refusal.BAD_HISTOGRAM,
            "positive_spans[" + span + "].offset",
            offsets.get(span),
            "at least 0");
      }
    }
    return null;
  }

  /** What is wrong with spans of exponential buckets; null if nothing is. */
  static @Nullable Problem checkRange(int schema, Numbers offsets, Numbers lengths) {
    Problem problem = checkGaps(offsets);
    if (problem != null) {
      return problem;
    }
    long index = 0;
    for (int span = 0; span < lengths.size(); span++) {
      index += offsets.get(span);
      double least = Math.scalb((double) (index - 1), -schema);
      index += lengths.get(span);
      double most = Math.scalb((double) (index - 2), -schema);
      if (lengths.get(span) > 0 && !(least >= LEAST_EXPONENT && most <= MOST_EXPONENT)) {
        return Problem.of(
            Refusal.BAD_HISTOGRAM,
            "positive_spans[" + span + "]",
            "buckets up to " + (index - 1) + " of schema " + schema,
            "buckets within the range of a double");
      }
    }
    return null;
  }

  /**
   * Exponential buckets. Bucket i of Prometheus is bucket i-1 of {@link PointValue.Exponential}.
   * Where they would be too many, neighbours are joined, which halves the resolution and loses
   * nothing else.
   */
  static PointValue exponential(
      int schema,
      double zeroThreshold,
      long zeroCount,
      Numbers offsets,
      Numbers lengths,
      Numbers counts) {
    if (counts.size() == 0) {
      return new PointValue.Exponential(schema, zeroThreshold + 0.0, zeroCount, 0, new long[0]);
    }
    long[] ends = {Long.MAX_VALUE, Long.MIN_VALUE};
    visit(
        offsets,
        lengths,
        (index, _) -> {
          ends[0] = Math.min(ends[0], index - 1);
          ends[1] = Math.max(ends[1], index - 1);
        });
    int halvings = 0;
    while ((ends[1] >> halvings) - (ends[0] >> halvings) >= NativeHistogram.MAX_BUCKETS) {
      halvings++;
    }
    int shift = halvings;
    long first = ends[0] >> shift;
    long[] consecutive = new long[Math.toIntExact((ends[1] >> shift) - first + 1)];
    visit(
        offsets,
        lengths,
        (index, place) -> consecutive[(int) (((index - 1) >> shift) - first)] += counts.get(place));
    return new PointValue.Exponential(
        schema - shift, zeroThreshold + 0.0, zeroCount, Math.toIntExact(first), consecutive);
  }

  /** What is wrong with custom buckets; null if nothing is. */
  static @Nullable Problem checkCustom(
      Numbers bounds, Numbers offsets, Numbers lengths, Numbers counts) {
    double before = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < bounds.size(); i++) {
      double bound = bounds.getDouble(i) + 0.0;
      if (!(bound > before && bound < Double.POSITIVE_INFINITY)) {
        return Problem.of(
            Refusal.BAD_HISTOGRAM,
            "custom_values[" + i + "]",
            bound,
            "finite, above the bound before");
      }
      before = bound;
    }
    Problem problem = checkGaps(offsets);
    if (problem != null) {
      return problem;
    }
    long end = 0;
    for (int span = 0; span < lengths.size(); span++) {
      end += offsets.get(span) + lengths.get(span);
    }
    if (end > bounds.size() + 1 || (lengths.size() > 0 && offsets.get(0) < 0)) {
      return Problem.of(
          Refusal.BAD_HISTOGRAM,
          "positive_spans",
          "buckets beyond the bounds",
          "buckets 0 to " + bounds.size());
    }
    int below = boundsBelowZero(bounds);
    boolean[] occupied = new boolean[1];
    visit(
        offsets, lengths, (index, place) -> occupied[0] |= index < below && counts.get(place) > 0);
    return occupied[0]
        ? Problem.of(Refusal.NEGATIVE, "buckets below 0", "values", "no values below 0")
        : null;
  }

  /** Buckets with custom bounds; empty ones below zero are left out. */
  static PointValue custom(Numbers bounds, Numbers offsets, Numbers lengths, Numbers counts) {
    int below = boundsBelowZero(bounds);
    double[] upperBounds = new double[bounds.size() - below];
    for (int i = 0; i < upperBounds.length; i++) {
      upperBounds[i] = bounds.getDouble(below + i) + 0.0;
    }
    long[] all = new long[upperBounds.length + 1];
    visit(
        offsets,
        lengths,
        (index, place) -> {
          if (index >= below) {
            all[(int) index - below] = counts.get(place);
          }
        });
    return new PointValue.Buckets(upperBounds, all);
  }

  private static int boundsBelowZero(Numbers bounds) {
    int below = 0;
    while (below < bounds.size() && bounds.getDouble(below) < 0) {
      below++;
    }
    return below;
  }
}
