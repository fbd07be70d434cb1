package io.canaryjudge.server.dialect.kayenta;

import io.canaryjudge.server.dialect.JsonTree;

/**
 * How series without counts are judged: {@code judge.judgeConfigurations} of a canary config.
 *
 * @param alpha chance that any metric of a canary within every tolerance is High or Low; in (0,
 *     0.5]
 * @param beta chance that a metric beyond its tolerance is Pass; in (0, 0.5]
 * @param tolerance change that is no harm where a metric has no effect size, as a fraction of the
 *     baseline
 * @param goTolerance change that a Pass excludes at least, likewise
 */
record PairedSettings(double alpha, double beta, double tolerance, double goTolerance) {

  private static final double ALPHA = 0.01;
  private static final double BETA = 0.05;
  private static final double TOLERANCE = 0.1;
  private static final double GO_TOLERANCE = 0.25;

  static PairedSettings read(JsonTree tree) {
    double tolerance = tree.number("tolerance", TOLERANCE, 0, 0.9);
    return new PairedSettings(
        tree.number("alpha", ALPHA, 0, 0.5),
        tree.number("beta", BETA, 0, 0.5),
        tolerance,
        tree.number("goTolerance", Math.max(GO_TOLERANCE, tolerance), 0, 0.9));
  }
}
