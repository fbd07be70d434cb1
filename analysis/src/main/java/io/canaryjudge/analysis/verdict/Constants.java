package io.canaryjudge.analysis.verdict;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.StreamCorruptedException;

/** Constants in checkpoints, by name, so that new ones may be added anywhere. */
final class Constants {
  private Constants() {}

  static void write(Enum<?> constant, DataOutput out) throws IOException {
    out.writeUTF(constant.name());
  }

  static <E extends Enum<E>> E read(Class<E> type, DataInput in) throws IOException {
    String name = in.readUTF();
    try {
      return Enum.valueOf(type, name);
    } catch (IllegalArgumentException e) {
      StreamCorruptedException corrupted =
          new StreamCorruptedException(
              type.getSimpleName() + ": " + name + " (expected: a known constant)");
      corrupted.initCause(e);
      throw corrupted;
    }
  }
}
