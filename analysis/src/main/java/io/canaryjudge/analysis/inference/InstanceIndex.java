package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives the instances of a run small numbers, for arrays. Instances come and go; a number is never
 * given twice. Numbers follow the order of the first calls, so a caller that goes through windows
 * in time order, and through the instances of a window in name order, gets the same numbers
 * whatever way the samples came. Mutable, with a single owner.
 */
public final class InstanceIndex {
  /** Distinct numbers in each arm. All instances after that share the last one. */
  public static final int MAX_INSTANCES = 1000;

  private static final int FORMAT = 1;

  private final Names baseline = new Names();
  private final Names canary = new Names();

  /** An index without instances. */
  public InstanceIndex() {}

  /** The number of an instance, in [0, {@link #MAX_INSTANCES}); given now if it is new. */
  public int of(Arm arm, String instance) {
    return names(arm).of(instance);
  }

  /** How many numbers are given in an arm: all are below this. */
  public int size(Arm arm) {
    return names(arm).list.size();
  }

  /** The instance that a number was given to; for a shared number, the first that got it. */
  public String name(Arm arm, int number) {
    return names(arm).list.get(number);
  }

  /** Writes the state, to be read with {@link #read}. */
  public void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    for (Arm arm : Arm.values()) {
      List<String> list = names(arm).list;
      out.writeInt(list.size());
      for (String name : list) {
        out.writeUTF(name);
      }
    }
  }

  /** Reads what {@link #write} wrote. */
  public static InstanceIndex read(DataInput in) throws IOException {
    StateFormat.check("instance index", FORMAT, in);
    InstanceIndex index = new InstanceIndex();
    for (Arm arm : Arm.values()) {
      int size = StateFormat.readInt("instances", 0, MAX_INSTANCES, in);
      for (int i = 0; i < size; i++) {
        index.of(arm, in.readUTF());
      }
    }
    return index;
  }

  private Names names(Arm arm) {
    return switch (arm) {
      case BASELINE -> baseline;
      case CANARY -> canary;
    };
  }

  private static final class Names {
    final List<String> list = new ArrayList<>();
    final Map<String, Integer> numbers = new HashMap<>();

    int of(String instance) {
      Integer number = numbers.get(instance);
      if (number != null) {
        return number;
      }
      if (list.size() == MAX_INSTANCES) {
        return MAX_INSTANCES - 1;
      }
      numbers.put(instance, list.size());
      list.add(instance);
      return list.size() - 1;
    }
  }
}
