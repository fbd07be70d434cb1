package io.canaryjudge.server.ingest.remotewrite;

import com.google.protobuf.CodedInputStream;
import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.run.Refusal;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One native histogram after the other, as it is on the wire; the message is the same in both
 * versions but for the start timestamp. Used by one thread.
 *
 * <p>Counts are meant to be whole. Histograms with floating-point counts come from rules and
 * queries of Prometheus rather than from a service; their counts are rounded.
 */
final class NativeHistogram {

  /** Most populated buckets, and most spans of them. */
  static final int MAX_BUCKETS = 4_096;

  /** Most custom bounds. */
  static final int MAX_BOUNDS = 512;

  private static final int CUSTOM_BUCKETS = -53;
  private static final int MIN_SCHEMA = -4;
  private static final int MAX_SCHEMA = 8;
  private static final int GAUGE = 3;
  private static final double WHOLE = 1e-6;
  private static final long MOST_COUNT = 1L << 53;

  private boolean floating;
  private long count;
  private long sumBits;
  private int schema;
  private double zeroThreshold;
  private long zeroCountInt;
  private double zeroCountFloat;
  private int resetHint;
  private long millis;
  private long startMillis;
  private final Numbers offsets = new Numbers(MAX_BUCKETS);
  private final Numbers lengths = new Numbers(MAX_BUCKETS);
  private final Numbers deltas = new Numbers(MAX_BUCKETS);
  private final Numbers floats = new Numbers(MAX_BUCKETS);
  private final Numbers bounds = new Numbers(MAX_BOUNDS);
  private final Numbers negativeDeltas = new Numbers(MAX_BUCKETS);
  private final Numbers negativeFloats = new Numbers(MAX_BUCKETS);

  // What check() found.
  private final Numbers counts = new Numbers(MAX_BUCKETS);
  private long zeroCount;
  private boolean rounded;

