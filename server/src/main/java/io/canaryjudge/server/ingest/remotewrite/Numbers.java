package io.canaryjudge.server.ingest.remotewrite;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * A repeated field of numbers, up to a limit: those beyond are only counted. Doubles are kept as
 * their bits. Used by one thread.
 */
final class Numbers {

  private final int limit;
  private long[] numbers = new long[16];
  private int count;

  Numbers(int limit) {
    this.limit = limit;
  }

  void clear() {
    count = 0;
  }

  void add(long number) {
    if (count < limit) {
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, Math.min(limit, 2 * count));
      }
      numbers[count] = number;
    }
    count = Math.addExact(count, 1);
  }

  void addDouble(double number) {
    add(Double.doubleToRawLongBits(number));
  }

  /** How many came. */
  int size() {
    return count;
  }

  boolean isOverLimit() {
    return count > limit;
  }

  long get(int place) {
    return numbers[place];
  }

  double getDouble(int place) {
    return Double.longBitsToDouble(numbers[place]);
  }

  /** Reads one number; {@code packed} reads many of the same form. */
  @FunctionalInterface
  interface Form {
    /** Reads the next one. */
    long read(CodedInputStream in) throws IOException;
  }

  void packed(CodedInputStream in, Form form) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    while (in.getBytesUntilLimit() > 0) {
      add(form.read(in));
    }
    in.popLimit(outer);
  }
}
