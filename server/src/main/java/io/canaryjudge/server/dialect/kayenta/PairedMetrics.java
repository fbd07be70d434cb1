package io.canaryjudge.server.dialect.kayenta;

import io.canaryjudge.analysis.paired.PairedComparison;
import io.canaryjudge.analysis.paired.PairedFinding;
import io.canaryjudge.analysis.paired.PairedFinding.Outcome;
import io.canaryjudge.analysis.paired.PairedTolerance;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.server.dialect.kayenta.JudgedMetric.Label;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Judges single metrics by pairs of points, in Kayenta's words. */
final class PairedMetrics {

  /** Of shares of pairs: 0.5 is "as often above as below". */
  private static final double EVEN = 0.5;

  private static final double GO_SHARE = 0.75;

  private static final String COUNTS =
      " Judged by points that carry no counts of requests: counts would have said more.";

  private final PairedSettings settings;
  private final long counted;

  /**
   * Judges for one canary.
   *
   * @param counted metrics that share alpha, at least 1
   */
  PairedMetrics(PairedSettings settings, long counted) {
    this.settings = settings;
    this.counted = counted;
  }

  /**
   * Judges one.
   *
   * @param came the points; empty if the arms have different steps
   */
  JudgedMetric judge(CanaryMetric metric, String id, Optional<PairedPoints> came) {
    PairedPoints none = new PairedPoints(new double[0], new double[0]);
    if (came.isEmpty()) {
      String reason = "The series of the arms have different steps: no points of the same moment.";
      return new JudgedMetric(metric, id, Label.ERROR, reason, false, metric.critical(), none);
    }
    PairedPoints points =
        came.get().withoutOutliers(metric.outlierFactor()).complete(metric.replaceMissing());
    if (points.control().length == 0) {
      return withoutData(metric, id, none);
    }
    if (points.oneSeriesTwice()) {
      String reason =
          "Not decided: both arms carry the very same points, as if one query fed both. Check what"
              + " tells the arms apart in it.";
      return new JudgedMetric(metric, id, Label.NODATA, reason, true, false, points);
    }
    return compared(metric, id, points);
  }

  private static JudgedMetric withoutData(CanaryMetric metric, String id, PairedPoints none) {
    if (metric.replaceMissing()) {
      String reason = "No points in either arm, which nanStrategy replace takes for zeros in both.";
      return new JudgedMetric(metric, id, Label.PASS, reason, false, false, none);
    }
    Label label =
        metric.mustHaveData() && !metric.critical() ? Label.NODATA_FAIL_METRIC : Label.NODATA;
    String reason = "No moment at which both arms have a point.";
    return new JudgedMetric(metric, id, label, reason, false, metric.critical(), none);
  }

  private JudgedMetric compared(CanaryMetric metric, String id, PairedPoints points) {
    List<PairedFinding> findings = new ArrayList<>();
    int directions = (metric.harmfulUp() ? 1 : 0) + (metric.harmfulDown() ? 1 : 0);
    double alpha = settings.alpha() / (counted * directions);
    if (metric.harmfulUp()) {
      PairedFinding up = compare(metric, points, HarmfulDirection.INCREASE, alpha);
      if (up.outcome() == Outcome.HARMFUL) {
        return failed(metric, id, points, up, HarmfulDirection.INCREASE);
      }
      findings.add(up);
    }
    if (metric.harmfulDown()) {
      PairedFinding down = compare(metric, points, HarmfulDirection.DECREASE, alpha);
      if (down.outcome() == Outcome.HARMFUL) {
        return failed(metric, id, points, down, HarmfulDirection.DECREASE);
      }
      findings.add(down);
    }
    boolean safe = findings.stream().allMatch(f -> f.outcome() == Outcome.SAFE);
    PairedFinding weakest = findings.getFirst();
    for (PairedFinding finding : findings) {
      weakest = finding.logSafe() < weakest.logSafe() ? finding : weakest;
    }
    return safe
        ? new JudgedMetric(
            metric, id, Label.PASS, "Within tolerance: " + seen(weakest), false, false, points)
        : new JudgedMetric(
            metric, id, Label.NODATA, "Not decided: " + seen(weakest), true, false, points);
  }

  private PairedFinding compare(
      CanaryMetric metric, PairedPoints points, HarmfulDirection harmful, double alpha) {
    return PairedComparison.compare(
        points.control(),
        points.experiment(),
        harmful,
        tolerance(metric, harmful),
        alpha,
        settings.beta());
  }

  private PairedTolerance tolerance(CanaryMetric metric, HarmfulDirection harmful) {
    if (metric.shares()) {
      double share =
          switch (harmful) {
            case INCREASE -> metric.allowedIncrease().orElse(EVEN);
            case DECREASE -> 1 - metric.allowedDecrease().orElse(EVEN);
          };
      double noGo = Math.clamp(share, EVEN, 0.99);
      return PairedTolerance.ofShare(noGo, Math.max(noGo, GO_SHARE));
    }
    return switch (harmful) {
      case INCREASE -> {
        double noGo = metric.allowedIncrease().orElse(1 + settings.tolerance());
        yield PairedTolerance.ofRatio(noGo, Math.max(noGo, 1 + settings.goTolerance()));
      }
      case DECREASE -> {
        // A canary that may fall to nothing is never too low.
        double noGo = Math.max(metric.allowedDecrease().orElse(1 - settings.tolerance()), 1e-9);
        yield PairedTolerance.ofRatio(noGo, Math.min(noGo, 1 - settings.goTolerance()));
      }
    };
  }

  private JudgedMetric failed(
      CanaryMetric metric,
      String id,
      PairedPoints points,
      PairedFinding finding,
      HarmfulDirection harmful) {
    Label label = harmful == HarmfulDirection.INCREASE ? Label.HIGH : Label.LOW;
    String reason = "Beyond tolerance: " + seen(finding);
    return new JudgedMetric(
        metric,
        id,
        label,
        reason,
        false,
        metric.critical() && fatal(metric, points, harmful),
        points);
  }

  /** Whether the effect is as large as a critical one has to be; any is, if none is named. */
  private static boolean fatal(CanaryMetric metric, PairedPoints points, HarmfulDirection harmful) {
    double effect = metric.shares() ? share(points) : points.meanRatio();
    return switch (harmful) {
      case INCREASE ->
          metric.criticalIncrease().isEmpty()
              || Double.isNaN(effect)
              || effect >= metric.criticalIncrease().getAsDouble();
      case DECREASE ->
          metric.criticalDecrease().isEmpty()
              || Double.isNaN(effect)
              || effect <= metric.criticalDecrease().getAsDouble();
    };
  }

  private static double share(PairedPoints points) {
    double higher = 0;
    for (int i = 0; i < points.control().length; i++) {
      double difference = points.experiment()[i] - points.control()[i];
      higher += difference > 0 ? 1 : difference == 0 ? EVEN : 0;
    }
    return higher / points.control().length;
  }

  private static String seen(PairedFinding finding) {
    return String.format(
            Locale.ROOT,
            "%d of %d pairs of points are beyond it (evidence of harm %.1f of %.1f, of safety %.1f"
                + " of %.1f).",
            finding.beyond(),
            finding.pairs(),
            Math.max(0, finding.logHarm()),
            finding.harmLine(),
            Math.max(0, finding.logSafe()),
            finding.safeLine())
        + COUNTS;
  }
}
