package io.canaryjudge.server.ingest.series;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far series were counted, as bytes that are committed together with the samples: after a crash
 * the next point is compared with what is durable, and counts neither twice nor not at all.
 */
final class Notes {

  private static final int VERSION = 1;
  private static final int NOTHING = 0;
  private static final int EVENTS = 1;
  private static final int EXPLICIT = 2;
  private static final int EXPONENTIAL = 3;

  /** As much as a histogram of some twenty buckets takes. */
  private static final int USUAL_BYTES = 256;

  private Notes() {}

  static byte[] write(SeriesState state, @Nullable ClassicHistogram classic) {
    return bytes(
        out -> {
          out.writeLong(state.startNanos());
          out.writeLong(state.timeNanos());
          write(state.totals(), out);
          out.writeBoolean(classic != null);
          if (classic != null) {
            write(classic, out);
          }
        });
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
    return bytes(
        out -> {
          out.writeLong(target.firstNanos());
          out.writeLong(target.startNanos());
        });
  }

  static void read(byte[] bytes, Target target) {
    Notes.<Target>read(
        bytes,
        in -> {
          target.restore(in.readLong(), in.readLong());
          return target;
        });
  }

  private static void write(@Nullable Totals totals, DataOutputStream out) throws IOException {
    switch (totals) {
      case null -> out.writeByte(NOTHING);
      case Totals.Events(long count) -> {
        out.writeByte(EVENTS);
        out.writeLong(count);
      }
      case Totals.Explicit(double[] upperBounds, long[] counts) -> {
        out.writeByte(EXPLICIT);
        out.writeInt(upperBounds.length);
        for (double bound : upperBounds) {
          out.writeDouble(bound);
        }
        write(counts, out);
      }
      case Totals.Exponential(
              int scale,
              double zeroThreshold,
              long zeroCount,
              int offset,
              long[] counts) -> {
        out.writeByte(EXPONENTIAL);
        out.writeByte(scale);
        out.writeDouble(zeroThreshold);
        out.writeLong(zeroCount);
        out.writeInt(offset);
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

  private static void write(ClassicHistogram classic, DataOutputStream out) throws IOException {
    out.writeInt(classic.expected());
    out.writeLong(classic.doneNanos());
    out.writeLong(classic.startNanos());
    out.writeLong(classic.timeNanos());
    out.writeInt(classic.pending().size());
    for (Map.Entry<Double, Long> bucket : classic.pending().entrySet()) {
      out.writeDouble(bucket.getKey());
      out.writeLong(bucket.getValue());
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

  /** Counts are small and many are 0: seven bits to a byte, lowest first. */
  private static void write(long[] counts, DataOutputStream out) throws IOException {
    out.writeInt(counts.length);
    for (long count : counts) {
      long left = count;
      while (left > 0x7f) {
        out.writeByte((int) (left & 0x7f) | 0x80);
        left >>>= 7;
      }
      out.writeByte((int) left);
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
  private interface Writing {
    void to(DataOutputStream out) throws IOException;
  }

  @FunctionalInterface
  private interface Reading<T> {
    T from(DataInputStream in) throws IOException;
  }

  private static byte[] bytes(Writing content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_BYTES);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      content.to(out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
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
