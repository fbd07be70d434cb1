package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.policy.StrataPolicy;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The strata of one metric by number, in the order in which they first came, and by name within one
 * window. The last number is the rest's: samples without a stratum, and the strata beyond the
 * limit. Mutable, with a single owner.
 */
final class StrataIndex {
  private static final int FORMAT = 1;

  private final int limit;
  private final List<String> names = new ArrayList<>();
  private final Map<String, Integer> numbers = new HashMap<>();
  private boolean pooled;

  StrataIndex(int limit) {
    this.limit = limit;
  }

  /** How many numbers there are: the limit, and one for the rest. */
  int size() {
    return limit + 1;
  }

  /** Number of the rest. */
  int rest() {
    return limit;
  }

  /** Number of a stratum that has reported. */
  int of(String name) {
    if (name.isEmpty()) {
      return rest();
    }
    Integer known = numbers.get(name);
    if (known != null) {
      return known;
    }
    if (names.size() == limit || name.equals(StrataPolicy.REST)) {
      pooled = true;
      return rest();
    }
    numbers.put(name, names.size());
    names.add(name);
    return names.size() - 1;
  }

  /** Name of a stratum by its number. */
  String name(int number) {
    return number == rest() ? StrataPolicy.REST : names.get(number);
  }

  /** Whether there were more strata than are told apart. */
  boolean pooled() {
    return pooled;
  }

  void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    out.writeBoolean(pooled);
    out.writeInt(names.size());
    for (String name : names) {
      out.writeUTF(name);
    }
  }

  void read(DataInput in) throws IOException {
    StateFormat.check("strata", FORMAT, in);
    names.clear();
    numbers.clear();
    boolean wasPooled = in.readBoolean();
    int size = StateFormat.readInt("strata", 0, limit, in);
    for (int i = 0; i < size; i++) {
      of(in.readUTF());
    }
    pooled = wasPooled;
  }
}
