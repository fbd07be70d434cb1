package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import java.util.Arrays;

/**
 * Requests of one window and the events among them, of each instance and in all. Reused from window
 * to window; not part of any state.
 */
final class EventCounts {
  private final Side baseline = new Side();
  private final Side canary = new Side();

  void clear() {
    baseline.clear();
    canary.clear();
  }

  /** Adds the counts of an instance; one without requests is left out. */
  void add(Arm arm, int number, long total, long events) {
    addInterpolated(arm, number, total, (double) events);
  }

  /** The same, with events that were interpolated. */
  void addInterpolated(Arm arm, int number, long total, double events) {
    if (total > 0) {
      side(arm).add(number, (double) total, events);
    }
  }

  /** Adds counts of both arms that belong to no instance. */
  void addTotals(double nC, double kC, double nB, double kB) {
    canary.total += nC;
    canary.events += kC;
    baseline.total += nB;
    baseline.events += kB;
  }

  double canaryTotal() {
    return canary.total;
  }

  double canaryEvents() {
    return canary.events;
  }

  double baselineTotal() {
    return baseline.total;
  }

  double baselineEvents() {
    return baseline.events;
  }

  /** Whether neither arm had requests. */
  boolean isEmpty() {
    return canary.total == 0 && baseline.total == 0;
  }

  /** Whether both arms had requests. */
  boolean comparable() {
    return canary.total > 0 && baseline.total > 0;
  }

  /** Gives the counts of all instances to an estimate of their dispersion, as one window. */
  void addTo(Dispersion dispersion) {
    canary.addTo(Arm.CANARY, dispersion);
    baseline.addTo(Arm.BASELINE, dispersion);
    dispersion.endWindow();
  }

  /** Gives the counts of all instances to those of all strata. */
  void addTo(PooledCounts pooled, double canaryRate, double baselineRate) {
    canary.addTo(Arm.CANARY, pooled, canaryRate);
    baseline.addTo(Arm.BASELINE, pooled, baselineRate);
  }

  private Side side(Arm arm) {
    return switch (arm) {
      case BASELINE -> baseline;
      case CANARY -> canary;
    };
  }

  private static final class Side {
    private int size;
    private int[] numbers = new int[16];
    private double[] totals = new double[16];
    private double[] counts = new double[16];
    private double total;
    private double events;

    void clear() {
      size = 0;
      total = 0;
      events = 0;
    }

    void add(int number, double instanceTotal, double instanceEvents) {
      if (size == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * size);
        totals = Arrays.copyOf(totals, 2 * size);
        counts = Arrays.copyOf(counts, 2 * size);
      }
      numbers[size] = number;
      totals[size] = instanceTotal;
      counts[size] = instanceEvents;
      size++;
      total += instanceTotal;
      events += instanceEvents;
    }

    void addTo(Arm arm, PooledCounts pooled, double rate) {
      for (int i = 0; i < size; i++) {
        pooled.add(arm, numbers[i], totals[i], counts[i], rate);
      }
    }

    void addTo(Arm arm, Dispersion dispersion) {
      for (int i = 0; i < size; i++) {
        dispersion.add(arm, numbers[i], totals[i], counts[i]);
      }
    }
  }
}
