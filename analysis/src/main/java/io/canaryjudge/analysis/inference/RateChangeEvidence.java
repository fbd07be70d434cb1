package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;

/**
 * A limit on the change of a proportion. Only windows in which both arms had requests count, so
 * that what both arms meet together is the same for both.
 */
final class RateChangeEvidence extends ThresholdEvidence {
  private final HarmfulDirection direction;
  private final Epochs epochs;
  private final List<RateMargin> harmMargins;
  private final List<RateMargin> safeMargins;
  private Dispersion spread;
  private double canaryTotal; // of compared windows
  private double canaryEvents;
  private double baselineTotal;
  private double baselineEvents;

  RateChangeEvidence(
      Threshold threshold, HarmfulDirection direction, Epochs epochs, double instanceCv) {
    this(
        threshold,
        direction,
        RateMargin.of((Tolerance.Change) threshold.noGo(), direction),
        RateMargin.of((Tolerance.Change) threshold.go(), direction),
        epochs,
        instanceCv);
  }

  private RateChangeEvidence(
      Threshold threshold,
      HarmfulDirection direction,
      List<RateMargin> harmMargins,
      List<RateMargin> safeMargins,
      Epochs epochs,
      double instanceCv) {
    super(
        threshold,
        new HarmEvidence(harmMargins.size(), epochs),
        new SafeEvidence(safeMargins.size()));
    this.direction = direction;
    this.epochs = epochs;
    this.harmMargins = harmMargins;
    this.safeMargins = safeMargins;
    this.spread = new Dispersion(epochs, instanceCv);
  }

  /** Takes the counts of a window. */
  void fold(EventCounts window, double cap) {
    if (!window.comparable()) {
      return;
    }
    for (int i = 0; i < harmMargins.size(); i++) {
      addFactors(Alternatives.UP, harmMargins.get(i), window, cap, harm().sums(i));
    }
    for (int i = 0; i < safeMargins.size(); i++) {
      addFactors(
          Alternatives.DN, safeMargins.get(i), window, Double.POSITIVE_INFINITY, safe().sums(i));
    }
    window.addTo(spread);
    canaryTotal += window.canaryTotal();
    canaryEvents += window.canaryEvents();
    baselineTotal += window.baselineTotal();
    baselineEvents += window.baselineEvents();
    countHarmful(
        switch (direction) {
          case INCREASE -> window.canaryEvents();
          case DECREASE -> window.canaryTotal() - window.canaryEvents();
        });
  }

  @Override
  public OptionalInt drivingInstance(double line) {
    return new LeaveOneOut(
            spread,
            epochs,
            harmMargins.size(),
            (condition, nC, kC, nB, kB, sums) -> {
              EventCounts stretch = new EventCounts();
              stretch.addTotals(nC, kC, nB, kB);
              addFactors(
                  Alternatives.UP,
                  harmMargins.get(condition),
                  stretch,
                  Double.POSITIVE_INFINITY,
                  sums);
            })
        .driving(line);
  }

  @Override
  Tempering harmTempering() {
    return spread;
  }

  @Override
  Tempering safeTempering() {
    return spread;
  }

  @Override
  void snapshot() {
    super.snapshot();
    spread.snapshot();
  }

  @Override
  void write(DataOutput out) throws IOException {
    spread.write(out);
    out.writeDouble(canaryTotal);
    out.writeDouble(canaryEvents);
    out.writeDouble(baselineTotal);
    out.writeDouble(baselineEvents);
    super.write(out);
  }

  @Override
  void read(Epochs epochs, DataInput in) throws IOException {
    spread = Dispersion.read(epochs, in);
    canaryTotal = in.readDouble();
    canaryEvents = in.readDouble();
    baselineTotal = in.readDouble();
    baselineEvents = in.readDouble();
    super.read(epochs, in);
  }

  private void addFactors(
      Alternatives alternatives, RateMargin margin, EventCounts window, double cap, double[] sums) {
    margin.addFactors(
        alternatives, window, canaryTotal, canaryEvents, baselineTotal, baselineEvents, cap, sums);
  }
}
