package io.canaryjudge.server.run;

import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.InconclusiveAction;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.MetricRole;
import io.canaryjudge.analysis.policy.MetricSource;
import io.canaryjudge.analysis.policy.MissingDataAction;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.ReleaseRules;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import io.canaryjudge.analysis.policy.TrafficPlan;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.policy.PolicyReader;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Policies by name; the "JSON" of one is its name. */
public final class TestPolicies implements RunPolicies {

  public static final long WINDOW_MILLIS = 1_000;
  public static final long LATENESS_MILLIS = 2_000;

  /** Never decides within a test, and has no deadline. */
  public static final Policy PATIENT = policy("patient", 1e-12, 0, 0);

  /** Decides soon. */
  public static final Policy QUICK = policy("quick", 0.01, 0, 0);

  /** Ends after a minute of windows. */
  public static final Policy SHORT = policy("short", 1e-12, 60_000, 0);

  private final Map<String, Policy> policies = new ConcurrentHashMap<>();

  public TestPolicies() {
    add(PATIENT);
    add(QUICK);
    add(SHORT);
  }

  public void add(Policy policy) {
    policies.put(policy.name(), policy);
  }

  public void remove(String name) {
    policies.remove(name);
  }

  @Override
  public Chosen choose(String name, OptionalLong revision, String overrides) {
    if (!policies.containsKey(name)) {
      throw JudgeException.of(ErrorReason.POLICY_NOT_FOUND, "There is no policy " + name + ".");
    }
    return new Chosen(name, revision.orElse(1), name);
  }

  @Override
  public Policy read(String effectivePolicy) {
    Policy policy = policies.get(effectivePolicy);
    if (policy == null) {
      throw new IllegalStateException("no policy " + effectivePolicy);
    }
    return policy;
  }

  public static Policy policy(
      String name, double risk, long deadlineMillis, long watchAfterGoMillis) {
    return policy(name, risk, deadlineMillis, watchAfterGoMillis, List.of());
  }

  /** The patient policy, with an error rate that is made of these. */
  public static Policy withSources(List<MetricSource> ofErrorRate) {
    return policy("of-sources", 1e-12, 0, 0, ofErrorRate);
  }

  private static Policy policy(
      String name,
      double risk,
      long deadlineMillis,
      long watchAfterGoMillis,
      List<MetricSource> ofErrorRate) {
    Tolerance noGo = new Tolerance.Change(0.5, 0.0, 0.005);
    Tolerance go = new Tolerance.Change(1.0, 0.0, 0.02);
    return new Policy(
        name,
        "",
        risk,
        risk,
        WINDOW_MILLIS,
        LATENESS_MILLIS,
        0,
        0,
        deadlineMillis,
        watchAfterGoMillis,
        WINDOW_MILLIS,
        0,
        0,
        MissingDataAction.INCONCLUSIVE,
        InconclusiveAction.HOLD,
        List.of(
            metric(
                "error_rate",
                MetricKind.PROPORTION,
                "1",
                OptionalDouble.empty(),
                noGo,
                go,
                ofErrorRate),
            metric(
                "latency",
                MetricKind.DISTRIBUTION,
                "s",
                OptionalDouble.of(0.95),
                noGo,
                go,
                List.of())),
        List.of(),
        new TrafficPlan(List.of(), false),
        Set.of(),
        ReleaseRules.NONE);
  }

  /**
   * Decides soon, on errors alone.
   *
   * @param more further keys of a policy file
   */
  public static Policy with(String name, String more) {
    return PolicyReader.read(
            """
            name: %s
            alpha: 0.01
            beta: 0.05
            window: 1s
            burst_guard: 1s
            minimum_coverage: 0
            on_missing_data: inconclusive
            metrics:
              - name: error_rate
                kind: proportion
                minimum_events: 0
                thresholds:
                  - {relative: 0.5, floor: 0.005, go: {relative: 1.0, floor: 0.02}}
            %s
            """
                .formatted(name, more))
        .orThrow();
  }

  private static MetricPolicy metric(
      String name,
      MetricKind kind,
      String unit,
      OptionalDouble quantile,
      Tolerance noGo,
      Tolerance go,
      List<MetricSource> sources) {
    return new MetricPolicy(
        name,
        kind,
        unit,
        HarmfulDirection.INCREASE,
        MetricRole.DECIDES,
        1,
        false,
        0,
        List.of(new Threshold(quantile, noGo, go, 0)),
        sources,
        null);
  }
}
