package io.canaryjudge.analysis.verdict;

import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.InconclusiveAction;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.MetricRole;
import io.canaryjudge.analysis.policy.MissingDataAction;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.ReleaseRules;
import io.canaryjudge.analysis.policy.RequiredCheck;
import io.canaryjudge.analysis.policy.StrataPolicy;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import io.canaryjudge.analysis.policy.TrafficPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/** Policies for tests, built from one that asks for little: windows of 5 s, alpha and beta 1 %. */
final class TestPolicy {
  double alpha = 0.01;
  double beta = 0.01;
  long windowMillis = 5_000;
  long warmUpMillis;
  long minimumStepMillis;
  long deadlineMillis = 3_600_000;
  long watchAfterGoMillis;
  long burstGuardMillis = 15_000;
  double minimumCoverage = 0.8;
  double instanceCv;
  MissingDataAction onMissingData = MissingDataAction.NO_GO;
  List<RequiredCheck> checks = List.of();
  TrafficPlan trafficPlan = new TrafficPlan(List.of(), false);
  final List<MetricPolicy> metrics = new ArrayList<>();

  /** Errors: +50 % or +0.5 percentage points. */
  static TestPolicy errors() {
    return new TestPolicy().with(errorRate(change(0.5, 0, 0.005)));
  }

  /** Latency: P50, P95 and P99 at most +10 %, for GO +25, +50 and +100 %. */
  static TestPolicy latency() {
    return new TestPolicy()
        .with(
            metric(
                "latency",
                MetricKind.DISTRIBUTION,
                "s",
                HarmfulDirection.INCREASE,
                quantile(0.5, change(0.1, 0, 0), change(0.25, 0, 0)),
                quantile(0.95, change(0.1, 0, 0), change(0.5, 0, 0)),
                quantile(0.99, change(0.1, 0, 0), change(1, 0, 0))));
  }

  TestPolicy with(MetricPolicy metric) {
    metrics.add(metric);
    return this;
  }

  static MetricPolicy errorRate(Tolerance tolerance) {
    return metric(
        "error_rate",
        MetricKind.PROPORTION,
        "1",
        HarmfulDirection.INCREASE,
        new Threshold(OptionalDouble.empty(), tolerance, tolerance, 0));
  }

  static MetricPolicy metric(
      String name,
      MetricKind kind,
      String unit,
      HarmfulDirection direction,
      Threshold... thresholds) {
    return new MetricPolicy(
        name,
        kind,
        unit,
        direction,
        MetricRole.DECIDES,
        1,
        false,
        5,
        List.of(thresholds),
        List.of(),
        null);
  }

  static MetricPolicy warning(MetricPolicy m) {
    return new MetricPolicy(
        m.name(),
        m.kind(),
        m.unit(),
        m.harmfulDirection(),
        MetricRole.WARNS,
        m.weight(),
        m.duringWarmUp(),
        m.minimumEvents(),
        m.thresholds(),
        List.of(),
        null);
  }

  /** The same, split into at most so many strata. */
  static MetricPolicy split(MetricPolicy m, int limit) {
    return m.split(new StrataPolicy("", limit));
  }

  static Threshold quantile(double q, Tolerance noGo, Tolerance go) {
    return new Threshold(OptionalDouble.of(q), noGo, go, 0);
  }

  static Tolerance change(double relative, double absolute, double floor) {
    return new Tolerance.Change(relative, absolute, floor);
  }

  Policy build() {
    return new Policy(
        "test",
        "",
        alpha,
        beta,
        windowMillis,
        2 * windowMillis,
        warmUpMillis,
        minimumStepMillis,
        deadlineMillis,
        watchAfterGoMillis,
        burstGuardMillis,
        minimumCoverage,
        instanceCv,
        onMissingData,
        InconclusiveAction.HOLD,
        metrics,
        checks,
        trafficPlan,
        Set.of(),
        ReleaseRules.NONE);
  }
}
