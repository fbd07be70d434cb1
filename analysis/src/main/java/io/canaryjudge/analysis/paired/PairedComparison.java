package io.canaryjudge.analysis.paired;

import io.canaryjudge.analysis.paired.PairedFinding.Outcome;
import io.canaryjudge.analysis.policy.HarmfulDirection;

/**
 * Compares two series point by point.
 *
 * <p>Both points of a pair belong to the same moment, so what moves both arms (the time of day, a
 * slow database) cancels out. Of a pair only counts whether the canary is beyond the tolerance: a
 * sign test (Arbuthnott 1710; Conover 1999, Practical Nonparametric Statistics, section 3.4) of the
 * median of {@code canary - (b + (ratio - 1) |b|)}, with {@code b} the baseline's point. It needs
 * no shape of the distribution and no equal variances, and a single wild point moves it no more
 * than any other, unlike a comparison of means; and it holds for two points as for a thousand: with
 * too few of them it does not decide. When all pairs agree, the shortest series that decides at
 * {@code alpha} = 1 % has 9 pairs, at 5 % 7.
 *
 * <p><b>Assumed:</b> given the pairs before, the chance that the next one is beyond the tolerance
 * is at most that of the claim. Neighbouring points of a gauge resemble each other even after
 * pairing, so the evidence is divided by {@code (1 + r) / (1 - r)} with {@code r} the lag-1
 * autocorrelation of the changes (of ratios, where all points are above 0), where that is positive:
 * what n points of an AR(1) series are worth (Bayley and Hammersley 1946, Supplement to the Journal
 * of the Royal Statistical Society 8(2)). Short series make r too small by about {@code (1 + 4 r) /
 * n} (Kendall 1954, Biometrika 41(3/4)), which is added first. Dividing a log e-value by a factor
 * of at least 1 that is chosen after seeing the data costs at most 1 on the scale of the e-value,
 * which is in the lines {@code ln(1 + 1/alpha)} and {@code ln(1 + 1/beta)}.
 *
 * <p><b>Not seen:</b> how many requests a point stands for, and changes that leave most of the
 * points as they are, such as rare errors or bursts in a minority of the minutes. Counts would show
 * both.
 */
public final class PairedComparison {

  /** Fewer pairs say nothing about how alike neighbours are. */
  private static final int LEAST_FOR_LIKENESS = 4;

  private static final double MOST_LIKENESS = 0.95;

  /** Differences below this part of the largest are what rounding leaves. */
  private static final double ROUNDING = 1e-12;

  private PairedComparison() {}

  /**
   * Compares.
   *
   * @param baseline points of the baseline, finite
   * @param canary points of the canary at the same moments, finite
   * @param harmful which change does harm
   * @param tolerance how far the canary may go in that direction
   * @param alpha chance of HARMFUL for a canary within the tolerance of NO_GO, in (0, 0.5]
   * @param beta chance of SAFE for a canary at or beyond the tolerance of GO, in (0, 0.5]
   */
  public static PairedFinding compare(
      double[] baseline,
      double[] canary,
      HarmfulDirection harmful,
      PairedTolerance tolerance,
      double alpha,
      double beta) {
    check(baseline, canary, alpha, beta);
    int pairs = baseline.length;
    int beyond = 0;
    int safe = 0;
    for (int i = 0; i < pairs; i++) {
      if (beyond(baseline[i], canary[i], harmful, tolerance.noGoRatio())) {
        beyond++;
      }
      if (within(baseline[i], canary[i], harmful, tolerance.goRatio())) {
        safe++;
      }
    }
    double inflation = inflation(baseline, canary);
    double logHarm = SignEvidence.logE(beyond, pairs, tolerance.noGoShare()) / inflation;
    double logSafe = SignEvidence.logE(safe, pairs, 1 - tolerance.goShare()) / inflation;
    double harmLine = StrictMath.log1p(1 / alpha);
    double safeLine = StrictMath.log1p(1 / beta);
    Outcome outcome =
        logHarm >= harmLine
            ? Outcome.HARMFUL
            : logSafe >= safeLine ? Outcome.SAFE : Outcome.UNDECIDED;
    return new PairedFinding(
        outcome, pairs, beyond, inflation, logHarm, harmLine, logSafe, safeLine);
  }

  /** Strictly: a pair at the edge is evidence of nothing. */
  private static boolean beyond(
      double baseline, double canary, HarmfulDirection harmful, double ratio) {
    double edge = edge(baseline, ratio);
    return switch (harmful) {
      case INCREASE -> canary > edge;
      case DECREASE -> canary < edge;
    };
  }

  /** Strictly, but for a canary that equals its baseline: nothing in both arms is no harm. */
  private static boolean within(
      double baseline, double canary, HarmfulDirection harmful, double ratio) {
    double edge = edge(baseline, ratio);
    return canary == baseline
        || switch (harmful) {
          case INCREASE -> canary < edge;
          case DECREASE -> canary > edge;
        };
  }

  private static double edge(double baseline, double ratio) {
    return baseline + (ratio - 1) * Math.abs(baseline);
  }

  /** What the likeness of neighbouring pairs makes of their number, at least 1. */
  private static double inflation(double[] baseline, double[] canary) {
    int pairs = baseline.length;
    if (pairs < LEAST_FOR_LIKENESS) {
      return 1;
    }
    double[] changes = changes(baseline, canary);
    double mean = 0;
    double largest = 0;
    for (double change : changes) {
      mean += change / pairs;
      largest = Math.max(largest, Math.abs(change));
    }
    double together = 0;
    double alone = 0;
    double previous = 0;
    for (int i = 0; i < pairs; i++) {
      double change = changes[i] - mean;
      alone += change * change;
      together += i == 0 ? 0 : change * previous;
      previous = change;
    }
    double rounding = ROUNDING * largest;
    if (!(alone > pairs * rounding * rounding)) {
      return 1; // changes that never vary
    }
    double likeness = together / alone;
    likeness += (1 + 4 * likeness) / pairs;
    return likeness > 0
        ? (1 + Math.min(likeness, MOST_LIKENESS)) / (1 - Math.min(likeness, MOST_LIKENESS))
        : 1;
  }

  /** On the scale on which what moves both arms cancels out: ratios, where all points have one. */
  private static double[] changes(double[] baseline, double[] canary) {
    boolean ratios = true;
    for (int i = 0; i < baseline.length; i++) {
      ratios &= baseline[i] > 0 && canary[i] > 0;
    }
    double[] changes = new double[baseline.length];
    for (int i = 0; i < changes.length; i++) {
      changes[i] =
          ratios
              ? StrictMath.log(canary[i]) - StrictMath.log(baseline[i])
              : canary[i] - baseline[i];
    }
    return changes;
  }

  private static void check(double[] baseline, double[] canary, double alpha, double beta) {
    if (baseline.length != canary.length) {
      throw new IllegalArgumentException(
          "canary: " + canary.length + " points (expected: " + baseline.length + ")");
    }
    for (int i = 0; i < baseline.length; i++) {
      if (!Double.isFinite(baseline[i]) || !Double.isFinite(canary[i])) {
        throw new IllegalArgumentException(
            "pair " + i + ": " + baseline[i] + " and " + canary[i] + " (expected: finite)");
      }
    }
    rate("alpha", alpha);
    rate("beta", beta);
  }

  private static void rate(String name, double rate) {
    if (!(rate > 0 && rate <= 0.5)) {
      throw new IllegalArgumentException(name + ": " + rate + " (expected: in (0, 0.5])");
    }
  }
}
