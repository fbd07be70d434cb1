package io.canaryjudge.analysis.policy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Says whether a policy makes sense, all of it at once. The ranges are those that the records of
 * this package state; what a policy that passes would do in practice is for {@link PolicyLint}.
 */
public final class PolicyValidator {

  /** Names of policies and checks. */
  public static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");

  /** Names of metrics. */
  public static final Pattern METRIC_NAME = Pattern.compile("[a-z][a-z0-9_.]{0,62}");

  /** The longest warm-up, step, deadline, watch and burst guard: 31 days. */
  public static final long MAX_SPAN_MILLIS = 31L * 24 * 3_600_000;

  private static final Pattern UNIT = Pattern.compile("[!-~]{1,32}");
  private static final long SECOND = 1_000;
  private static final long HOUR = 3_600_000;
  private static final int MAX_DESCRIPTION_LENGTH = 1_000;
  private static final int MAX_METRICS = 32;
  private static final int MAX_THRESHOLDS = 8;
  private static final int MAX_CHECKS = 32;
  private static final int MAX_STEPS = 32;

  private final Violations violations = new Violations();
  private final ThresholdRules thresholdRules = new ThresholdRules(violations);
  private final SourceRules sourceRules = new SourceRules(violations);

  private PolicyValidator() {}

  /**
   * Looks for everything that is wrong.
   *
   * @return each violation, in the order of a policy's keys; empty if the policy can be judged by
   */
  public static List<PolicyViolation> violations(Policy policy) {
    PolicyValidator validator = new PolicyValidator();
    validator.policy(policy);
    return validator.violations.found();
  }

  /**
   * Looks for everything that is wrong with matchers of labels, wherever they are.
   *
   * @param path of the list
   */
  public static List<PolicyViolation> violations(String path, List<LabelMatcher> matchers) {
    PolicyValidator validator = new PolicyValidator();
    validator.sourceRules.matchers(path, matchers);
    return validator.violations.found();
  }

  private void policy(Policy policy) {
    violations.name("name", policy.name(), NAME);
    description(policy.description());
    errorRate("alpha", policy.alpha());
    errorRate("beta", policy.beta());
    times(policy);
    share("minimum_coverage", policy.minimumCoverage());
    double variation = policy.instanceCoefficientOfVariation();
    violations.require(
        variation >= 0 && Double.isFinite(variation),
        "instance_coefficient_of_variation",
        variation,
        "a number of at least 0");
    metrics(policy.metrics());
    checks(policy.checks());
    weights(policy.trafficPlan().weights());
    new ReleaseRuleChecks(violations).check(policy.releaseRules());
  }

  private void description(String description) {
    violations.require(
        description.length() <= MAX_DESCRIPTION_LENGTH,
        "description",
        description.length() + " characters",
        "at most " + MAX_DESCRIPTION_LENGTH + " characters");
    violations.require(
        description.codePoints().allMatch(PolicyValidator::isText),
        "description",
        "a control character or half of a surrogate pair",
        "text, tabs and line feeds");
  }

  private static boolean isText(int codePoint) {
    return codePoint == '\n' || codePoint == '\t' || Violations.isPrintable(codePoint);
  }

  private void errorRate(String path, double rate) {
    violations.require(rate > 0 && rate <= 0.5, path, rate, "in (0, 0.5]");
  }

  private void share(String path, double share) {
    violations.require(share >= 0 && share <= 1, path, share, "in [0, 1]");
  }

  private void times(Policy policy) {
    long window = policy.windowMillis();
    violations.require(
        window >= SECOND && window <= HOUR && window % SECOND == 0,
        "window",
        DurationText.format(window),
        "1s to 1h, whole seconds");
    violations.duration("lateness", policy.latenessMillis(), 0, HOUR);
    violations.duration("warm_up", policy.warmUpMillis(), 0, MAX_SPAN_MILLIS);
    violations.duration("minimum_step_time", policy.minimumStepMillis(), 0, MAX_SPAN_MILLIS);
    violations.duration("deadline", policy.deadlineMillis(), 0, MAX_SPAN_MILLIS);
    violations.duration("watch_after_go", policy.watchAfterGoMillis(), 0, MAX_SPAN_MILLIS);
    long guard = policy.burstGuardMillis();
    violations.require(
        guard >= window && guard <= MAX_SPAN_MILLIS,
        "burst_guard",
        DurationText.format(guard),
        "at least one window ("
            + DurationText.format(window)
            + ") and at most "
            + DurationText.format(MAX_SPAN_MILLIS));
  }

