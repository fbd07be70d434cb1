package io.canaryjudge.analysis.cases;

import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.InconclusiveAction;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.MetricRole;
import io.canaryjudge.analysis.policy.MissingDataAction;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.ReleaseRules;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import io.canaryjudge.analysis.policy.TrafficPlan;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/** The one policy under which all cases are played. */
public final class CasePolicy {
  private CasePolicy() {}

  /**
   * Errors at most +50 % beyond 0.5 percentage points; P50, P95 and P99 at most +10 %, and for GO
   * +25, +50 and +100 %. No warm-up, since the recorded instances are warm.
   */
  public static Policy of(
      double alpha, double beta, long windowMillis, long deadlineMillis, long watchAfterGoMillis) {
    return new Policy(
        "cases",
        "",
        alpha,
        beta,
        windowMillis,
        2 * windowMillis,
        0,
        300_000,
        deadlineMillis,
        watchAfterGoMillis,
        Math.max(15_000, windowMillis),
        0.8,
        0,
        MissingDataAction.NO_GO,
        InconclusiveAction.HOLD,
        List.of(
            new MetricPolicy(
                "error_rate",
                MetricKind.PROPORTION,
                "1",
                HarmfulDirection.INCREASE,
                MetricRole.DECIDES,
                1,
                false,
                5,
                List.of(
                    new Threshold(
                        OptionalDouble.empty(),
                        new Tolerance.Change(0.5, 0, 0.005),
                        new Tolerance.Change(0.5, 0, 0.005),
                        0)),
                List.of(),
                null),
            new MetricPolicy(
                "latency",
                MetricKind.DISTRIBUTION,
                "s",
                HarmfulDirection.INCREASE,
                MetricRole.DECIDES,
                1,
                false,
                5,
                List.of(quantile(0.5, 0.25), quantile(0.95, 0.5), quantile(0.99, 1)),
                List.of(),
                null)),
        List.of(),
        new TrafficPlan(List.of(), false),
        Set.of(),
        ReleaseRules.NONE);
  }

  private static Threshold quantile(double q, double go) {
    return new Threshold(
        OptionalDouble.of(q), new Tolerance.Change(0.1, 0, 0), new Tolerance.Change(go, 0, 0), 0);
  }
}
