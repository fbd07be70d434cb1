package io.canaryjudge.analysis.policy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Warns of what a valid policy would probably not do as it was meant, with the consequence. Few
 * remarks, and only ones that follow from the method: the figures are lower bounds on the traffic
 * that even a canary without any flaw would need, derived in docs/policies.md.
 */
public final class PolicyLint {

  /** Canary traffic, in requests per second, that a policy should be able to do with. */
  static final double MODEST_TRAFFIC = 10;

  /** Run time that is assumed where a policy has no deadline. */
  private static final long USUAL_DEADLINE_MILLIS = 3_600_000;

  // The smallest ratio among the alternatives of the mixture: no request without an event can say
  // more for the canary than this alternative makes of it.
  private static final double BEST_CASE = 1 - 1.0 / 50;

  // At 1 to 10 requests per second a margin of 10 % at P95 was not provable within an hour.
  private static final double NARROW_QUANTILE_MARGIN = 0.1;

  // Warming up makes an instance slower by this factor easily, whatever its version.
  private static final double WARM_UP_SLACK = 1;

  private static final Set<String> TIME_UNITS = Set.of("s", "ms", "us", "ns");

  private final Policy policy;
  private final List<PolicyWarning> warnings = new ArrayList<>();

  private PolicyLint(Policy policy) {
    this.policy = policy;
  }

  /**
   * Looks for what was probably not meant.
   *
   * @param policy a policy without violations
   * @return the warnings, in the order of a policy's keys; usually none
   */
  public static List<PolicyWarning> warnings(Policy policy) {
    PolicyLint lint = new PolicyLint(policy);
    lint.deadline();
    lint.burstGuard();
    lint.instances();
    for (int i = 0; i < policy.metrics().size(); i++) {
      lint.metric("metrics[" + i + "]", policy.metrics().get(i));
    }
    return List.copyOf(lint.warnings);
  }

  private void warn(String path, String consequence) {
    warnings.add(new PolicyWarning(path, consequence));
  }

  private void deadline() {
    long deadline = policy.deadlineMillis();
    long step = policy.minimumStepMillis();
    int steps = policy.trafficPlan().weights().size();
    if (deadline == 0) {
      if (steps > 0) {
        warn(
            "deadline",
            "none, with a traffic plan: a run whose evidence never settles holds its traffic at a"
                + " step for ever");
      }
      return;
    }
    if (deadline < step) {
      warn(
          "deadline",
          span(deadline)
              + " is shorter than minimum_step_time ("
              + span(step)
              + "): no run can ever be GO");
    } else if (deadline < policy.warmUpMillis() + step && needsWarmInstances()) {
      warn(
          "deadline",
          span(deadline)
              + " leaves instances that start with their run "
              + span(Math.max(0, deadline - policy.warmUpMillis()))
              + " after their warm-up, less than minimum_step_time ("
              + span(step)
              + "): such runs tend to end INCONCLUSIVE");
    } else if (steps > 0 && deadline < steps * step) {
      warn(
          "deadline",
          span(deadline)
              + " is shorter than the "
              + steps
              + " steps of the traffic plan at their minimum_step_time ("
              + span(steps * step)
              + "): a run that takes them all ends INCONCLUSIVE before it can be GO at the last");
    }
  }

  /** Whether GO waits for a metric that is not judged during warm-up. */
  private boolean needsWarmInstances() {
    return policy.metrics().stream()
        .anyMatch(metric -> metric.role() == MetricRole.DECIDES && !metric.duringWarmUp());
  }

  private void burstGuard() {
    if (policy.deadlineMillis() > 0 && policy.burstGuardMillis() >= policy.deadlineMillis()) {
      warn(
          "burst_guard",
          span(policy.burstGuardMillis())
              + " is not shorter than the deadline ("
              + span(policy.deadlineMillis())
              + "): only harm that lasts nearly the whole run leads to NO_GO");
    }
  }

  /**
   * Persistent differences between instances stop the evidence at what the number of instances
   * supports: about {@code ln(ratio)^2 / (2 cv^2 (1/m + 1/m))} with m instances in each arm.
   */
  private void instances() {
    double variation = policy.instanceCoefficientOfVariation();
    double line = StrictMath.log1p(1 / policy.alpha());
    double ratio = StrictMath.exp(variation * StrictMath.sqrt(2 * line));
    if (ratio >= 10) {
      warn(
          "instance_coefficient_of_variation",
          String.format(
              Locale.ROOT,
              "%s: with 2 instances in each arm a proportion has to rise about %.0f-fold before it"
                  + " can be told from a difference between instances",
              Violations.number(variation),
              ratio));
    }
  }

  private void metric(String path, MetricPolicy metric) {
    strata(path, metric);
    Set<Threshold> seen = new HashSet<>();
    for (int i = 0; i < metric.thresholds().size(); i++) {
      Threshold threshold = metric.thresholds().get(i);
      String at = path + ".thresholds[" + i + "]";
      if (!seen.add(threshold)) {
        warn(at, "the same as an earlier one: it takes a share of alpha and can find nothing more");
      }
      if (threshold.noGo() instanceof Tolerance.Change change) {
        warmUp(at, metric, change);
        zeroBaseline(at, metric, change);
      }
      if (metric.role() == MetricRole.DECIDES) {
        switch (threshold.go()) {
          case Tolerance.Limit limit -> rareEvents(at, metric, threshold, limit.limit());
          case Tolerance.Change change -> {
            rareEvents(at, metric, threshold, StrictMath.max(change.absolute(), change.floor()));
            narrowMargin(at, metric, change);
          }
        }
      }
    }
  }

