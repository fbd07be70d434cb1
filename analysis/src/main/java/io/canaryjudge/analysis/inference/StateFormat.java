package io.canaryjudge.analysis.inference;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.StreamCorruptedException;

/** How state is written to checkpoints: doubles by their bits, so that reading gives them back. */
final class StateFormat {
  /** More than any schedule retains: enough for thinning over 2^63 epochs. */
  static final int MAX_SNAPSHOTS = 1024;

  private StateFormat() {}

  /** Reads the format number of a state and refuses any but the one that is known. */
  static void check(String state, int format, DataInput in) throws IOException {
    int found = in.readUnsignedByte();
    if (found != format) {
      throw new StreamCorruptedException(
          "format of " + state + ": " + found + " (expected: " + format + ")");
    }
  }

  /** Reads the format number of a state of which older formats are known too. */
  static int read(String state, int oldest, int newest, DataInput in) throws IOException {
    int found = in.readUnsignedByte();
    if (found < oldest || found > newest) {
      throw new StreamCorruptedException(
          "format of " + state + ": " + found + " (expected: " + oldest + " to " + newest + ")");
    }
    return found;
  }

  static int readInt(String field, int min, int max, DataInput in) throws IOException {
    int value = in.readInt();
    if (value < min || value > max) {
      throw new StreamCorruptedException(
          field + ": " + value + " (expected: in [" + min + ", " + max + "])");
    }
    return value;
  }

  static void write(double[] values, DataOutput out) throws IOException {
    write(values, values.length, out);
  }

  static void write(double[] values, int length, DataOutput out) throws IOException {
    for (int i = 0; i < length; i++) {
      out.writeDouble(values[i]);
    }
  }

  static double[] read(int length, DataInput in) throws IOException {
    double[] values = new double[length];
    read(values, length, in);
    return values;
  }

  static void read(double[] values, DataInput in) throws IOException {
    read(values, values.length, in);
  }

  static void read(double[] values, int length, DataInput in) throws IOException {
    for (int i = 0; i < length; i++) {
      values[i] = in.readDouble();
    }
  }
}
