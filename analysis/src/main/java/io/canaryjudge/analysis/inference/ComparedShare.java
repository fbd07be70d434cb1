package io.canaryjudge.analysis.inference;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * How much of the canary was compared: of its requests in windows in which any stratum could be,
 * those in strata of which the baseline had requests too. What was not compared says nothing for
 * GO, least of all where the arms' strata differ because the canary put its requests into other
 * ones. Mutable, with a single owner.
 */
final class ComparedShare {
  /** With less than this GO would be a claim about too small a part of the canary. */
  private static final double ENOUGH = 0.8;

  /** Fewer requests of the canary are not worth a word. */
  private static final double MIN_REQUESTS = 100;

  private double compared;
  private double others;

  /** Takes the canary's requests of a window. */
  void add(double moreCompared, double moreOthers) {
    if (moreCompared > 0) {
      compared += moreCompared;
      others += moreOthers;
    }
  }

  /** Whether it is enough for GO. */
  boolean isEnough() {
    return compared >= ENOUGH * (compared + others);
  }

  /** Whether it is too little, and known to be. */
  boolean isLow() {
    return compared + others >= MIN_REQUESTS && !isEnough();
  }

  void write(DataOutput out) throws IOException {
    out.writeDouble(compared);
    out.writeDouble(others);
  }

  void read(DataInput in) throws IOException {
    compared = in.readDouble();
    others = in.readDouble();
  }
}
