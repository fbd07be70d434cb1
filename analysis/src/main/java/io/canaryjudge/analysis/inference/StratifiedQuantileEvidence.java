package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.TrailingDistribution;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.Threshold;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A limit on the change of a quantile, with the arms compared within strata, each at its own point:
 * {@link QuantileChangeEvidence} for each, and put together as {@link StrataHarm} says. For GO the
 * factors of all strata are multiplied, as in {@link StratifiedRateEvidence}.
 */
final class StratifiedQuantileEvidence extends StratifiedEvidence {
  private final QuantileComparison comparison;
  private final Epochs epochs;
  private final RelativeLadder ladder;
  private Dispersion safeSpread;

  /** By stratum: requests and events of the canary, then of the baseline, beyond one value. */
  private final double[][] beyondSame;

  private boolean interpolated;
  private boolean unresolved;

  // Scratch.
  private final PooledCounts safePooled = new PooledCounts();

  StratifiedQuantileEvidence(
      Threshold threshold, HarmfulDirection direction, int size, EvidenceSettings settings) {
    super(
        threshold,
        new StrataHarm(1, size, settings.epochs(), settings.instanceCv()),
        new SafeEvidence(1),
        new Dispersion(settings.epochs(), settings.instanceCv()));
    this.comparison = new QuantileComparison(threshold, direction);
    this.epochs = settings.epochs();
    this.ladder = comparison.ladder();
    this.safeSpread = new Dispersion(settings.instanceCv());
    this.beyondSame = new double[size][4];
  }

  /**
   * Takes the values of a window.
   *
   * @param strata by number; null or empty for one without values
   * @param pasts the baseline of each stratum in earlier windows; null if there was none
   */
  void fold(@Nullable ValueWindow[] strata, @Nullable TrailingDistribution[] pasts, double cap) {
    double compared = 0;
    double others = 0;
    boolean harmful = false;
    boolean safe = false;
    boolean possible = false;
    beginWindow();
    safePooled.clear();
    for (int number = 0; number < strata.length; number++) {
      ValueWindow window = strata[number];
      TrailingDistribution past = pasts[number];
      if (window == null) {
        continue;
      }
      double values = (double) window.count(Arm.CANARY);
      if (past == null || !QuantileComparison.isPossible(window, past)) {
        others += values;
        continue;
      }
      possible = true;
      TrailingDistribution.Cut cut = comparison.cut(past);
      ComparisonPoint harmPoint = comparison.harmPoint(past, cut);
      if (harmPoint != null) {
        foldHarm(strata().at(number), window, harmPoint, cap);
        harmful = true;
      }
      ComparisonPoint safePoint = comparison.safePoint(past, cut);
      if (safePoint != null) {
        foldSafe(number, window, safePoint);
        compared += values;
        safe = true;
      } else {
        others += values;
      }
    }
    compared().add(compared, others);
    if (harmful) {
      endWindow(cap);
    }
    if (safe) {
      safePooled.addTo(safeSpread);
    }
    if (possible) {
      unresolved = !safe;
    }
  }

  private void foldHarm(Stratum stratum, ValueWindow window, ComparisonPoint point, double cap) {
    EventCounts counts = comparison.harmCounts(window, point);
    interpolated |= point.method() == ComparisonPoint.Method.INTERPOLATED;
    strata()
        .add(
            stratum,
            0,
            cap,
            sums -> QuantileComparison.addHarm(counts, point, Double.POSITIVE_INFINITY, sums));
    count(stratum, counts);
    countHarmful(counts.canaryEvents());
  }

  private void foldSafe(int number, ValueWindow window, ComparisonPoint point) {
    EventCounts counts = comparison.addSafe(window, point, safe().sums(0), ladder);
    double[] sums = beyondSame[number];
    sums[0] += counts.canaryTotal();
    sums[1] += counts.canaryEvents();
    sums[2] += counts.baselineTotal();
    sums[3] += counts.baselineEvents();
    counts.addTo(safePooled, sums[1] / sums[0], sums[3] / sums[2]);
  }

  @Override
  public OptionalInt drivingInstance(double line) {
    double share = comparison.share();
    return new StrataLeaveOneOut(
            strata(),
            epochs,
            1,
            (_, _, nC, kC, nB, kB, sums) ->
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
    return comparesEnough() ? ladder.proven(line, safeSpread) : OptionalDouble.empty();
  }

  @Override
  Tempering safeTempering() {
    return safeSpread;
  }

  @Override
  void write(DataOutput out) throws IOException {
    safeSpread.write(out);
    ladder.write(out);
    for (double[] sums : beyondSame) {
      StateFormat.write(sums, out);
    }
    out.writeBoolean(interpolated);
    out.writeBoolean(unresolved);
    super.write(out);
  }

  @Override
  void read(Epochs epochs, DataInput in) throws IOException {
    safeSpread = Dispersion.read(Epochs.withHorizon(1, 0), in);
    ladder.read(in);
    for (double[] sums : beyondSame) {
      StateFormat.read(sums, in);
    }
    interpolated = in.readBoolean();
    unresolved = in.readBoolean();
    super.read(epochs, in);
  }
}
