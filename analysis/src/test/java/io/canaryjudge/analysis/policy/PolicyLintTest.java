package io.canaryjudge.analysis.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class PolicyLintTest {

  private static final OptionalDouble NO_QUANTILE = OptionalDouble.empty();

  private static List<String> warnings(Policy policy) {
    assertThat(PolicyValidator.violations(policy)).isEmpty();
    return PolicyLint.warnings(policy).stream()
        .map(warning -> warning.path() + ": " + warning.consequence())
        .toList();
  }

  private static List<String> warnings(MetricPolicy metric) {
    return warnings(SamplePolicies.withMetric(metric));
  }

  @Test
  void hasNothingToSayOfASensiblePolicy() {
    assertThat(warnings(SamplePolicies.valid())).isEmpty();
  }

  @Test
  void strataAreOfNoUseToLimits() {
    MetricPolicy metric = SamplePolicies.valid().metrics().getFirst();
    MetricPolicy limited =
        SamplePolicies.metric(
            metric.name(), metric.kind(), metric.unit(), metric.thresholds().getFirst());
    assertThat(warnings(metric.split(new StrataPolicy("zone", 3)))).isEmpty();
    assertThat(warnings(limited.split(new StrataPolicy("zone", 3))))
        .singleElement()
        .asString()
        .startsWith("metrics[0].strata: without effect: limits look at all strata together");
  }

  @Test
  void aTrafficPlanWithoutDeadlineMayHoldForEver() {
    assertThat(warnings(Edited.with(SamplePolicies.valid(), "deadlineMillis", 0L)))
        .singleElement()
        .asString()
        .startsWith("deadline: none, with a traffic plan");
  }

  @Test
  void aDeadlineLeavesTimeForWarmUpAndOneStep() {
    Policy policy = Edited.with(SamplePolicies.valid(), "deadlineMillis", 359_000L);

    assertThat(warnings(policy))
        .containsExactly(
            "deadline: 5m59s leaves instances that start with their run 4m59s after their warm-up,"
                + " less than minimum_step_time (5m): such runs tend to end INCONCLUSIVE");
    assertThat(warnings(Edited.with(policy, "deadlineMillis", 299_000L)))
        .startsWith(
            "deadline: 4m59s is shorter than minimum_step_time (5m): no run can ever be GO");
  }

  @Test
  void aPolicyThatJudgesDuringWarmUpNeedsNoTimeForIt() {
    Threshold disaster = SamplePolicies.same(NO_QUANTILE, new Tolerance.Limit(0.2));
    MetricPolicy metric = SamplePolicies.metric("errors", MetricKind.PROPORTION, "1", disaster);
    Policy policy =
        Edited.with(SamplePolicies.withMetric(metric), "trafficPlan.weights", List.of());
    policy = Edited.with(policy, "deadlineMillis", 359_000L);

    assertThat(warnings(policy)).hasSize(1);
    assertThat(warnings(Edited.with(policy, "metrics[0].duringWarmUp", true))).isEmpty();
  }

  @Test
  void aDeadlineLeavesTimeForEachStep() {
    Policy policy = Edited.with(SamplePolicies.valid(), "deadlineMillis", 1_199_000L);

    assertThat(warnings(policy))
        .containsExactly(
            "deadline: 19m59s is shorter than the 4 steps of the traffic plan at their"
                + " minimum_step_time (20m): a run that takes them all ends INCONCLUSIVE before it"
                + " can be GO at the last");
  }

  @Test
  void aBurstGuardOfTheWholeRunForbidsNoGo() {
    assertThat(warnings(Edited.with(SamplePolicies.valid(), "burstGuardMillis", 3_600_000L)))
        .singleElement()
        .asString()
        .startsWith("burst_guard: 1h is not shorter than the deadline (1h)");
  }

  @Test
  void aLargePriorForInstancesHidesRealRegressions() {
    Policy policy = Edited.with(SamplePolicies.valid(), "instanceCoefficientOfVariation", 1.0);

    assertThat(warnings(policy))
        .containsExactly(
            "instance_coefficient_of_variation: 1: with 2 instances in each arm a proportion has to"
                + " rise about 21-fold before it can be told from a difference between instances");
    assertThat(warnings(Edited.with(SamplePolicies.valid(), "instanceCoefficientOfVariation", 0.3)))
        .isEmpty();
  }

  @Test
  void theSameThresholdTwiceWastesAlpha() {
    Threshold limit = SamplePolicies.same(NO_QUANTILE, new Tolerance.Limit(0.01));

    assertThat(warnings(SamplePolicies.metric("errors", MetricKind.PROPORTION, "1", limit, limit)))
        .singleElement()
        .asString()
        .startsWith("metrics[0].thresholds[1]: the same as an earlier one");
  }

  @Test
  void aSmallChangeDuringWarmUpIsNoNews() {
    Policy policy = Edited.with(SamplePolicies.valid(), "metrics[1].duringWarmUp", true);

    assertThat(warnings(policy))
        .singleElement()
        .asString()
        .startsWith("metrics[1].thresholds[1]: compared during warm-up");
  }

  @Test
  void aRelativeChangeOfAQueueThatIsEmptyNeedsAFloor() {
    Tolerance noFloor = new Tolerance.Change(0.5, 0, 0);
    Tolerance floor = new Tolerance.Change(0.5, 0, 10);
    OptionalDouble median = OptionalDouble.of(0.5);

    assertThat(
            warnings(
                SamplePolicies.metric(
                    "queue", MetricKind.DISTRIBUTION, "1", SamplePolicies.same(median, noFloor))))
        .singleElement()
        .asString()
        .startsWith("metrics[0].thresholds[0].floor: none");
    assertThat(
            warnings(
                SamplePolicies.metric(
                    "queue", MetricKind.DISTRIBUTION, "1", SamplePolicies.same(median, floor))))
        .isEmpty();
  }

  @Test
  void aRareEventNeedsMoreRequestsThanThereAre() {
    Threshold rare = SamplePolicies.same(NO_QUANTILE, new Tolerance.Limit(0.00001));

    assertThat(warnings(SamplePolicies.metric("errors", MetricKind.PROPORTION, "1", rare)))
        .containsExactly(
            "metrics[0].thresholds[0]: GO needs about 310,000 canary requests even if none is"
                + " harmful: more than 10 requests per second in 1h");

    Threshold tail = SamplePolicies.same(OptionalDouble.of(0.99999), new Tolerance.Limit(5));
    assertThat(warnings(SamplePolicies.metric("latency", MetricKind.DISTRIBUTION, "s", tail)))
        .singleElement()
        .asString()
        .contains("310,000");
  }

  @Test
  void aNarrowLatencyMarginForGoIsOutOfReach() {
    Threshold narrow =
        SamplePolicies.same(OptionalDouble.of(0.95), new Tolerance.Change(0.05, 0, 0));

    assertThat(warnings(SamplePolicies.metric("latency", MetricKind.DISTRIBUTION, "s", narrow)))
        .singleElement()
        .asString()
        .startsWith("metrics[0].thresholds[0].go: a margin of 5 % for GO");
  }

  @Test
  void aNarrowRatioNeedsMoreRequestsThanThereAre() {
    Threshold narrow = SamplePolicies.same(NO_QUANTILE, new Tolerance.Change(0.1, 0, 0.001));

    // 3.04 / (0.01 * (1.1 - 1 - ln 1.1)) = 64,988
    assertThat(warnings(SamplePolicies.metric("errors", MetricKind.PROPORTION, "1", narrow)))
        .singleElement()
        .asString()
        .contains("where the baseline is near 0.01,", "about 65,000 canary requests");
  }

  @Test
  void aMetricThatOnlyWarnsIsNotWaitedFor() {
    Policy policy = SamplePolicies.valid();
    policy = Edited.with(policy, "metrics[1].role", MetricRole.WARNS);
    policy = Edited.with(policy, "metrics[1].thresholds[1].go", new Tolerance.Change(0.1, 0, 0));

    assertThat(warnings(policy)).isEmpty();
  }
}
