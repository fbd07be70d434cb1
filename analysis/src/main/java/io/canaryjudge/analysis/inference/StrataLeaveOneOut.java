package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** {@link LeaveOneOut} where the evidence comes from strata. */
final class StrataLeaveOneOut {
  private final StrataHarm harm;
  private final Epochs epochs;
  private final int conditions;
  private final List<LeaveOneOut> strata = new ArrayList<>();
  private final ArmCounts canary = new ArmCounts();

  /** The evidence of one condition in one stretch of one stratum. */
  interface Factors {
    /** Adds log factors for the given counts. */
    void add(
        Stratum stratum, int condition, double nC, double kC, double nB, double kB, double[] sums);
  }

  StrataLeaveOneOut(StrataHarm harm, Epochs epochs, int conditions, Factors factors) {
    this.harm = harm;
    this.epochs = epochs;
    this.conditions = conditions;
    for (int number = 0; number < harm.size(); number++) {
      Stratum stratum = harm.find(number);
      if (stratum != null) {
        strata.add(
            new LeaveOneOut(
                stratum.spread(),
                epochs,
                conditions,
                (condition, nC, kC, nB, kB, sums) ->
                    factors.add(stratum, condition, nC, kC, nB, kB, sums)));
        ArmCounts counts = stratum.spread().counts(Arm.CANARY);
        for (int i = 0; i < counts.instances; i++) {
          canary.add(i, counts.totals[i], counts.events[i]);
        }
      }
    }
  }

  /** See {@link LeaveOneOut#driving}. */
  OptionalInt driving(double line) {
    return LeaveOneOut.driving(canary, line, this::logEWithout);
  }

  private double logEWithout(int instance) {
    double[] least = new double[1 + strata.size()];
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    int stretches = epochs.size() + 1;
    for (int condition = 0; condition < conditions; condition++) {
      double[][] since = new double[least.length][Alternatives.SIZE];
      double[][] terms = new double[least.length][stretches];
      for (int stretch = stretches - 1; stretch >= 0; stretch--) {
        for (int s = 0; s < strata.size(); s++) {
          strata.get(s).addStretch(condition, stretch, instance, since[0]);
          strata.get(s).addStretch(condition, stretch, instance, since[s + 1]);
        }
        double weight = stretch == 0 ? epochs.baseLogWeight() : epochs.logWeight(stretch - 1);
        for (int part = 0; part < least.length; part++) {
          terms[part][stretch] = weight + Mixture.logE(since[part], 1);
        }
      }
      for (int part = 0; part < least.length; part++) {
        least[part] = Math.min(least[part], LogSpace.logSumExp(terms[part]));
      }
    }
    return harm.logMean(least);
  }
}
