package io.canaryjudge.analysis.inference;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Evidence that the canary is beyond a tolerance in some stratum: N = 1/2 N_sum + sum_s 1/(2 S)
 * N_s. N_sum multiplies the factors of all strata, which finds an effect that they share; N_s those
 * of stratum s alone, so that a regression of one route is not diluted. S is the number of strata
 * that there can be, fixed in advance: the weight of those that never come stays unspent. While the
 * canary is within tolerance in every stratum each part is an e-process, and so is their mean,
 * whatever their dependence. Mutable, with a single owner.
 */
final class StrataHarm implements HarmProcess {
  private static final int FORMAT = 1;
  private static final double LOG_HALF = StrictMath.log(0.5);

  private final int conditions;
  private final Epochs epochs;
  private final double instanceCv;
  private final HarmEvidence common;
  private final @Nullable Stratum[] strata;
  private final double logWeight;

  // Scratch.
  private final double[] factors = new double[Alternatives.SIZE];
  private final double[][] together;

  /**
   * No evidence yet.
   *
   * @param conditions of the tolerance, see {@link HarmEvidence}
   * @param size how many strata there can be, the rest included
   */
  StrataHarm(int conditions, int size, Epochs epochs, double instanceCv) {
    this.conditions = conditions;
    this.epochs = epochs;
    this.instanceCv = instanceCv;
    this.common = new HarmEvidence(conditions, epochs);
    this.strata = new @Nullable Stratum[size];
    this.logWeight = -StrictMath.log(2.0 * size);
    this.together = new double[conditions][Alternatives.SIZE];
  }

  /** The factors of one stratum in one window. */
  interface Factors {
    /** Adds them to sums that are 0. */
    void addTo(double[] sums);
  }

  /** How many strata there can be. */
  int size() {
    return strata.length;
  }

  /** A stratum by its number, begun if nothing is known of it. */
  Stratum at(int number) {
    Stratum present = strata[number];
    if (present == null) {
      present = Stratum.begin(conditions, epochs, instanceCv);
      strata[number] = present;
    }
    return present;
  }

  /** A stratum by its number; null if nothing is known of it. */
  @Nullable Stratum find(int number) {
    return strata[number];
  }

  /** Begins a window. */
  void beginWindow() {
    for (double[] sums : together) {
      Arrays.fill(sums, 0);
    }
  }

  /**
   * Adds the factors of one stratum to its own evidence, and to those of the window.
   *
   * @param cap the most that its own evidence takes, for each alternative
   */
  void add(Stratum stratum, int condition, double cap, Factors window) {
    Arrays.fill(factors, 0);
    window.addTo(factors);
    double[] own = stratum.harm().sums(condition);
    double[] all = together[condition];
    for (int j = 0; j < Alternatives.SIZE; j++) {
      own[j] += Math.min(factors[j], cap);
      all[j] += factors[j];
    }
  }

  /**
   * Adds the factors of the window to the evidence that the strata share.
   *
   * @param cap the most that it takes, for each alternative
   */
  void endWindow(double cap) {
    for (int condition = 0; condition < conditions; condition++) {
      double[] sums = common.sums(condition);
      for (int j = 0; j < Alternatives.SIZE; j++) {
        sums[j] += Math.min(together[condition][j], cap);
      }
    }
  }

  /** The evidence that the strata share; use {@link #add} to add to it. */
  @Override
  public double[] sums(int condition) {
    return common.sums(condition);
  }

  @Override
  public void snapshot() {
    common.snapshot();
    for (Stratum stratum : strata) {
      if (stratum != null) {
        stratum.snapshot();
      }
    }
  }

  /** That of a stratum alone is tempered by its own spread, unless nothing is tempered. */
  @Override
  public double logE(Tempering tempering) {
    double log = LOG_HALF + common.logE(tempering);
    for (Stratum stratum : strata) {
      if (stratum != null) {
        log = LogSpace.logAddExp(log, logWeight + logE(stratum, tempering));
      }
    }
    return log;
  }

  @Override
  public double logBound() {
    double most = common.logBound();
    for (Stratum stratum : strata) {
      if (stratum != null) {
        most = Math.max(most, stratum.harm().logBound());
      }
    }
    return most;
  }

  /**
   * The stratum that the evidence rests on: the one with most evidence of harm in it alone, if that
   * reaches the line by itself, or if without it the evidence would not come half as far. (When
   * evidence that all strata share reaches the line, it lacks a little without any of them.)
   *
   * @return empty if the canary is beyond tolerance in several strata at once
   */
  OptionalInt driving(double line, Tempering tempering) {
    int driving = -1;
    double most = 0;
    for (int number = 0; number < strata.length; number++) {
      Stratum stratum = strata[number];
      if (stratum != null) {
        double log = logE(stratum, tempering);
        if (log > most) {
          most = log;
          driving = number;
        }
      }
    }
    return driving >= 0 && (logWeight + most >= line || logEWithout(driving, tempering) < line / 2)
        ? OptionalInt.of(driving)
        : OptionalInt.empty();
  }

  /** ln of the mean of e-values, of which that of the strata together comes first. */
  double logMean(double[] logs) {
    double log = LOG_HALF + logs[0];
    for (int i = 1; i < logs.length; i++) {
      log = LogSpace.logAddExp(log, logWeight + logs[i]);
    }
    return log;
  }

  @Override
  public void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    common.write(out);
    for (Stratum stratum : strata) {
      out.writeBoolean(stratum != null);
      if (stratum != null) {
        stratum.write(out);
      }
    }
  }

  @Override
  public void read(Epochs epochs, DataInput in) throws IOException {
    StateFormat.check("harm in strata", FORMAT, in);
    common.read(epochs, in);
    for (int number = 0; number < strata.length; number++) {
      strata[number] = in.readBoolean() ? Stratum.read(conditions, epochs, in) : null;
    }
  }

  private static double logE(Stratum stratum, Tempering tempering) {
    return stratum
        .harm()
        .logE(Tempering.NONE.equals(tempering) ? Tempering.NONE : stratum.spread());
  }

  /** ln of the evidence without a stratum. Where a window was capped, it is somewhat less. */
  private double logEWithout(int without, Tempering tempering) {
    Stratum left = at(without);
    double log = LOG_HALF + common.logEWithout(left.harm(), tempering);
    for (int number = 0; number < strata.length; number++) {
      Stratum stratum = strata[number];
      if (stratum != null && number != without) {
        log = LogSpace.logAddExp(log, logWeight + logE(stratum, tempering));
      }
    }
    return log;
  }
}
