package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.TrailingDistribution;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.Threshold;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A limit on the change of a quantile. In each window the shares of both arms' values beyond a
 * {@link ComparisonPoint} are compared, so that what both arms meet together is the same for both.
 */
final class QuantileChangeEvidence extends ThresholdEvidence {
  private final QuantileComparison comparison;
  private final Epochs epochs;
  private final RelativeLadder ladder;
  private Dispersion harmSpread;
  private Dispersion safeSpread;
  private boolean interpolated;
  private boolean unresolved;

  QuantileChangeEvidence(
      Threshold threshold, HarmfulDirection direction, Epochs epochs, double instanceCv) {
    super(threshold, new HarmEvidence(1, epochs), new SafeEvidence(1));
    this.comparison = new QuantileComparison(threshold, direction);
    this.epochs = epochs;
    this.ladder = comparison.ladder();
    this.harmSpread = new Dispersion(epochs, instanceCv);
    this.safeSpread = new Dispersion(instanceCv);
  }

  /**
   * Takes the values of a window.
   *
   * @param past the baseline in earlier windows
   */
  void fold(ValueWindow window, TrailingDistribution past, double cap) {
    if (!QuantileComparison.isPossible(window, past)) {
      return;
    }
    TrailingDistribution.Cut cut = comparison.cut(past);
    ComparisonPoint harmPoint = comparison.harmPoint(past, cut);
    if (harmPoint != null) {
      foldHarm(window, harmPoint, cap);
    }
    ComparisonPoint safePoint = comparison.safePoint(past, cut);
    unresolved = safePoint == null;
    if (safePoint != null) {
      comparison.addSafe(window, safePoint, safe().sums(0), ladder).addTo(safeSpread);
    }
  }

  @Override
  public OptionalInt drivingInstance(double line) {
    double share = comparison.share();
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

  private void foldHarm(ValueWindow window, ComparisonPoint point, double cap) {
    EventCounts counts = comparison.harmCounts(window, point);
    interpolated |= point.method() == ComparisonPoint.Method.INTERPOLATED;
    QuantileComparison.addHarm(counts, point, cap, harm().sums(0));
    counts.addTo(harmSpread);
    countHarmful(counts.canaryEvents());
  }
}
