package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import java.util.Comparator;
import java.util.OptionalInt;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Which canary instance the evidence of harm rests on: what would it be without that one?
 *
 * <p>Computed when asked for, from the counts of each instance between the retained snapshots, as
 * if each of these stretches were one window. That is not the e-value itself, which adds window by
 * window, but tells the same as long as the split of the traffic does not change much within a
 * stretch. An explanation; nothing is decided on it.
 */
final class LeaveOneOut {
  /** Instances that are tried, those with most events beyond their share first. */
  private static final int MOST = 20;

  private final Dispersion spread;
  private final Epochs epochs;
  private final int conditions;
  private final Factors factors;

  /** The evidence of one condition in one stretch. */
  interface Factors {
    /** Adds log factors for the given counts. */
    void add(int condition, double nC, double kC, double nB, double kB, double[] sums);
  }

  LeaveOneOut(Dispersion spread, Epochs epochs, int conditions, Factors factors) {
    this.spread = spread;
    this.epochs = epochs;
    this.conditions = conditions;
    this.factors = factors;
  }

  /**
   * The instance without which the evidence is least, if that is below a line.
   *
   * @return empty also if the canary has fewer than two instances with requests
   */
  OptionalInt driving(double line) {
    return driving(spread.counts(Arm.CANARY), line, this::logEWithout);
  }

  /** The same for any evidence without an instance. */
  static OptionalInt driving(ArmCounts canary, double line, IntToDoubleFunction logEWithout) {
    int[] candidates = candidates(canary);
    int driving = -1;
    double least = line;
    for (int candidate : candidates) {
      double without = logEWithout.applyAsDouble(candidate);
      if (without < least) {
        least = without;
        driving = candidate;
      }
    }
    return driving < 0 ? OptionalInt.empty() : OptionalInt.of(driving);
  }

  /** ln of the untempered evidence of harm without an instance of the canary. */
  double logEWithout(int instance) {
    int stretches = spread.snapshots() + 1;
    double least = Double.POSITIVE_INFINITY;
    for (int condition = 0; condition < conditions; condition++) {
      // From the last stretch back: the sums since each snapshot.
      double[] since = new double[Alternatives.SIZE];
      double[] terms = new double[stretches];
      for (int stretch = stretches - 1; stretch >= 0; stretch--) {
        addStretch(condition, stretch, instance, since);
        double weight = stretch == 0 ? epochs.baseLogWeight() : epochs.logWeight(stretch - 1);
        terms[stretch] = weight + Mixture.logE(since, 1);
      }
      least = Math.min(least, LogSpace.logSumExp(terms));
    }
    return least;
  }

  /** Adds the factors of a stretch without an instance. */
  void addStretch(int condition, int stretch, int without, double[] sums) {
    DispersionSnapshot from = spread.at(stretch - 1);
    boolean last = stretch == spread.snapshots();
    ArmCounts canary = spread.counts(Arm.CANARY);
    ArmCounts baseline = spread.counts(Arm.BASELINE);
    double nC = 0;
    double kC = 0;
    for (int i = 0; i < canary.instances; i++) {
      if (i != without) {
        nC +=
            at(last ? canary.totals : spread.at(stretch).canaryTotals, i)
                - at(from.canaryTotals, i);
        kC +=
            at(last ? canary.events : spread.at(stretch).canaryEvents, i)
                - at(from.canaryEvents, i);
      }
    }
    double nB = 0;
    double kB = 0;
    for (int i = 0; i < baseline.instances; i++) {
      nB +=
          at(last ? baseline.totals : spread.at(stretch).baselineTotals, i)
              - at(from.baselineTotals, i);
      kB +=
          at(last ? baseline.events : spread.at(stretch).baselineEvents, i)
              - at(from.baselineEvents, i);
    }
    factors.add(condition, nC, kC, nB, kB, sums);
  }

  private static int[] candidates(ArmCounts canary) {
    double total = 0;
    double events = 0;
    int active = 0;
    for (int i = 0; i < canary.instances; i++) {
      total += canary.totals[i];
      events += canary.events[i];
      active += canary.totals[i] > 0 ? 1 : 0;
    }
    if (active < 2) {
      return new int[0];
    }
    double rate = events / total;
    return IntStream.range(0, canary.instances)
        .filter(i -> canary.totals[i] > 0)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> rate * canary.totals[i] - canary.events[i]))
        .limit(MOST)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static double at(double[] counts, int instance) {
    return instance < counts.length ? counts[instance] : 0;
  }
}
