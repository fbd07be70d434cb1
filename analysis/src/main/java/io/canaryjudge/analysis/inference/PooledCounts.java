package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import java.util.Arrays;

/**
 * The counts of all strata of a window together, without what the strata differ by: instances that
 * serve another mix of routes, or another zone, would otherwise look as if they differed
 * themselves, and so would evidence that compares within strata be tempered for nothing. What is
 * left is what tempering is for: how far an instance is from its arm in all of its strata together.
 *
 * <p>From the events of an instance, sum_s k_s, goes what the mix of its requests explains, sum_s
 * n_s (p_s - p), with p_s the rate of the arm in stratum s so far and p their mean over the arm's
 * requests of this window; over an arm that adds up to nothing. Reused from window to window; not
 * part of any state.
 */
final class PooledCounts {
  private final Side baseline = new Side();
  private final Side canary = new Side();

  void clear() {
    baseline.clear();
    canary.clear();
  }

  /**
   * Adds the counts of an instance in one stratum.
   *
   * @param rate the rate of the arm in this stratum
   */
  void add(Arm arm, int number, double total, double events, double rate) {
    switch (arm) {
      case BASELINE -> baseline.add(number, total, events, rate);
      case CANARY -> canary.add(number, total, events, rate);
    }
  }

  /** Gives the counts of all instances to an estimate of their dispersion, as one window. */
  void addTo(Dispersion dispersion) {
    canary.addTo(Arm.CANARY, dispersion);
    baseline.addTo(Arm.BASELINE, dispersion);
    dispersion.endWindow();
  }

  private static final class Side {
    private double[] totals = new double[16]; // by number of the instance
    private double[] events = new double[16];
    private double[] expected = new double[16];
    private int[] present = new int[16];
    private int size;
    private double total;
    private double allExpected;

    void clear() {
      for (int i = 0; i < size; i++) {
        totals[present[i]] = 0;
        events[present[i]] = 0;
        expected[present[i]] = 0;
      }
      size = 0;
      total = 0;
      allExpected = 0;
    }

    void add(int number, double more, double moreEvents, double rate) {
      if (number >= totals.length) {
        int length = 2 * number;
        totals = Arrays.copyOf(totals, length);
        events = Arrays.copyOf(events, length);
        expected = Arrays.copyOf(expected, length);
      }
      if (totals[number] == 0) {
        if (size == present.length) {
          present = Arrays.copyOf(present, 2 * size);
        }
        present[size++] = number;
      }
      totals[number] += more;
      events[number] += moreEvents;
      expected[number] += more * rate;
      total += more;
      allExpected += more * rate;
    }

    void addTo(Arm arm, Dispersion dispersion) {
      double rate = allExpected / total;
      for (int i = 0; i < size; i++) {
        int number = present[i];
        double byMix = expected[number] - totals[number] * rate;
        dispersion.addAdjusted(arm, number, totals[number], events[number] - byMix);
      }
    }
  }
}
