package io.canaryjudge.server.ingest.series;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far series were counted, as bytes that are committed together with the samples: after a crash
 * the next point is compared with what is durable, and counts neither twice nor not at all.
 */
final class Notes {

  private static final byte VERSION = 1;
  private static final byte NOTHING = 0;
  private static final byte EVENTS = 1;
  private static final byte EXPLICIT = 2;
  private static final byte EXPONENTIAL = 3;

  private Notes() {}

  static byte[] write(SeriesState state, @Nullable ClassicHistogram classic) {
    Totals totals = state.totals();
    ByteBuffer out = ByteBuffer.allocate(1 + 2 * Long.BYTES + size(totals) + 1 + size(classic));
    out.put(VERSION).putLong(state.startNanos()).putLong(state.timeNanos());
    write(totals, out);
    out.put((byte) (classic == null ? 0 : 1));
    if (classic != null) {
      write(classic, out);
    }
    return out.array();
  }

  /** What {@link #write(SeriesState, ClassicHistogram)} wrote. */
  record Series(SeriesState state, @Nullable ClassicHistogram classic) {}

  static Series readSeries(byte[] bytes) {
    return read(
        bytes,
        in -> {
          SeriesState state = new SeriesState(in.readLong(), in.readLong(), readTotals(in));
          return new Series(state, in.readBoolean() ? readClassic(in) : null);
        });
  }

  static byte[] write(Target target) {
    return ByteBuffer.allocate(1 + 2 * Long.BYTES)
        .put(VERSION)
        .putLong(target.firstNanos())
        .putLong(target.startNanos())
        .array();
  }

  static void read(byte[] bytes, Target target) {
    Notes.<Target>read(
        bytes,
        in -> {
          target.restore(in.readLong(), in.readLong());
          return target;
        });
  }

  private static int size(@Nullable Totals totals) {
    return 1
        + switch (totals) {
          case null -> 0;
          case Totals.Events _ -> Long.BYTES;
          case Totals.Explicit(double[] upperBounds, long[] counts) ->
              Integer.BYTES + Double.BYTES * upperBounds.length + size(counts);
          case Totals.Exponential exponential ->
              1 + Double.BYTES + Long.BYTES + Integer.BYTES + size(exponential.counts());
        };
  }

  private static void write(@Nullable Totals totals, ByteBuffer out) {
    switch (totals) {
      case null -> out.put(NOTHING);
      case Totals.Events(long count) -> out.put(EVENTS).putLong(count);
      case Totals.Explicit(double[] upperBounds, long[] counts) -> {
        out.put(EXPLICIT).putInt(upperBounds.length);
        for (double bound : upperBounds) {
          out.putDouble(bound);
        }
        write(counts, out);
      }
      case Totals.Exponential(
              int scale,
              double zeroThreshold,
              long zeroCount,
              int offset,
              long[] counts) -> {
        out.put(EXPONENTIAL).put((byte) scale);
        out.putDouble(zeroThreshold).putLong(zeroCount).putInt(offset);
        write(counts, out);
      }
    }
  }

  private static @Nullable Totals readTotals(DataInputStream in) throws IOException {
    int kind = in.readByte();
    return switch (kind) {
      case NOTHING -> null;
      case EVENTS -> new Totals.Events(in.readLong());
      case EXPLICIT -> {
        double[] bounds = new double[in.readInt()];
        for (int i = 0; i < bounds.length; i++) {
          bounds[i] = in.readDouble();
        }
        yield new Totals.Explicit(bounds, readCounts(in));
      }
      case EXPONENTIAL ->
          new Totals.Exponential(
              in.readByte(), in.readDouble(), in.readLong(), in.readInt(), readCounts(in));
      default -> throw new IOException("totals of kind " + kind + " (expected: 0 to 3)");
    };
  }

  private static int size(@Nullable ClassicHistogram classic) {
    return classic == null
        ? 0
        : 2 * Integer.BYTES
            + 3 * Long.BYTES
            + classic.pending().size() * (Double.BYTES + Long.BYTES);
  }

  private static void write(ClassicHistogram classic, ByteBuffer out) {
    out.putInt(classic.expected()).putLong(classic.doneNanos());
    out.putLong(classic.startNanos()).putLong(classic.timeNanos());
    out.putInt(classic.pending().size());
    for (Map.Entry<Double, Long> bucket : classic.pending().entrySet()) {
      out.putDouble(bucket.getKey()).putLong(bucket.getValue());
    }
  }

  private static ClassicHistogram readClassic(DataInputStream in) throws IOException {
    ClassicHistogram classic = new ClassicHistogram(in.readInt(), in.readLong());
    long startNanos = in.readLong();
    long timeNanos = in.readLong();
    TreeMap<Double, Long> pending = new TreeMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      pending.put(in.readDouble(), in.readLong());
    }
    classic.restore(startNanos, timeNanos, pending);
    return classic;
  }

  private static int size(long[] counts) {
    int size = Integer.BYTES;
    for (long count : counts) {
      size += Math.max(1, (70 - Long.numberOfLeadingZeros(count)) / 7);
    }
    return size;
  }

  /** Counts are small and many are 0: seven bits to a byte, lowest first. */
  private static void write(long[] counts, ByteBuffer out) {
    out.putInt(counts.length);
    for (long count : counts) {
      long left = count;
      while (left > 0x7f) {
        out.put((byte) ((left & 0x7f) | 0x80));
        left >>>= 7;
      }
      out.put((byte) left);
    }
  }

  private static long[] readCounts(DataInputStream in) throws IOException {
    long[] counts = new long[in.readInt()];
    for (int i = 0; i < counts.length; i++) {
      int shift = 0;
      int next = in.readUnsignedByte();
      while (next > 0x7f) {
        counts[i] |= (long) (next & 0x7f) << shift;
        shift += 7;
        next = in.readUnsignedByte();
      }
      counts[i] |= (long) next << shift;
    }
    return counts;
  }

  @FunctionalInterface
  private interface Reading<T> {
    T from(DataInputStream in) throws IOException;
  }

  private static <T> T read(byte[] bytes, Reading<T> content) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readByte();
      if (version != VERSION) {
        throw new IOException("a note of version " + version + " (expected: " + VERSION + ")");
      }
      return content.from(in);
    } catch (IOException e) {
      throw new UncheckedIOException("a note that cannot be read", e);
    }
  }
}
