package io.canaryjudge.analysis.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.aggregate.ProportionAggregate;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.RunAnalysis;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The figures that docs/policies.md states, and that the warnings are computed from, against the
 * judgement itself: a canary without any flaw is not GO before, and not much later.
 */
class PolicyLintBoundsTest {

  private static final int INSTANCES = 3;
  private static final int BASELINE_TIMES = 19; // as many requests as the canary

  /** What an instance does in a window. */
  private interface Traffic {
    void add(WindowAggregate window, Arm arm, String instance, int times);
  }

  /** How many requests the canary has had when the run is GO. */
  private static long requestsUntilGo(MetricPolicy metric, int perInstance, Traffic traffic) {
    Policy policy = SamplePolicies.withMetric(metric);
    policy = Edited.with(policy, "warmUpMillis", 0L);
    policy = Edited.with(policy, "minimumStepMillis", 0L);
    policy = Edited.with(policy, "deadlineMillis", 0L);
    policy = Edited.with(policy, "checks", List.of());
    RunAnalysis run = RunAnalysis.begin(policy, 0);
    for (long index = 0; index < 5_000; index++) {
      WindowAggregate window = new WindowAggregate();
      for (int i = 0; i < INSTANCES; i++) {
        traffic.add(window, Arm.CANARY, "c" + i, 1);
        traffic.add(window, Arm.BASELINE, "b" + i, BASELINE_TIMES);
      }
      Decision decision = run.apply(new LogEntry.WindowSealed(index, window, false)).decision();
      if (decision == Decision.GO) {
        return (index + 1) * INSTANCES * perInstance;
      }
    }
    throw new AssertionError("not GO after 5,000 windows");
  }

  /** Who changes the judgement a little need not change the page: a tenth is near enough. */
  private static void assertTook(long requests, long bound, long took) {
    assertThat(requests)
        .isGreaterThanOrEqualTo(bound)
        .isBetween(took - took / 10, took + took / 10);
  }

  private static MetricPolicy metric(
      MetricKind kind, OptionalDouble quantile, Tolerance tolerance) {
    return SamplePolicies.metric("m", kind, "s", SamplePolicies.same(quantile, tolerance));
  }

  private static Traffic requests(int total, int failures) {
    return (window, arm, instance, times) ->
        ((ProportionAggregate) window.at(0, arm, instance, MetricKind.PROPORTION))
            .add((long) total * times, (long) failures * times);
  }

  @ParameterizedTest
  @CsvSource({"0.01, 2, 310, 456", "0.001, 20, 3100, 4620"})
  void aLimitWithoutAnyError(double limit, int perInstance, long bound, long took) {
    MetricPolicy metric =
        metric(MetricKind.PROPORTION, OptionalDouble.empty(), new Tolerance.Limit(limit));

    assertTook(requestsUntilGo(metric, perInstance, requests(perInstance, 0)), bound, took);
  }

  @ParameterizedTest
  @CsvSource({"0.01, 2, 310, 540", "0.001, 20, 3100, 5400"})
  void aFloorWithoutAnyError(double floor, int perInstance, long bound, long took) {
    MetricPolicy metric =
        metric(MetricKind.PROPORTION, OptionalDouble.empty(), new Tolerance.Change(0.5, 0, floor));

    assertTook(requestsUntilGo(metric, perInstance, requests(perInstance, 0)), bound, took);
  }

  @ParameterizedTest
  @CsvSource({"0.5, 0.005, 3200, 5100", "0.1, 0.001, 65000, 107100"})
  void aRatioAtABaselineOfOnePercent(double relative, double floor, long bound, long took) {
    MetricPolicy metric =
        metric(
            MetricKind.PROPORTION,
            OptionalDouble.empty(),
            new Tolerance.Change(relative, 0, floor));

    assertTook(requestsUntilGo(metric, 100, requests(100, 1)), bound, took);
  }

  /** The canary has no slow request at all. */
  @ParameterizedTest
  @CsvSource({"0.95, 1, 61, 84", "0.99, 2, 310, 876", "0.999, 20, 3100, 5040"})
  void aQuantileWhateverTheMargin(double quantile, int perInstance, long bound, long took) {
    MetricPolicy metric =
        metric(MetricKind.DISTRIBUTION, OptionalDouble.of(quantile), new Tolerance.Change(2, 0, 0));
    Traffic traffic =
        (window, arm, instance, times) -> {
          DistributionAggregate values =
              (DistributionAggregate) window.at(0, arm, instance, MetricKind.DISTRIBUTION);
          // The baseline: evenly from 1 s to 2 s. The canary: all of it at 1 s.
          int steps = 200;
          for (int i = 0; i < steps && arm == Arm.BASELINE; i++) {
            values.addValue(1 + (double) i / steps, (long) perInstance * times);
          }
          if (arm == Arm.CANARY) {
            values.addValue(1, perInstance);
          }
        };

    assertTook(requestsUntilGo(metric, perInstance, traffic), bound, took);
  }
}
