package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.TrailingDistribution;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A limit on the change of a quantile. In each window the shares of both arms' values beyond a
 * {@link ComparisonPoint} are compared, so that what both arms meet together is the same for both.
 */
final class QuantileChangeEvidence extends ThresholdEvidence {
  private final double q;
  private final HarmfulDirection direction;
  private final Epochs epochs;
  private final ValueMargin harmMargin;
  private final ValueMargin safeMargin;
  private final RelativeLadder ladder;
  private Dispersion harmSpread;
  private Dispersion safeSpread;
  private boolean interpolated;
  private boolean unresolved;

  // Scratch.
  private final EventCounts counts = new EventCounts();
  private final double[] canaryFactors = new double[Alternatives.SIZE];
  private final double[] baselineFactors = new double[Alternatives.SIZE];

  QuantileChangeEvidence(
      Threshold threshold, HarmfulDirection direction, Epochs epochs, double instanceCv) {
    super(threshold, new HarmEvidence(1, epochs), new SafeEvidence(1));
    this.q = threshold.quantile().orElseThrow();
    this.direction = direction;
    this.epochs = epochs;
    this.harmMargin = new ValueMargin((Tolerance.Change) threshold.noGo(), direction);
    this.safeMargin = new ValueMargin((Tolerance.Change) threshold.go(), direction);
    this.ladder = new RelativeLadder(safeMargin);
    this.harmSpread = new Dispersion(epochs, instanceCv);
    this.safeSpread = new Dispersion(instanceCv);
  }

  /**
   * Takes the values of a window.
   *
   * @param past the baseline in earlier windows
   */
  void fold(ValueWindow window, TrailingDistribution past, double cap) {
    if (!window.comparable() || !(past.count() >= ComparisonPoint.MIN_VALUES)) {
      return;
    }
    TrailingDistribution.Cut cut = past.cut(1 - q);
    ComparisonPoint harmPoint = ComparisonPoint.harm(past, cut, q, harmMargin);
    if (harmPoint != null) {
      foldHarm(window, harmPoint, cap);
    }
    ComparisonPoint safePoint = ComparisonPoint.safe(past, cut, q, safeMargin);
    unresolved = safePoint == null;
    if (safePoint != null) {
      foldSafe(window, safePoint);
    }
  }

  @Override
  public OptionalInt drivingInstance(double line) {
    double share = direction == HarmfulDirection.INCREASE ? 1 - q : q;
    return new LeaveOneOut(
            harmSpread,
            epochs,
            1,
            (_, nC, kC, nB, kB, sums) ->
                LogFactors.exceedance(
                    Alternatives.UP, nC, kC, nB, kB, share, Double.POSITIVE_INFINITY, sums))
        .driving(line);
  }

  @Override
  public boolean interpolated() {
    return interpolated;
  }

  @Override
  public boolean unresolved() {
    return unresolved;
  }

  @Override
  public OptionalDouble provenRelative(double line) {
    return ladder.proven(line, safeSpread);
  }

  @Override
  Tempering harmTempering() {
    return harmSpread;
  }

  @Override
  Tempering safeTempering() {
    return safeSpread;
  }

  @Override
  void snapshot() {
    super.snapshot();
    harmSpread.snapshot();
  }

  @Override
  void write(DataOutput out) throws IOException {
    harmSpread.write(out);
    safeSpread.write(out);
    ladder.write(out);
    out.writeBoolean(interpolated);
    out.writeBoolean(unresolved);
    super.write(out);
  }

  @Override
  void read(Epochs epochs, DataInput in) throws IOException {
    harmSpread = Dispersion.read(epochs, in);
    safeSpread = Dispersion.read(Epochs.withHorizon(1, 0), in);
    ladder.read(in);
    interpolated = in.readBoolean();
    unresolved = in.readBoolean();
    super.read(epochs, in);
  }

  /** Counts favour the canary. */
  private void foldHarm(ValueWindow window, ComparisonPoint point, double cap) {
    counts.clear();
    window.countAtLeast(Arm.CANARY, point.canary(), direction, counts);
    if (point.method() == ComparisonPoint.Method.INTERPOLATED) {
      interpolated = true;
      window.countInterpolatedAbove(Arm.BASELINE, point.baseline(), counts);
    } else {
      window.countAtMost(Arm.BASELINE, point.baseline(), direction, counts);
    }
    LogFactors.exceedance(
        Alternatives.UP,
        counts.canaryTotal(),
        counts.canaryEvents(),
        counts.baselineTotal(),
        counts.baselineEvents(),
        point.share(),
        cap,
        harm().sums(0));
    counts.addTo(harmSpread);
    countHarmful(counts.canaryEvents());
  }

  /** Counts disfavour the canary. */
  private void foldSafe(ValueWindow window, ComparisonPoint point) {
    counts.clear();
    window.countAtMost(Arm.CANARY, point.canary(), direction, counts);
    window.countAtLeast(Arm.BASELINE, point.baseline(), direction, counts);
    switch (point.method()) {
      case SHARES, INTERPOLATED -> foldShares(window, point);
      case BRACKET -> foldBracket(point);
    }
    // What both arms' values do beyond the same value shows how they cluster; beyond two different
    // values honest arms would seem to differ.
    counts.clear();
    window.countAtLeast(Arm.CANARY, point.baseline(), direction, counts);
    window.countAtLeast(Arm.BASELINE, point.baseline(), direction, counts);
    counts.addTo(safeSpread);
  }

  private void foldShares(ValueWindow window, ComparisonPoint point) {
    ExceedanceWeights weights =
        new ExceedanceWeights(
            Alternatives.DN, counts.canaryTotal(), counts.baselineTotal(), point.share());
    weights.addTo(safe().sums(0), counts.canaryEvents(), counts.baselineEvents());
    ladder.fold(window, point.baseline(), counts.baselineEvents(), weights);
  }

  /**
   * Beyond tolerance, either the canary's share beyond its cut is at least that of the quantile, or
   * the baseline's is at most that; in both cases the smaller of the two factors has expectation at
   * most 1.
   */
  private void foldBracket(ComparisonPoint point) {
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
    double[] sums = safe().sums(0);
    for (int j = 0; j < Alternatives.SIZE; j++) {
      sums[j] += certain ? canaryFactors[j] : Math.min(canaryFactors[j], baselineFactors[j]);
    }
  }
}
