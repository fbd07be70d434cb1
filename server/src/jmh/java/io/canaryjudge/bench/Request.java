package io.canaryjudge.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A request that was serialised once and gets the times of its points when it is sent, so that a
 * load generator has little to do for each.
 */
final class Request {

  /** In place of the time of a point, epoch milliseconds. */
  static final long TIME_MILLIS = 1_700_000_000_123L;

  /** In place of the start of a series, epoch milliseconds. */
  static final long START_MILLIS = 1_690_000_000_987L;

  static final long NANOS_PER_MILLI = 1_000_000;

  private static final int VARINT_BYTES = 6; // of a time of our days, epoch milliseconds

  private final byte[] plain;
  private final boolean varints;
  private final int[] times;
  private final int[] starts;

  /**
   * Finds the places of the times.
   *
   * @param varints whether a time is a varint of milliseconds; else it is eight bytes of
   *     nanoseconds
   */
  Request(byte[] plain, boolean varints) {
    this.plain = plain;
    this.varints = varints;
    this.times = find(bytes(TIME_MILLIS));
    this.starts = find(bytes(START_MILLIS));
  }

  /**
   * A request with a point of each series.
   *
   * @param names of the metrics; the series of a process are spread over them
   * @param histograms whether the points are histograms; else they are counters
   * @param round what was counted is so many times what one round counts
   */
  static Request of(
      Wire wire, List<List<Series>> processes, List<String> names, boolean histograms, int round) {
    return switch (wire) {
      case OTLP_GRPC, OTLP_HTTP ->
          new Request(OtlpRequests.of(processes, names, histograms, round).toByteArray(), false);
      case WRITE_1, WRITE_2 ->
          new Request(WriteRequests.of(wire, processes, names, histograms, round), true);
    };
  }

  /** The bytes with these times. They are overwritten by the next call. */
  byte[] at(long startMillis, long timeMillis) {
    put(times, bytes(timeMillis));
    put(starts, bytes(startMillis));
    return plain;
  }

  private void put(int[] places, byte[] bytes) {
    for (int place : places) {
      System.arraycopy(bytes, 0, plain, place, bytes.length);
    }
  }

  private byte[] bytes(long millis) {
    if (!varints) {
      return ByteBuffer.allocate(Long.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putLong(millis * NANOS_PER_MILLI)
          .array();
    }
    byte[] bytes = new byte[VARINT_BYTES];
    for (int i = 0; i < VARINT_BYTES; i++) {
      int more = i < VARINT_BYTES - 1 ? 0x80 : 0;
      bytes[i] = (byte) (((millis >>> (7 * i)) & 0x7f) | more);
    }
    return bytes;
  }

  private int[] find(byte[] pattern) {
    return IntStream.rangeClosed(0, plain.length - pattern.length)
        .filter(i -> plain[i] == pattern[0])
        .filter(i -> Arrays.equals(plain, i, i + pattern.length, pattern, 0, pattern.length))
        .toArray();
  }
}
