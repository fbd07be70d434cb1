package io.canaryjudge.server.run;

import io.canaryjudge.analysis.aggregate.AggregateCodec;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The binary form of a segment: version (one byte, 1), number of windows (4 bytes), then for each,
 * ascending, its index (8 bytes) and its content by {@link AggregateCodec}.
 */
final class SegmentCodec {

  private static final int VERSION = 1;

  private SegmentCodec() {}

  static byte[] encode(SortedMap<Long, WindowAggregate> windows) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeInt(windows.size());
      for (Map.Entry<Long, WindowAggregate> window : windows.entrySet()) {
        out.writeLong(window.getKey());
        AggregateCodec.write(window.getValue(), out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /**
   * The windows of a segment.
   *
   * @throws IOException if it is cut short, followed by other bytes, or not of this form
   */
  static SortedMap<Long, WindowAggregate> decode(byte[] bytes) throws IOException {
    ByteArrayInputStream source = new ByteArrayInputStream(bytes);
    DataInputStream in = new DataInputStream(source);
    int version = in.readUnsignedByte();
    if (version != VERSION) {
      throw new StreamCorruptedException(
          "segment version: " + version + " (expected: " + VERSION + ")");
    }
    TreeMap<Long, WindowAggregate> windows = new TreeMap<>();
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      long index = in.readLong();
      if (index < 0 || windows.put(index, AggregateCodec.read(in)) != null) {
        throw new StreamCorruptedException(
            "segment window: " + index + " (expected: at least 0, and each once)");
      }
    }
    if (source.available() > 0) {
      throw new StreamCorruptedException(
          "segment: " + source.available() + " bytes after its end (expected: none)");
    }
    return windows;
  }
}