  private void strata(String path, MetricPolicy metric) {
    if (metric.strata() != null
        && metric.thresholds().stream().noneMatch(t -> t.noGo() instanceof Tolerance.Change)) {
      warn(
          path + ".strata",
          "without effect: limits look at all strata together, and no threshold compares with the"
              + " baseline");
    }
  }

  private void warmUp(String path, MetricPolicy metric, Tolerance.Change change) {
    if (metric.duringWarmUp() && change.relative() < WARM_UP_SLACK) {
      warn(
          path,
          "compared during warm-up: a fresh instance with cold caches differs from a warm one by"
              + " more than this, whatever its version; use a limit, or relative of 1 and more");
    }
  }

  /** Latencies are never 0; queue lengths and counts of anything often are. */
  private void zeroBaseline(String path, MetricPolicy metric, Tolerance.Change change) {
    boolean time = TIME_UNITS.contains(metric.unit());
    if (metric.kind() == MetricKind.DISTRIBUTION
        && metric.harmfulDirection() == HarmfulDirection.INCREASE
        && !time
        && change.absolute() == 0
        && change.floor() == 0) {
      warn(
          path + ".floor",
          "none: where the baseline's quantile is 0, the smallest value above it is beyond this"
              + " tolerance");
    }
  }

  /**
   * Without a single harmful event, n requests multiply the evidence by at most {@code (1 - 0.98
   * p)^-n}, with p the probability that has to be excluded.
   */
  private void rareEvents(
      String path, MetricPolicy metric, Threshold threshold, double toleratedShare) {
    if (metric.harmfulDirection() == HarmfulDirection.DECREASE) {
      return;
    }
    double probability =
        threshold.quantile().isPresent() ? 1 - threshold.quantile().getAsDouble() : toleratedShare;
    double requests = goLine() / -StrictMath.log1p(-BEST_CASE * probability);
    if (requests > modestRequests()) {
      warn(
          path,
          String.format(
              Locale.ROOT,
              "GO needs about %s canary requests even if none is harmful: more than %s",
              rounded(requests),
              modestTraffic()));
    }
  }

  private void narrowMargin(String path, MetricPolicy metric, Tolerance.Change change) {
    switch (metric.kind()) {
      case DISTRIBUTION -> {
        if (change.relative() <= NARROW_QUANTILE_MARGIN
            && change.absolute() == 0
            && change.floor() == 0) {
          warn(
              path + ".go",
              "a margin of "
                  + Violations.number(change.relative() * 100)
                  + " % for GO: at 1 to 10 requests per second an hour is not enough to prove that"
                  + " a canary keeps it, however good it is; set a wider one under go");
        }
      }
      case PROPORTION -> narrowRatio(path, metric.harmfulDirection(), change);
    }
  }

  /**
   * For a canary like its baseline with a known rate p, a request is worth {@code p (r - 1 - ln r)}
   * against the ratio r; the least favourable p is where the floor takes over.
   */
  private void narrowRatio(String path, HarmfulDirection direction, Tolerance.Change change) {
    if (change.relative() == 0 || change.absolute() > 0) {
      return;
    }
    double ratio =
        switch (direction) {
          case INCREASE -> 1 + change.relative();
          case DECREASE -> 1 - change.relative();
        };
    double rate = change.floor() / change.relative();
    double requests = goLine() / (rate * (ratio - 1 - StrictMath.log(ratio)));
    if (rate < 1 && requests > modestRequests()) {
      warn(
          path + ".go",
          String.format(
              Locale.ROOT,
              "where the baseline is near %s, GO of a canary just like it needs at least about %s"
                  + " canary requests: more than %s; a wider relative or floor under go needs"
                  + " fewer",
              Violations.number(rate),
              rounded(requests),
              modestTraffic()));
    }
  }

  /** Logarithm of the line that the evidence for GO has to reach. */
  private double goLine() {
    return StrictMath.log1p(1 / policy.beta());
  }

  private double modestRequests() {
    return MODEST_TRAFFIC * assumedDeadlineMillis() / 1_000;
  }

  private String modestTraffic() {
    return Violations.number(MODEST_TRAFFIC)
        + " requests per second in "
        + span(assumedDeadlineMillis());
  }

  private long assumedDeadlineMillis() {
    return policy.deadlineMillis() > 0 ? policy.deadlineMillis() : USUAL_DEADLINE_MILLIS;
  }

  private static String span(long millis) {
    return DurationText.format(millis);
  }

  /** Two digits are as much as a lower bound can claim. */
  private static String rounded(double requests) {
    double unit = StrictMath.pow(10, StrictMath.floor(StrictMath.log10(requests)) - 1);
    return String.format(Locale.ROOT, "%,.0f", StrictMath.rint(requests / unit) * unit);
  }
}
