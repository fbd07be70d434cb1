package io.canaryjudge.analysis.policy;

import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/** Valid policies to start from. */
final class SamplePolicies {

  private SamplePolicies() {}

  /** One proportion and one distribution, each with a limit and a change. */
  static Policy valid() {
    return new Policy(
        "checkout",
        "",
        0.01,
        0.05,
        5_000,
        10_000,
        60_000,
        300_000,
        3_600_000,
        0,
        15_000,
        0.8,
        0,
        MissingDataAction.NO_GO,
        InconclusiveAction.HOLD,
        List.of(
            metric(
                "error_rate",
                MetricKind.PROPORTION,
                "1",
                same(OptionalDouble.empty(), new Tolerance.Limit(0.01)),
                same(OptionalDouble.empty(), new Tolerance.Change(0.5, 0, 0.005))),
            metric(
                "latency",
                MetricKind.DISTRIBUTION,
                "s",
                same(OptionalDouble.of(0.95), new Tolerance.Limit(5)),
                new Threshold(
                    OptionalDouble.of(0.95),
                    new Tolerance.Change(0.1, 0, 0),
                    new Tolerance.Change(0.5, 0, 0),
                    0))),
        List.of(new RequiredCheck("smoke", true), new RequiredCheck("sign-off", false)),
        new TrafficPlan(List.of(5.0, 25.0, 50.0, 100.0), false),
        Set.of(PolicySetting.DEADLINE),
        ReleaseRules.NONE);
  }

  static MetricPolicy metric(String name, MetricKind kind, String unit, Threshold... thresholds) {
    return new MetricPolicy(
        name,
        kind,
        unit,
        HarmfulDirection.INCREASE,
        MetricRole.DECIDES,
        1,
        false,
        5,
        List.of(thresholds),
        List.of(),
        null);
  }

  static Threshold same(OptionalDouble quantile, Tolerance tolerance) {
    return new Threshold(quantile, tolerance, tolerance, 0);
  }

  static Policy withMetric(MetricPolicy metric) {
    return Edited.with(valid(), "metrics", List.of(metric));
  }
}
