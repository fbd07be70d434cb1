package io.canaryjudge.server.ingest.remotewrite;

/**
 * Unpacks the block format of Snappy: the length of the plain bytes as a varint, then literals and
 * copies of what was unpacked before (Snappy's format_description.txt).
 *
 * <p>Written in Java rather than called in a native library because what it reads comes from
 * anywhere: nothing that a body says can make it touch memory that is not its own, and nothing has
 * to be installed where the server runs.
 */
final class SnappyBlock {

  private static final String EXPECTED = "Snappy's block format";

  /** A copy of 64 bytes takes 3: nothing unpacks to more than this many times its size. */
  private static final long MOST_PER_BYTE = 22;

  private final byte[] in;
  private int read;

  private SnappyBlock(byte[] in) {
    this.in = in;
  }

  /**
   * Unpacks a block. Nothing is allocated before the length that the block declares was checked.
   *
   * @param maxBytes how large it may be
   * @throws io.canaryjudge.server.error.JudgeException with LIMIT_REACHED if it is larger, with
   *     INVALID_FIELD if it is malformed
   */
  static byte[] unpack(byte[] block, int maxBytes) {
    SnappyBlock reader = new SnappyBlock(block);
    long length = reader.declaredLength();
    if (length > maxBytes) {
      throw Malformed.tooMuch(length + " bytes unpacked", "http.max-metrics-size", maxBytes);
    }
    if (length > MOST_PER_BYTE * block.length) {
      throw Malformed.body(
          block.length + " bytes that declare " + length + " unpacked ones", EXPECTED);
    }
    return reader.unpack(new byte[Math.toIntExact(length)]);
  }

  private long declaredLength() {
    long length = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int next = next();
      length |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        return length;
      }
    }
    throw Malformed.body("a length of more than 5 bytes", EXPECTED);
  }

  private byte[] unpack(byte[] out) {
    int written = 0;
    while (read < in.length) {
      int tag = next();
      int length;
      if ((tag & 3) == 0) {
        length = literalLength(tag >>> 2);
        if (length < 1 || length > in.length - read || length > out.length - written) {
          throw Malformed.body("a literal beyond the end, at byte " + read, EXPECTED);
        }
        System.arraycopy(in, read, out, written, length);
        read += length;
      } else {
        length = (tag & 3) == 1 ? 4 + ((tag >>> 2) & 7) : 1 + (tag >>> 2);
        int offset =
            switch (tag & 3) {
              case 1 -> (tag >>> 5) << 8 | next();
              case 2 -> littleEndian(2);
              default -> littleEndian(4);
            };
        if (offset < 1 || offset > written || length > out.length - written) {
          throw Malformed.body("a copy from outside, at byte " + read, EXPECTED);
        }
        copy(out, written, offset, length);
      }
      written += length;
    }
    if (written != out.length) {
      throw Malformed.body(
          written + " bytes unpacked where " + out.length + " were declared", EXPECTED);
    }
    return out;
  }

  private int literalLength(int code) {
    return 1 + (code < 60 ? code : littleEndian(code - 59));
  }

  /** A copy may overlap what it writes, and then repeats it. */
  private static void copy(byte[] out, int to, int offset, int length) {
    if (offset >= length) {
      System.arraycopy(out, to - offset, out, to, length);
    } else {
      for (int i = to; i < to + length; i++) {
        out[i] = out[i - offset];
      }
    }
  }

  /** Up to four bytes; negative if the value is beyond 2^31, which no check lets pass. */
  private int littleEndian(int bytes) {
    int value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= next() << (8 * i);
    }
    return value;
  }

  private int next() {
    if (read == in.length) {
      throw Malformed.body("ends in the middle, after " + in.length + " bytes", EXPECTED);
    }
    return in[read++] & 0xff;
  }
}
