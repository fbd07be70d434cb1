package io.canaryjudge.demo;

import java.io.ByteArrayOutputStream;

/**
 * Snappy's block format without any compression, which it allows: the length, then literals. See
 * "Snappy compressed format description", section 2.1.
 */
final class SnappyLiterals {

  private static final int MAX_LITERAL = 1 << 16;
  private static final int TWO_BYTES_OF_LENGTH = 61 << 2;

  private SnappyLiterals() {}

  static byte[] pack(byte[] plain) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream(plain.length + 16);
    int length = plain.length;
    while (length > 0x7f) {
      packed.write((length & 0x7f) | 0x80);
      length >>>= 7;
    }
    packed.write(length);
    for (int from = 0; from < plain.length; from += MAX_LITERAL) {
      int size = Math.min(MAX_LITERAL, plain.length - from);
      packed.write(TWO_BYTES_OF_LENGTH);
      packed.write((size - 1) & 0xff);
      packed.write((size - 1) >>> 8);
      packed.write(plain, from, size);
    }
    return packed.toByteArray();
  }
}
