package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.policy.HarmfulDirection;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.OptionalDouble;

/**
 * Within which relative change the canary is proven to be, whatever the policy asks for: what a
 * verdict can still say when the evidence does not settle.
 *
 * <p>Each rung has its own safe evidence, at the same points, alternatives and dispersion. It grows
 * with the margin in every single run, so all rungs together are one test, and the smallest one
 * that is proven holds at the same level.
 */
final class RelativeLadder {
  private static final double[] RUNGS = {0.05, 0.1, 0.2, 0.3, 0.5, 1, 2};

  private final HarmfulDirection direction;
  private final boolean used;
  private final double[][] sums = new double[RUNGS.length][Alternatives.SIZE];
  private boolean any;

  /** No evidence yet. Only a margin with a relative part has a ladder. */
  RelativeLadder(ValueMargin margin) {
    this.direction = margin.direction();
    this.used = margin.relative() > 0;
  }

  /**
   * Takes a window.
   *
   * @param x where the baseline is cut, with so many events beyond
   */
  void fold(ValueWindow window, double x, double baselineEvents, ExceedanceWeights weights) {
    if (!used) {
      return;
    }
    any = true;
    for (int rung = 0; rung < RUNGS.length; rung++) {
      weights.addTo(
          sums[rung], (double) window.canaryAtMost(limit(rung, x), direction), baselineEvents);
    }
  }

  /** The smallest rung that is proven; empty if none is. */
  OptionalDouble proven(double line, Tempering tempering) {
    if (any) {
      for (int rung = 0; rung < RUNGS.length; rung++) {
        if (Mixture.logE(sums[rung], tempering.phi()) >= line) {
          return OptionalDouble.of(RUNGS[rung]);
        }
      }
    }
    return OptionalDouble.empty();
  }

  void write(DataOutput out) throws IOException {
    out.writeBoolean(any);
    for (double[] rung : sums) {
      StateFormat.write(rung, out);
    }
  }

  void read(DataInput in) throws IOException {
    any = in.readBoolean();
    for (double[] rung : sums) {
      StateFormat.read(rung, in);
    }
  }

  private double limit(int rung, double x) {
    return switch (direction) {
      case INCREASE -> (1 + RUNGS[rung]) * x;
      case DECREASE -> (1 - RUNGS[rung]) * x;
    };
  }
}
