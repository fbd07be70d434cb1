package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.Tolerance;

/**
 * How far a quantile may move: from the baseline's value x to the canary's limit y(x).
 *
 * <p>Where an increase does harm, y = max((1 + r) x + d, x + floor): beyond tolerance is who is
 * beyond the change and beyond the floor. Where a decrease does harm, y = min((1 - r) x - d, x -
 * floor).
 */
record ValueMargin(double relative, double absolute, double floor, HarmfulDirection direction) {

  ValueMargin(Tolerance.Change change, HarmfulDirection direction) {
    this(change.relative(), change.absolute(), change.floor(), direction);
  }

  /** The canary's limit where the baseline has x. Below 0 if no value can be beyond it. */
  double limit(double x) {
    return switch (direction) {
      case INCREASE -> Math.max((1 + relative) * x + absolute, x + floor);
      case DECREASE -> {
        double limit = Math.min((1 - relative) * x - absolute, x - floor);
        yield limit > 0 ? limit : -1;
      }
    };
  }

  /** The x whose limit is y, where an increase does harm; below 0 if none is. */
  double baselineOf(double y) {
    return Math.min((y - absolute) / (1 + relative), y - floor);
  }
}
