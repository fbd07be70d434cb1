package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A limit on the change of a proportion, with the arms compared within strata: {@link
 * RateChangeEvidence} for each, and put together as {@link StrataHarm} says.
 *
 * <p>For GO the factors of all strata are multiplied: a claim about the mean of what the strata
 * differ by, weighted by their traffic, and not about each of them. Requests of the canary in
 * strata of which the baseline had none cannot be compared; as far as they would speak against GO,
 * if the strata did not matter, they do: a factor below 1 keeps an e-value one.
 */
final class StratifiedRateEvidence extends StratifiedEvidence {
  private final HarmfulDirection direction;
  private final Epochs epochs;
  private final List<RateMargin> harmMargins;
  private final List<RateMargin> safeMargins;
  private double canaryTotal; // of all strata in compared windows
  private double canaryEvents;
  private double baselineTotal;
  private double baselineEvents;

  // Scratch.
  private final EventCounts matched = new EventCounts();
  private final EventCounts all = new EventCounts();
  private final double[] ofMatched = new double[Alternatives.SIZE];
  private final double[] ofAll = new double[Alternatives.SIZE];

  StratifiedRateEvidence(
      Threshold threshold, HarmfulDirection direction, int size, EvidenceSettings settings) {
    this(
        threshold,
        direction,
        size,
        RateMargin.of((Tolerance.Change) threshold.noGo(), direction),
        RateMargin.of((Tolerance.Change) threshold.go(), direction),
        settings);
  }

  private StratifiedRateEvidence(
      Threshold threshold,
      HarmfulDirection direction,
      int size,
      List<RateMargin> harmMargins,
      List<RateMargin> safeMargins,
      EvidenceSettings settings) {
    super(
        threshold,
        new StrataHarm(harmMargins.size(), size, settings.epochs(), settings.instanceCv()),
        new SafeEvidence(safeMargins.size()),
        new Dispersion(settings.epochs(), settings.instanceCv()));
    this.direction = direction;
    this.epochs = settings.epochs();
    this.harmMargins = harmMargins;
    this.safeMargins = safeMargins;
  }

  /**
   * Takes the counts of a window.
   *
   * @param strata by number; null or empty for one without requests
   */
  void fold(@Nullable EventCounts[] strata, double cap) {
    matched.clear();
    double otherTotal = 0;
    double otherEvents = 0;
    beginWindow();
    for (int number = 0; number < strata.length; number++) {
      EventCounts counts = strata[number];
      if (counts == null) {
        continue;
      }
      if (counts.comparable()) {
        fold(strata().at(number), counts, cap);
      } else {
        otherTotal += counts.canaryTotal();
        otherEvents += counts.canaryEvents();
      }
    }
    compared().add(matched.canaryTotal(), otherTotal);
    if (!matched.comparable()) {
      return;
    }
    endWindow(cap);
    if (otherTotal > 0) {
      foldOthers(otherTotal, otherEvents);
    }
    canaryTotal += matched.canaryTotal();
    canaryEvents += matched.canaryEvents();
    baselineTotal += matched.baselineTotal();
    baselineEvents += matched.baselineEvents();
    countHarmful(
        switch (direction) {
          case INCREASE -> matched.canaryEvents();
          case DECREASE -> matched.canaryTotal() - matched.canaryEvents();
        });
  }

  private void fold(Stratum stratum, EventCounts counts, double cap) {
    for (int i = 0; i < harmMargins.size(); i++) {
      RateMargin margin = harmMargins.get(i);
      strata()
          .add(
              stratum,
              i,
              cap,
              sums ->
                  addFactors(
                      Alternatives.UP, margin, counts, stratum, Double.POSITIVE_INFINITY, sums));
    }
    for (int i = 0; i < safeMargins.size(); i++) {
      addFactors(
          Alternatives.DN,
          safeMargins.get(i),
          counts,
          stratum,
          Double.POSITIVE_INFINITY,
          safe().sums(i));
    }
    matched.addTotals(
        counts.canaryTotal(),
        counts.canaryEvents(),
        counts.baselineTotal(),
        counts.baselineEvents());
    count(stratum, counts);
  }

  /** What the canary did elsewhere, as far as it speaks against GO. */
  private void foldOthers(double total, double events) {
    all.clear();
    all.addTotals(
        matched.canaryTotal() + total,
        matched.canaryEvents() + events,
        matched.baselineTotal(),
        matched.baselineEvents());
    for (int i = 0; i < safeMargins.size(); i++) {
      addPooled(safeMargins.get(i), matched, ofMatched);
      addPooled(safeMargins.get(i), all, ofAll);
      double[] sums = safe().sums(i);
      for (int j = 0; j < Alternatives.SIZE; j++) {
        sums[j] += Math.min(ofAll[j] - ofMatched[j], 0);
      }
    }
  }

  private void addPooled(RateMargin margin, EventCounts counts, double[] sums) {
    Arrays.fill(sums, 0);
    margin.addFactors(
        Alternatives.DN,
        counts,
        canaryTotal,
        canaryEvents,
        baselineTotal,
        baselineEvents,
        Double.POSITIVE_INFINITY,
        sums);
  }

  @Override
  public OptionalInt drivingInstance(double line) {
    return new StrataLeaveOneOut(
            strata(),
            epochs,
            harmMargins.size(),
            (stratum, condition, nC, kC, nB, kB, sums) -> {
              EventCounts stretch = new EventCounts();
              stretch.addTotals(nC, kC, nB, kB);
              addFactors(
                  Alternatives.UP,
                  harmMargins.get(condition),
                  stretch,
                  stratum,
                  Double.POSITIVE_INFINITY,
                  sums);
            })
        .driving(line);
  }

  @Override
  Tempering safeTempering() {
    return spread();
  }

  @Override
  void write(DataOutput out) throws IOException {
    out.writeDouble(canaryTotal);
    out.writeDouble(canaryEvents);
    out.writeDouble(baselineTotal);
    out.writeDouble(baselineEvents);
    super.write(out);
  }

  @Override
  void read(Epochs epochs, DataInput in) throws IOException {
    canaryTotal = in.readDouble();
    canaryEvents = in.readDouble();
    baselineTotal = in.readDouble();
    baselineEvents = in.readDouble();
    super.read(epochs, in);
  }

  private static void addFactors(
      Alternatives alternatives,
      RateMargin margin,
      EventCounts window,
      Stratum stratum,
      double cap,
      double[] sums) {
    margin.addFactors(
        alternatives,
        window,
        stratum.canaryTotal(),
        stratum.canaryEvents(),
        stratum.baselineTotal(),
        stratum.baselineEvents(),
        cap,
        sums);
  }
}
