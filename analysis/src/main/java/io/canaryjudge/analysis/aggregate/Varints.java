package io.canaryjudge.analysis.aggregate;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Numbers in as few bytes as they need: seven bits in each, the lowest first, the eighth bit set in
 * all but the last. Signed numbers are zigzag coded before. As in protocol buffers.
 */
final class Varints {
  private static final int MAX_TEXT_BYTES = 1 << 16;

  private Varints() {}

  /** Writes a number that is at least 0. */
  static void write(long value, DataOutput out) throws IOException {
    long rest = value;
    while (rest >>> 7 != 0) {
      out.writeByte((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.writeByte((int) rest);
  }

  static long read(DataInput in) throws IOException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int part = in.readUnsignedByte();
      if (part == 0 && shift > 0) {
        throw new StreamCorruptedException("number: in more bytes than it needs");
      }
      if (shift == 63 && part > 1) {
        break;
      }
      value |= (long) (part & 0x7f) << shift;
      if (part < 0x80) {
        return value;
      }
    }
    throw new StreamCorruptedException("number: over 64 bits");
  }

  /** Reads a number that has to be in [0, max]. */
  static int readInt(String field, int max, DataInput in) throws IOException {
    long value = read(in);
    if (value < 0 || value > max) {
      throw new StreamCorruptedException(field + ": " + value + " (expected: in [0, " + max + "])");
    }
    return (int) value;
  }

  static void writeSigned(long value, DataOutput out) throws IOException {
    write(value << 1 ^ value >> 63, out);
  }

  static long readSigned(DataInput in) throws IOException {
    long value = read(in);
    return value >>> 1 ^ -(value & 1);
  }

  static void writeText(String text, DataOutput out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    write(bytes.length, out);
    out.write(bytes);
  }

  static String readText(String field, DataInput in) throws IOException {
    byte[] bytes = new byte[readInt(field + " length", MAX_TEXT_BYTES, in)];
    in.readFully(bytes);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw corrupted(field, e);
    }
  }

  static StreamCorruptedException corrupted(String what, Exception cause) {
    StreamCorruptedException corrupted =
        new StreamCorruptedException(what + ": " + cause.getMessage());
    corrupted.initCause(cause);
    return corrupted;
  }
}
