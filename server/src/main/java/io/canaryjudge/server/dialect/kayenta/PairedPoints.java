package io.canaryjudge.server.dialect.kayenta;

import io.canaryjudge.server.dialect.JsonTree;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Two series of one metric, paired by time. A point's time is the start of its series and as many
 * steps as there are points before it.
 *
 * @param control points of the baseline
 * @param experiment points of the canary at the same moments, or as long after the start if the two
 *     series have no time in common
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record PairedPoints(double[] control, double[] experiment) {

  static final int MAX_POINTS = 50_000;

  /** One series as it came. */
  private record Series(long startMillis, long stepMillis, double[] points) {

    long endMillis() {
      return startMillis + stepMillis * points.length;
    }
  }

  /**
   * Reads the values and scopes of a metric set pair.
   *
   * @return empty if there is nothing to pair, since steps differ; noted in the tree if a scope
   *     says nothing sensible
   */
  static Optional<PairedPoints> read(JsonTree pair) {
    Series control = series(pair, "control");
    Series experiment = series(pair, "experiment");
    if (control.points().length == 0 || experiment.points().length == 0) {
      return Optional.of(oneSided(control.points(), experiment.points()));
    }
    if (control.stepMillis() != experiment.stepMillis()) {
      return Optional.empty();
    }
    boolean overlap =
        control.startMillis() < experiment.endMillis()
            && experiment.startMillis() < control.endMillis();
    long step = control.stepMillis();
    // Starts are aligned to the step by most metric stores, and otherwise off by less than half.
    int shift =
        overlap
            ? (int) Math.floorDiv(experiment.startMillis() - control.startMillis() + step / 2, step)
            : 0;
    int first = Math.max(0, shift);
    int end = Math.min(control.points().length, experiment.points().length + shift);
    return Optional.of(
        end <= first
            ? new PairedPoints(new double[0], new double[0])
            : new PairedPoints(
                Arrays.copyOfRange(control.points(), first, end),
                Arrays.copyOfRange(experiment.points(), first - shift, end - shift)));
  }

  private static Series series(JsonTree pair, String arm) {
    JsonTree scope = pair.object("scopes").object(arm);
    long start = (long) scope.number("startTimeMillis", 0, -1, 1e15);
    long step = (long) scope.number("stepMillis", 60_000, 0, 1e10);
    return new Series(start, Math.max(step, 1), pair.object("values").points(arm, MAX_POINTS));
  }

  private static PairedPoints oneSided(double[] control, double[] experiment) {
    return new PairedPoints(
        control.length == 0 ? missing(experiment.length) : control,
        experiment.length == 0 ? missing(control.length) : experiment);
  }

  private static double[] missing(int length) {
    double[] points = new double[length];
    Arrays.fill(points, Double.NaN);
    return points;
  }

  /** Without the points that are far from the others of their arm: they become missing. */
  PairedPoints withoutOutliers(OptionalDouble factor) {
    return factor.isEmpty()
        ? this
        : new PairedPoints(
            inner(control, factor.getAsDouble()), inner(experiment, factor.getAsDouble()));
  }

  /**
   * Beyond Q1 and Q3 by some interquartile ranges (Tukey 1977), and beyond the first and the last
   * percent of the points, as Kayenta has it: where most points are equal the range is 0.
   */
  private static double[] inner(double[] points, double factor) {
    double[] sorted = Arrays.stream(points).filter(Double::isFinite).sorted().toArray();
    if (sorted.length == 0) {
      return points;
    }
    double q1 = quantile(sorted, 0.25);
    double q3 = quantile(sorted, 0.75);
    double low = Math.min(quantile(sorted, 0.01), q1 - factor * (q3 - q1));
    double high = Math.max(quantile(sorted, 0.99), q3 + factor * (q3 - q1));
    return Arrays.stream(points).map(p -> p < low || p > high ? Double.NaN : p).toArray();
  }

  private static double quantile(double[] sorted, double q) {
    double at = q * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  /** With zeros for missing points, or without the pairs that lack one. */
  PairedPoints complete(boolean replaceMissing) {
    if (replaceMissing) {
      return new PairedPoints(
          Arrays.stream(control).map(p -> Double.isNaN(p) ? 0 : p).toArray(),
          Arrays.stream(experiment).map(p -> Double.isNaN(p) ? 0 : p).toArray());
    }
    double[] left = new double[control.length];
    double[] right = new double[control.length];
    int pairs = 0;
    for (int i = 0; i < control.length; i++) {
      if (!Double.isNaN(control[i]) && !Double.isNaN(experiment[i])) {
        left[pairs] = control[i];
        right[pairs++] = experiment[i];
      }
    }
    return new PairedPoints(Arrays.copyOf(left, pairs), Arrays.copyOf(right, pairs));
  }

  /** Whether both arms carry the very same data, and such as does not agree by chance. */
  boolean oneSeriesTwice() {
    return control.length >= 10
        && Arrays.equals(control, experiment)
        && Arrays.stream(control).distinct().limit(5).count() >= 5;
  }

  /** Mean of the canary as a multiple of the baseline's; NaN if that is nothing sensible. */
  double meanRatio() {
    double below = Arrays.stream(control).average().orElse(0);
    double ratio = Arrays.stream(experiment).average().orElse(0) / below;
    return Double.isFinite(ratio) ? ratio : Double.NaN;
  }
}
