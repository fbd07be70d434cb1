package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.policy.Threshold;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.OptionalInt;

/**
 * A limit on the canary alone: its rate of events against a fixed rate. For a proportion the events
 * are failures (or successes that did not come, where a decrease does harm); for the q-quantile,
 * which is above L if and only if more than 1 - q of the values are, they are values beyond L.
 *
 * <p>Counts for NO_GO and for GO differ where a histogram does not say on which side of the limit a
 * value lies: NO_GO takes the fewest events that there can be, GO the most.
 */
final class LimitEvidence extends ThresholdEvidence {
  private final double harmRate;
  private final double safeRate;
  private final Epochs epochs;
  private final boolean separate; // whether the two sides have counts of their own
  private Dispersion harmSpread;
  private Dispersion safeSpread;
  private double canaryTotal;
  private double doubtful; // events that only one side counts

  /**
   * No evidence yet.
   *
   * @param harmRate event rate at the limit of NO_GO, in (0, 1)
   * @param safeRate event rate at the limit of GO
   * @param separate whether the events of the two sides may differ
   */
  LimitEvidence(
      Threshold threshold,
      HarmProcess harm,
      double harmRate,
      double safeRate,
      boolean separate,
      Epochs epochs,
      double instanceCv) {
    super(threshold, harm, new SafeEvidence(1));
    this.harmRate = harmRate;
    this.safeRate = safeRate;
    this.epochs = epochs;
    this.separate = separate;
    this.harmSpread = new Dispersion(epochs, instanceCv);
    this.safeSpread = separate ? new Dispersion(instanceCv) : harmSpread;
  }

  /** Takes the canary's counts of a window, which may be empty. */
  void fold(EventCounts harmCounts, EventCounts safeCounts, double cap) {
    double total = harmCounts.canaryTotal();
    double events = harmCounts.canaryEvents();
    if (total > 0) {
      LogFactors.limit(Alternatives.UP, total, events, harmRate, cap, harm().sums(0));
      LogFactors.limit(
          Alternatives.DN,
          total,
          safeCounts.canaryEvents(),
          safeRate,
          Double.POSITIVE_INFINITY,
          safe().sums(0));
      harmCounts.addTo(harmSpread);
      if (separate) {
        safeCounts.addTo(safeSpread);
        doubtful += safeCounts.canaryEvents() - events;
      }
      canaryTotal += total;
      countHarmful(events);
    }
    if (harm() instanceof SustainedHarm sustained) {
      sustained.endWindow(total, events);
    }
  }

  @Override
  public OptionalInt drivingInstance(double line) {
    return new LeaveOneOut(
            harmSpread,
            epochs,
            1,
            (_, nC, kC, _, _, sums) ->
                LogFactors.limit(Alternatives.UP, nC, kC, harmRate, Double.POSITIVE_INFINITY, sums))
        .driving(line);
  }

  @Override
  public boolean unresolved() {
    return doubtful > safeRate / 2 * canaryTotal;
  }

  @Override
  Tempering harmTempering() {
    return harmSpread.againstLimit();
  }

  @Override
  Tempering safeTempering() {
    return safeSpread.againstLimit();
  }

  @Override
  void snapshot() {
    super.snapshot();
    harmSpread.snapshot();
  }

  @Override
  void write(DataOutput out) throws IOException {
    harmSpread.write(out);
    if (separate) {
      safeSpread.write(out);
    }
    out.writeDouble(canaryTotal);
    out.writeDouble(doubtful);
    super.write(out);
  }

  @Override
  void read(Epochs epochs, DataInput in) throws IOException {
    harmSpread = Dispersion.read(epochs, in);
    safeSpread = separate ? Dispersion.read(Epochs.withHorizon(1, 0), in) : harmSpread;
    canaryTotal = in.readDouble();
    doubtful = in.readDouble();
    super.read(epochs, in);
  }
}