  private void metrics(List<MetricPolicy> metrics) {
    violations.count("metrics", metrics.size(), 1, MAX_METRICS, "metrics");
    violations.require(
        metrics.isEmpty() || metrics.stream().anyMatch(m -> m.role() == MetricRole.DECIDES),
        "metrics",
        "only metrics with role warns",
        "at least one with role decides");
    Set<String> names = new HashSet<>();
    for (int i = 0; i < metrics.size(); i++) {
      String path = "metrics[" + i + "]";
      violations.distinct(path + ".name", metrics.get(i).name(), names);
      metric(path, metrics.get(i));
    }
  }

  private void metric(String path, MetricPolicy metric) {
    violations.name(path + ".name", metric.name(), METRIC_NAME);
    violations.require(
        UNIT.matcher(metric.unit()).matches(),
        path + ".unit",
        Violations.quote(metric.unit()),
        "a UCUM unit such as s, By or 1: 1 to 32 printable ASCII characters without spaces");
    violations.require(
        metric.weight() > 0 && Double.isFinite(metric.weight()),
        path + ".weight",
        metric.weight(),
        "a number above 0");
    violations.require(
        metric.minimumEvents() >= 0,
        path + ".minimum_events",
        metric.minimumEvents(),
        "a whole number of at least 0");
    List<Threshold> thresholds = metric.thresholds();
    violations.count(path + ".thresholds", thresholds.size(), 1, MAX_THRESHOLDS, "thresholds");
    for (int i = 0; i < thresholds.size(); i++) {
      thresholdRules.check(path + ".thresholds[" + i + "]", metric, thresholds.get(i));
    }
    sourceRules.check(path + ".sources", metric);
    if (metric.strata() != null) {
      sourceRules.strata(path + ".strata", metric.strata(), metric.sources());
    }
  }

  private void checks(List<RequiredCheck> checks) {
    violations.count("checks", checks.size(), 0, MAX_CHECKS, "checks");
    Set<String> names = new HashSet<>();
    for (int i = 0; i < checks.size(); i++) {
      String path = "checks[" + i + "]";
      violations.distinct(path + ".name", checks.get(i).name(), names);
      violations.name(path + ".name", checks.get(i).name(), NAME);
      violations.require(
          !checks.get(i).name().startsWith(ReleaseRules.RESERVED_PREFIX),
          path + ".name",
          Violations.quote(checks.get(i).name()),
          "a name that does not begin with " + ReleaseRules.RESERVED_PREFIX);
      check(path, checks.get(i));
    }
  }

  private void check(String path, RequiredCheck check) {
    violations.require(
        check.beforeStep() == RequiredCheck.NO_STEP
            || (check.beforeStep() >= 0 && check.beforeStep() < MAX_STEPS),
        path + ".before_step",
        check.beforeStep(),
        "the index of a step, in [0, " + (MAX_STEPS - 1) + "]");
    violations.duration(path + ".deadline", check.deadlineMillis(), 0, MAX_SPAN_MILLIS);
    boolean ofStep = check.deadlineFrom() == DeadlineFrom.STEP;
    violations.require(
        !ofStep || check.beforeStep() >= 1,
        path + ".deadline_from",
        "step",
        "run, or with before_step of at least 1: the deadline counts from the step before that");
    violations.require(
        !ofStep || check.deadlineMillis() > 0,
        path + ".deadline",
        DurationText.format(check.deadlineMillis()),
        "more than 0 with deadline_from");
    violations.require(
        !check.expiryIsNoGo()
            || check.deadlineMillis() > 0
            || check.beforeStep() != RequiredCheck.NO_STEP,
        path + ".expiry_is_no_go",
        "true",
        "false, or with a deadline or before_step: it never expires otherwise");
  }

  private void weights(List<Double> weights) {
    violations.count("traffic_plan.weights", weights.size(), 0, MAX_STEPS, "weights");
    double previous = 0;
    for (int i = 0; i < weights.size(); i++) {
      double weight = weights.get(i);
      violations.require(
          weight > previous && weight <= 100,
          "traffic_plan.weights[" + i + "]",
          weight,
          "percent, above " + Violations.number(previous) + " and at most 100");
      // After a violation, compare with the last weight that makes sense: one remark for each.
      previous = weight > previous && weight <= 100 ? weight : previous;
    }
  }
}
