package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/** The instances of one arm: since when each runs, and which of them reported in this window. */
final class ArmInstances {
  private static final long UNKNOWN = Long.MIN_VALUE;

  private final Arm arm;
  private final InstanceIndex index;

  // By number.
  private long[] firstMillis = new long[16];
  private long[] declaredMillis = new long[16];
  private long[] lastWindow = new long[16];
  private boolean overfull;

  // Of the present window, in name order.
  private int present;
  private String[] names = new String[16];
  private int[] numbers = new int[16];
  private boolean[] warm = new boolean[16];

  ArmInstances(Arm arm, InstanceIndex index) {
    this.arm = arm;
    this.index = index;
  }

  void beginWindow(
      long window, long windowStartMillis, long warmUpMillis, WindowAggregate content) {
    List<String> reporting = content.instances(arm);
    present = reporting.size();
    if (present > names.length) {
      names = new String[2 * present];
      numbers = new int[2 * present];
      warm = new boolean[2 * present];
    }
    for (int i = 0; i < present; i++) {
      String name = reporting.get(i);
      int known = index.size(arm);
      int number = index.of(arm, name);
      if (number >= known) {
        grow(number + 1);
        firstMillis[number] = windowStartMillis;
        declaredMillis[number] = UNKNOWN;
      } else if (number == InstanceIndex.MAX_INSTANCES - 1
          && !index.name(arm, number).equals(name)) {
        overfull = true;
      }
      OptionalLong declared = content.startMillis(arm, name);
      if (declared.isPresent()) {
        // An instance may be started again under its name: the latest start counts.
        declaredMillis[number] = Math.max(declaredMillis[number], declared.getAsLong());
      }
      long began = declaredMillis[number] == UNKNOWN ? firstMillis[number] : declaredMillis[number];
      lastWindow[number] = window;
      names[i] = name;
      numbers[i] = number;
      // Without a warm-up an instance counts from its start, which may lie within the window.
      warm[i] = warmUpMillis == 0 || windowStartMillis - began >= warmUpMillis;
    }
  }

  /** How many instances reported in this window. */
  int present() {
    return present;
  }

  /** Name of the i-th of them, in name order. */
  String name(int i) {
    return names[i];
  }

  /** Number of the i-th, as {@link InstanceIndex} gives it. */
  int number(int i) {
    return numbers[i];
  }

  /** Whether the i-th was past its warm-up when the window began. */
  boolean isWarm(int i) {
    return warm[i];
  }

  /** Whether instances had to share a number. */
  boolean overfull() {
    return overfull;
  }

  /** How many instances reported in any of the last so many windows, up to the given one. */
  int reportedWithin(long windows, long now) {
    int count = 0;
    for (int number = 0; number < index.size(arm); number++) {
      if (lastWindow[number] > now - windows) {
        count++;
      }
    }
    return count;
  }

  void write(DataOutput out) throws IOException {
    out.writeBoolean(overfull);
    for (int number = 0; number < index.size(arm); number++) {
      out.writeLong(firstMillis[number]);
      out.writeLong(declaredMillis[number]);
      out.writeLong(lastWindow[number]);
    }
  }

  void read(DataInput in) throws IOException {
    overfull = in.readBoolean();
    grow(index.size(arm));
    for (int number = 0; number < index.size(arm); number++) {
      firstMillis[number] = in.readLong();
      declaredMillis[number] = in.readLong();
      lastWindow[number] = in.readLong();
    }
  }

  private void grow(int size) {
    if (size > firstMillis.length) {
      int length = 2 * size;
      firstMillis = Arrays.copyOf(firstMillis, length);
      declaredMillis = Arrays.copyOf(declaredMillis, length);
      lastWindow = Arrays.copyOf(lastWindow, length);
    }
  }
}
