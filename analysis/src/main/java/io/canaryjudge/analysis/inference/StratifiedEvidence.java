package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.policy.Threshold;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.OptionalInt;

/**
 * A limit on a change, with the arms compared within strata and the comparisons put together. What
 * a request that cannot be compared means for GO is the same for rates and quantiles.
 */
abstract sealed class StratifiedEvidence extends ThresholdEvidence
    permits StratifiedRateEvidence, StratifiedQuantileEvidence {
  private final StrataHarm strata;
  private final ComparedShare compared = new ComparedShare();
  private final PooledCounts pooled = new PooledCounts();
  private Dispersion spread; // of all strata together

  StratifiedEvidence(Threshold threshold, StrataHarm harm, SafeEvidence safe, Dispersion spread) {
    super(threshold, harm, safe);
    this.strata = harm;
    this.spread = spread;
  }

  /** The evidence of harm. */
  final StrataHarm strata() {
    return strata;
  }

  final ComparedShare compared() {
    return compared;
  }

  final Dispersion spread() {
    return spread;
  }

  /** Begins a window in which the baseline and the canary had requests in some stratum. */
  final void beginWindow() {
    strata.beginWindow();
    pooled.clear();
  }

  /** Takes the counts of a stratum whose factors were added. */
  final void count(Stratum stratum, EventCounts counts) {
    stratum.count(counts);
    counts.addTo(pooled, stratum.rate(Arm.CANARY), stratum.rate(Arm.BASELINE));
  }

  /** Ends a window in which some stratum had counts. */
  final void endWindow(double cap) {
    strata.endWindow(cap);
    pooled.addTo(spread);
  }

  @Override
  public final OptionalInt drivingStratum(double line) {
    return strata.driving(line, spread);
  }

  @Override
  public final boolean comparesTooLittle() {
    return compared.isLow();
  }

  @Override
  final boolean comparesEnough() {
    return compared.isEnough();
  }

  @Override
  final Tempering harmTempering() {
    return spread;
  }

  @Override
  void snapshot() {
    super.snapshot();
    spread.snapshot();
  }

  @Override
  void write(DataOutput out) throws IOException {
    compared.write(out);
    spread.write(out);
    super.write(out);
  }

  @Override
  void read(Epochs epochs, DataInput in) throws IOException {
    compared.read(in);
    spread = Dispersion.read(epochs, in);
    super.read(epochs, in);
  }
}
