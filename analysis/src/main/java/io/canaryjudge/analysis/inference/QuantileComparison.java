package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.TrailingDistribution;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The factors of one window for a limit on the change of a quantile: the shares of both arms'
 * values beyond a {@link ComparisonPoint} are compared. Reused from window to window; not part of
 * any state.
 */
final class QuantileComparison {
  private final double q;
  private final HarmfulDirection direction;
  private final ValueMargin harmMargin;
  private final ValueMargin safeMargin;
  private final EventCounts counts = new EventCounts();
  private final double[] canaryFactors = new double[Alternatives.SIZE];
  private final double[] baselineFactors = new double[Alternatives.SIZE];

  QuantileComparison(Threshold threshold, HarmfulDirection direction) {
    this.q = threshold.quantile().orElseThrow();
    this.direction = direction;
    this.harmMargin = new ValueMargin((Tolerance.Change) threshold.noGo(), direction);
    this.safeMargin = new ValueMargin((Tolerance.Change) threshold.go(), direction);
  }

  /** A ladder of its margin for GO. */
  RelativeLadder ladder() {
    return new RelativeLadder(safeMargin);
  }

  /** Whether both arms had values, and enough is known of the baseline before. */
  static boolean isPossible(ValueWindow window, TrailingDistribution past) {
    return window.comparable() && past.count() >= ComparisonPoint.MIN_VALUES;
  }

  TrailingDistribution.Cut cut(TrailingDistribution past) {
    return past.cut(1 - q);
  }

  /** Share of values beyond the quantile. */
  double share() {
    return direction == HarmfulDirection.INCREASE ? 1 - q : q;
  }

  /** The point for evidence of harm; null if there is none. */
  @Nullable ComparisonPoint harmPoint(TrailingDistribution past, TrailingDistribution.Cut cut) {
    return ComparisonPoint.harm(past, cut, q, harmMargin);
  }

  /** The point for evidence of safety; null if the edges cannot express the margin. */
  @Nullable ComparisonPoint safePoint(TrailingDistribution past, TrailingDistribution.Cut cut) {
    return ComparisonPoint.safe(past, cut, q, safeMargin);
  }

  /** The counts of a window at the point for evidence of harm; they favour the canary. */
  EventCounts harmCounts(ValueWindow window, ComparisonPoint point) {
    counts.clear();
    window.countAtLeast(Arm.CANARY, point.canary(), direction, counts);
    if (point.method() == ComparisonPoint.Method.INTERPOLATED) {
      window.countInterpolatedAbove(Arm.BASELINE, point.baseline(), counts);
    } else {
      window.countAtMost(Arm.BASELINE, point.baseline(), direction, counts);
    }
    return counts;
  }

  /** Adds the evidence of harm of {@link #harmCounts}. */
  static void addHarm(EventCounts counts, ComparisonPoint point, double cap, double[] sums) {
    LogFactors.exceedance(
        Alternatives.UP,
        counts.canaryTotal(),
        counts.canaryEvents(),
        counts.baselineTotal(),
        counts.baselineEvents(),
        point.share(),
        cap,
        sums);
  }

  /**
   * Adds the evidence of safety of a window; its counts disfavour the canary.
   *
   * @return counts that show how values cluster: what both arms' values do beyond the same value.
   *     Beyond two different values honest arms would seem to differ
   */
  EventCounts addSafe(
      ValueWindow window, ComparisonPoint point, double[] sums, RelativeLadder ladder) {
    counts.clear();
    window.countAtMost(Arm.CANARY, point.canary(), direction, counts);
    window.countAtLeast(Arm.BASELINE, point.baseline(), direction, counts);
    switch (point.method()) {
      case SHARES, INTERPOLATED -> addShares(window, point, sums, ladder);
      case BRACKET -> addBracket(point, sums);
    }
    counts.clear();
    window.countAtLeast(Arm.CANARY, point.baseline(), direction, counts);
    window.countAtLeast(Arm.BASELINE, point.baseline(), direction, counts);
    return counts;
  }

  private void addShares(
      ValueWindow window, ComparisonPoint point, double[] sums, RelativeLadder ladder) {
    ExceedanceWeights weights =
        new ExceedanceWeights(
            Alternatives.DN, counts.canaryTotal(), counts.baselineTotal(), point.share());
    weights.addTo(sums, counts.canaryEvents(), counts.baselineEvents());
    ladder.fold(window, point.baseline(), counts.baselineEvents(), weights);
  }

  /**
   * Beyond tolerance, either the canary's share beyond its cut is at least that of the quantile, or
   * the baseline's is at most that; in both cases the smaller of the two factors has expectation at
   * most 1.
   */
  private void addBracket(ComparisonPoint point, double[] sums) {
    Arrays.fill(canaryFactors, 0);
    Arrays.fill(baselineFactors, 0);
    double none = Double.POSITIVE_INFINITY;
    LogFactors.limit(
        Alternatives.DN,
        counts.canaryTotal(),
        counts.canaryEvents(),
        point.share(),
        none,
        canaryFactors);
    boolean certain = direction == HarmfulDirection.INCREASE && point.baseline() <= 0;
    if (!certain) { // no quantile is below 0
      LogFactors.limit(
          Alternatives.UP,
          counts.baselineTotal(),
          counts.baselineEvents(),
          point.share(),
          none,
          baselineFactors);
    }
    for (int j = 0; j < Alternatives.SIZE; j++) {
      sums[j] += certain ? canaryFactors[j] : Math.min(canaryFactors[j], baselineFactors[j]);
    }
  }
}