  /** Reads a message up to the limit of the input. */
  void read(CodedInputStream in) throws IOException {
    clear();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 -> {
          count = in.readUInt64();
          floating = false;
        }
        case 2 << 3 | 1 -> {
          in.readFixed64();
          floating = true;
        }
        case 3 << 3 | 1 -> sumBits = in.readFixed64();
        case 4 << 3 -> schema = in.readSInt32();
        case 5 << 3 | 1 -> zeroThreshold = in.readDouble();
        case 6 << 3 -> {
          zeroCountInt = in.readUInt64();
          zeroCountFloat = 0;
        }
        case 7 << 3 | 1 -> {
          zeroCountFloat = in.readDouble();
          zeroCountInt = 0;
        }
        case 9 << 3 -> negativeDeltas.add(in.readSInt64());
        case 9 << 3 | 2 -> negativeDeltas.packed(in, CodedInputStream::readSInt64);
        case 10 << 3 | 1 -> negativeFloats.add(in.readFixed64());
        case 10 << 3 | 2 -> negativeFloats.packed(in, CodedInputStream::readFixed64);
        case 11 << 3 | 2 -> readSpan(in);
        case 12 << 3 -> deltas.add(in.readSInt64());
        case 12 << 3 | 2 -> deltas.packed(in, CodedInputStream::readSInt64);
        case 13 << 3 | 1 -> floats.add(in.readFixed64());
        case 13 << 3 | 2 -> floats.packed(in, CodedInputStream::readFixed64);
        case 14 << 3 -> resetHint = in.readEnum();
        case 15 << 3 -> millis = in.readInt64();
        case 16 << 3 | 1 -> bounds.add(in.readFixed64());
        case 16 << 3 | 2 -> bounds.packed(in, CodedInputStream::readFixed64);
        case 17 << 3 -> startMillis = in.readInt64();
        default -> Wire.skip(in, tag);
      }
    }
  }

  private void readSpan(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    int offset = 0;
    int length = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 -> offset = in.readSInt32();
        case 2 << 3 -> length = in.readUInt32();
        default -> Wire.skip(in, tag);
      }
    }
    in.popLimit(outer);
    offsets.add(offset);
    lengths.add(Integer.toUnsignedLong(length));
  }

  private void clear() {
    floating = false;
    count = 0;
    sumBits = 0;
    schema = 0;
    zeroThreshold = 0;
    zeroCountInt = 0;
    zeroCountFloat = 0;
    resetHint = 0;
    millis = 0;
    startMillis = 0;
    offsets.clear();
    lengths.clear();
    deltas.clear();
    floats.clear();
    bounds.clear();
    negativeDeltas.clear();
    negativeFloats.clear();
  }

  /** Epoch milliseconds. */
  long millis() {
    return millis;
  }

  /** Epoch milliseconds; 0 if unknown, as always in version 1.0. */
  long startMillis() {
    return startMillis;
  }

  /** Whether this only says that the series has ended. */
  boolean isStale() {
    return sumBits == PointReader.STALE;
  }

  /** Whether counts that were not whole were rounded; known after {@link #check}. */
  boolean isRounded() {
    return rounded;
  }

  /** What is wrong with it; null if it has a {@link #value}. */
  @Nullable Problem check() {
    if (resetHint == GAUGE) {
      return Problem.of(
          Refusal.WRONG_KIND, "reset_hint", "a gauge histogram", "counts that only grow");
    }
    if (lengths.isOverLimit() || deltas.isOverLimit() || floats.isOverLimit()) {
      int most = Math.max(lengths.size(), Math.max(deltas.size(), floats.size()));
      return Problem.of(Refusal.LIMIT, "buckets", most, "at most " + MAX_BUCKETS);
    }
    if (hasNegative()) {
      return Problem.of(Refusal.NEGATIVE, "negative buckets", "values", "no values below 0");
    }
    Problem problem = checkCounts();
    if (problem != null) {
      return problem;
    }
    if (schema == CUSTOM_BUCKETS) {
      return checkBounds();
    }
    if (schema < MIN_SCHEMA || schema > MAX_SCHEMA) {
      return Problem.of(
          Refusal.BAD_HISTOGRAM,
          "schema",
          schema,
          "in [" + MIN_SCHEMA + ", " + MAX_SCHEMA + "], or " + CUSTOM_BUCKETS);
    }
    if (!(zeroThreshold >= 0 && zeroThreshold < Double.POSITIVE_INFINITY)) {
      return Problem.of(
          Refusal.BAD_HISTOGRAM, "zero_threshold", zeroThreshold, "finite, at least 0");
    }
    return NativeBuckets.checkRange(schema, offsets, lengths);
  }

  /** A delta of 0 leaves the count of 0 as it was: any other makes some count differ from it. */
  private boolean hasNegative() {
    Numbers numbers = floating ? negativeFloats : negativeDeltas;
    for (int i = 0; i < Math.min(numbers.size(), MAX_BUCKETS); i++) {
      if (floating ? numbers.getDouble(i) != 0 : numbers.get(i) != 0) {
        return true;
      }
    }
    return numbers.isOverLimit();
  }

  private @Nullable Problem checkCounts() {
    rounded = false;
    counts.clear();
    Numbers came = floating ? floats : deltas;
    long inSpans = 0;
    for (int i = 0; i < lengths.size(); i++) {
      inSpans += lengths.get(i);
    }
    if (inSpans != came.size()) {
      return Problem.of(
          Refusal.BAD_HISTOGRAM,
          "positive_spans",
          inSpans + " buckets, with " + came.size() + " counts",
          "as many counts as buckets");
    }
    long sum = 0;
    long present = 0;
    for (int i = 0; i < came.size(); i++) {
      present = floating ? whole(came.getDouble(i)) : present + came.get(i);
      if (present < 0 || present > MOST_COUNT - sum) {
        return badCount("bucket " + i, floating ? came.getDouble(i) : present);
      }
      counts.add(present);
      sum += present;
    }
    zeroCount = floating ? whole(zeroCountFloat) : zeroCountInt;
    if (zeroCount < 0 || zeroCount > MOST_COUNT - sum) {
      return badCount("zero_count", floating ? zeroCountFloat : zeroCount);
    }
    return floating ? null : checkSum(sum + zeroCount);
  }

  /** Values that are NaN are in the count and the sum, and in no bucket. */
  private @Nullable Problem checkSum(long sum) {
    boolean nan = Double.isNaN(Double.longBitsToDouble(sumBits));
    if (count == sum || (nan && count > sum)) {
      return null;
    }
    return Problem.of(
        Refusal.BAD_HISTOGRAM, "count", Long.toUnsignedString(count), "the buckets' sum, " + sum);
  }

  private static Problem badCount(String field, Object came) {
    return Problem.of(Refusal.BAD_HISTOGRAM, field, came, "at least 0, and 2^53 in all buckets");
  }

  /** Negative if the number cannot be a count. */
  private long whole(double number) {
    if (!(number >= 0 && number <= MOST_COUNT)) {
      return -1;
    }
    double nearest = Math.rint(number);
    if (Math.abs(number - nearest) > WHOLE) {
      rounded = true;
    }
    return (long) nearest;
  }

  private @Nullable Problem checkBounds() {
    if (bounds.isOverLimit()) {
      return Problem.of(Refusal.LIMIT, "custom_values", bounds.size(), "at most " + MAX_BOUNDS);
    }
    if (zeroCount != 0) {
      return Problem.of(Refusal.BAD_HISTOGRAM, "zero_count", zeroCount, "0 with custom buckets");
    }
    return NativeBuckets.checkCustom(bounds, offsets, lengths, counts);
  }

  /** The histogram as a value of a point, once {@link #check} found nothing wrong. */
  PointValue value() {
    return schema == CUSTOM_BUCKETS
        ? NativeBuckets.custom(bounds, offsets, lengths, counts)
        : NativeBuckets.exponential(schema, zeroThreshold, zeroCount, offsets, lengths, counts);
  }
}
