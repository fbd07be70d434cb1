package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import java.util.Arrays;

/**
 * The values of one window, of each instance. Reused from window to window; not part of any state.
 *
 * <p>"Beyond y" means above y where an increase does harm, and at or below y where a decrease does:
 * complements, so that both are exact at the edges of cells.
 */
final class ValueWindow {
  private final Side baseline = new Side();
  private final Side canary = new Side();

  void clear() {
    baseline.clear();
    canary.clear();
  }

  /** Adds the values of an instance; one without values is left out. */
  void add(Arm arm, int number, DistributionAggregate values) {
    if (!values.isEmpty()) {
      side(arm).add(number, values);
    }
  }

  /** Whether both arms had values. */
  boolean comparable() {
    return baseline.size > 0 && canary.size > 0;
  }

  /** How many values an arm had. */
  long count(Arm arm) {
    Side side = side(arm);
    long count = 0;
    for (int i = 0; i < side.size; i++) {
      count += side.values[i].count();
    }
    return count;
  }

  int size(Arm arm) {
    return side(arm).size;
  }

  int number(Arm arm, int i) {
    return side(arm).numbers[i];
  }

  DistributionAggregate values(Arm arm, int i) {
    return side(arm).values[i];
  }

  /** Counts the values of an arm that are certainly beyond y. */
  void countAtLeast(Arm arm, double y, HarmfulDirection direction, EventCounts into) {
    Side side = side(arm);
    for (int i = 0; i < side.size; i++) {
      DistributionAggregate values = side.values[i];
      into.add(arm, side.numbers[i], values.count(), atLeast(values, y, direction));
    }
  }

  /** Counts the values of an arm that may be beyond y. */
  void countAtMost(Arm arm, double y, HarmfulDirection direction, EventCounts into) {
    Side side = side(arm);
    for (int i = 0; i < side.size; i++) {
      DistributionAggregate values = side.values[i];
      into.add(arm, side.numbers[i], values.count(), atMost(values, y, direction));
    }
  }

  /** Counts the values of an arm that are about above y, interpolated within cells. */
  void countInterpolatedAbove(Arm arm, double y, EventCounts into) {
    Side side = side(arm);
    for (int i = 0; i < side.size; i++) {
      DistributionAggregate values = side.values[i];
      double above = Math.min(values.interpolatedAbove(y), (double) values.count());
      into.addInterpolated(arm, side.numbers[i], values.count(), above);
    }
  }

  /** How many values of the canary may be beyond y, in all. */
  long canaryAtMost(double y, HarmfulDirection direction) {
    long sum = 0;
    for (int i = 0; i < canary.size; i++) {
      sum += atMost(canary.values[i], y, direction);
    }
    return sum;
  }

  private static long atLeast(DistributionAggregate values, double y, HarmfulDirection direction) {
    return switch (direction) {
      case INCREASE -> values.atLeastAbove(y);
      case DECREASE -> values.count() - values.atMostAbove(y);
    };
  }

  private static long atMost(DistributionAggregate values, double y, HarmfulDirection direction) {
    return switch (direction) {
      case INCREASE -> values.atMostAbove(y);
      case DECREASE -> values.count() - values.atLeastAbove(y);
    };
  }

  private Side side(Arm arm) {
    return switch (arm) {
      case BASELINE -> baseline;
      case CANARY -> canary;
    };
  }

  private static final class Side {
    int size;
    int[] numbers = new int[16];
    DistributionAggregate[] values = new DistributionAggregate[16];

    void clear() {
      Arrays.fill(values, 0, size, null);
      size = 0;
    }

    void add(int number, DistributionAggregate instanceValues) {
      if (size == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * size);
        values = Arrays.copyOf(values, 2 * size);
      }
      numbers[size] = number;
      values[size] = instanceValues;
      size++;
    }
  }
}
