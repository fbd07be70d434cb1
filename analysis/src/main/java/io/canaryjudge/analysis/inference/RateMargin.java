package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.Tolerance;
import java.util.ArrayList;
import java.util.List;

/**
 * One comparison of two arms' event rates: the first arm's is at most {@code rho} times the
 * second's plus {@code delta}.
 *
 * <p>Where an increase does harm, the first arm is the canary: within tolerance means p_C <= (1 +
 * r) p_B + d. Where a decrease does harm, within tolerance means p_C >= (1 - r) p_B - d, which is
 * p_B <= (p_C + d) / (1 - r): the same statement with the arms swapped, rho = 1 / (1 - r) and delta
 * = d / (1 - r). The factors of {@link LogFactors} assume nothing about either arm's rate, so they
 * hold whichever arm is called the first.
 *
 * @param rho tolerated ratio, at least 1
 * @param delta tolerated absolute difference, at least 0
 * @param swapped whether the first arm is the baseline
 */
record RateMargin(double rho, double delta, boolean swapped) {

  /**
   * The comparisons that a tolerance consists of. Beyond it is who is beyond all of them: the
   * change itself and, if there is a floor, an absolute difference of that size.
   */
  static List<RateMargin> of(Tolerance.Change change, HarmfulDirection direction) {
    List<RateMargin> margins = new ArrayList<>();
    switch (direction) {
      case INCREASE -> {
        margins.add(new RateMargin(1 + change.relative(), change.absolute(), false));
        if (change.floor() > 0) {
          margins.add(new RateMargin(1, change.floor(), false));
        }
      }
      case DECREASE -> {
        double kept = 1 - change.relative();
        margins.add(new RateMargin(1 / kept, change.absolute() / kept, true));
        if (change.floor() > 0) {
          margins.add(new RateMargin(1, change.floor(), true));
        }
      }
    }
    return margins;
  }

  /**
   * Adds the evidence of a window.
   *
   * @param canaryTotal canary requests in earlier windows, with {@code canaryEvents} events; and
   *     likewise of the baseline. They steer power only
   */
  void addFactors(
      Alternatives alternatives,
      EventCounts window,
      double canaryTotal,
      double canaryEvents,
      double baselineTotal,
      double baselineEvents,
      double cap,
      double[] sums) {
    if (swapped) {
      addFactors(
          alternatives,
          window.baselineTotal(),
          window.baselineEvents(),
          window.canaryTotal(),
          window.canaryEvents(),
          LogFactors.plugInRate(canaryTotal, canaryEvents, delta),
          cap,
          sums);
    } else {
      addFactors(
          alternatives,
          window.canaryTotal(),
          window.canaryEvents(),
          window.baselineTotal(),
          window.baselineEvents(),
          LogFactors.plugInRate(baselineTotal, baselineEvents, delta),
          cap,
          sums);
    }
  }

  private void addFactors(
      Alternatives alternatives,
      double n1,
      double k1,
      double n2,
      double k2,
      double plugIn,
      double cap,
      double[] sums) {
    if (delta > 0) {
      LogFactors.affine(alternatives, n1, k1, n2, k2, rho, delta, plugIn, cap, sums);
    } else {
      LogFactors.ratio(alternatives, n1, k1, n2, k2, rho, cap, sums);
    }
  }
}
