package io.canaryjudge.analysis.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.Tolerance;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Which stratum a sample belongs to, what that changes and what it does not. */
class StrataRunTest {
  private static final MetricPolicy ERRORS = TestPolicy.errorRate(TestPolicy.change(0.5, 0, 0.005));

  private static TestRun run(MetricPolicy metric) {
    return new TestRun(new TestPolicy().with(metric));
  }

  private static TestRun split(int limit) {
    return run(TestPolicy.split(ERRORS, limit));
  }

  /** Counts of every instance of both arms in one stratum, of three instances in each arm. */
  private static void both(
      WindowAggregate window, String stratum, long total, long canaryEvents, long baselineEvents) {
    for (int i = 0; i < 3; i++) {
      TestRun.count(window, Arm.CANARY, stratum, "c" + i, total, canaryEvents);
      TestRun.count(window, Arm.BASELINE, stratum, "b" + i, total, baselineEvents);
    }
  }

  private static ThresholdVerdict threshold(TestRun run) {
    return run.verdict().metrics().getFirst().thresholds().getFirst();
  }

  @Test
  void aPolicyWithoutStrataTakesThemTogether() {
    TestRun named = run(ERRORS);
    TestRun plain = run(ERRORS);
    for (int w = 0; w < 40; w++) {
      int failures = w % 3;
      named.window(
          window -> {
            both(window, "/a", 30, failures, 1);
            both(window, "", 20, 1, 0);
          });
      plain.window(window -> both(window, "", 50, failures + 1, 1));
    }
    assertThat(named.verdict()).isEqualTo(plain.verdict());
  }

  /** All is in the rest: half of the evidence's weight is in it, and some in it alone. */
  @Test
  void samplesWithoutAStratumAreOneOfTheirOwn() {
    TestRun within = split(16);
    TestRun plain = run(ERRORS);
    for (TestRun run : List.of(within, plain)) {
      run.windows(3, window -> both(window, "", 50, 1, 0));
    }
    double both = StrictMath.log(0.5 + 1 / 34.0);
    assertThat(threshold(within).logHarmEvidence())
        .isCloseTo(threshold(plain).logHarmEvidence() + both, within(1e-9));
    assertThat(threshold(within).logSafeEvidence()).isEqualTo(threshold(plain).logSafeEvidence());
    assertThat(threshold(within).harmDispersion()).isEqualTo(threshold(plain).harmDispersion());
    assertThat(threshold(within).effectInterval()).isEqualTo(threshold(plain).effectInterval());
    assertThat(within.verdict().caveats()).isEmpty();
    assertThat(within.verdict().judgedDecision()).isEqualTo(Decision.WAIT);
  }

  @Test
  void strataThatComeLaterThanTheLimitAreComparedAsOne() {
    TestRun run = split(2);
    run.window(window -> both(window, "/b", 10, 0, 0));
    run.window(
        window -> {
          both(window, "/c", 10, 0, 0); // one more has room, and /a comes first by name
          both(window, "/a", 10, 0, 0);
        });
    assertThat(run.verdict().caveats()).contains(Caveat.STRATA_POOLED);

    Verdict verdict = run.untilDecided(60, window -> both(window, "/c", 100, 30, 1));
    assertThat(verdict.judgedDecision()).isEqualTo(Decision.NO_GO);
    assertThat(threshold(run).drivingStratum()).isEqualTo("(other)");

    TestRun roomy = split(3);
    roomy.windows(2, window -> both(window, "/b", 10, 0, 0));
    roomy.window(window -> both(window, "/a", 10, 0, 0));
    roomy.untilDecided(60, window -> both(window, "/c", 100, 30, 1));
    assertThat(threshold(roomy).drivingStratum()).isEqualTo("/c");
    assertThat(roomy.verdict().caveats()).isEmpty();
  }

  @Test
  void noStratumIsNamedWhereAllAreBeyondTolerance() {
    TestRun run = split(8);
    run.untilDecided(
        60,
        window -> {
          for (int route = 0; route < 6; route++) {
            both(window, "/r" + route, 20, 2, 0);
          }
        });
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.NO_GO);
    assertThat(threshold(run).drivingStratum()).isNull();
  }

  /** An instance that fails on every route is found to be what the evidence rests on. */
  @Test
  void oneBadInstanceIsNamedAcrossStrata() {
    TestRun run = split(8);
    for (int w = 0; w < 200 && run.verdict().open(); w++) {
      run.window(
          window -> {
            for (int route = 0; route < 4; route++) {
              for (int i = 0; i < 5; i++) {
                TestRun.count(window, Arm.CANARY, "/r" + route, "c" + i, 20, i == 2 ? 2 : 0);
                TestRun.count(window, Arm.BASELINE, "/r" + route, "b" + i, 20, 0);
              }
            }
          });
      if (threshold(run).drivingInstance() != null) {
        break;
      }
    }
    assertThat(threshold(run).drivingInstance()).isEqualTo("c2");
    assertThat(threshold(run).harmDispersion()).isGreaterThan(3);
  }

  @Test
  void anAbsoluteLimitLooksAtAllStrataTogether() {
    MetricPolicy limited = TestPolicy.errorRate(new Tolerance.Limit(0.05));
    TestRun within = run(TestPolicy.split(limited, 4));
    TestRun plain = run(limited);
    for (int w = 0; w < 5; w++) {
      within.window(
          window -> {
            both(window, "/a", 30, 2, 0);
            both(window, "/b", 30, 1, 0);
          });
      plain.window(window -> both(window, "", 60, 3, 0));
    }
    assertThat(threshold(within)).isEqualTo(threshold(plain));
  }

  /**
   * A canary that fails before it knows the route puts its failures where the baseline has none.
   */
  @Test
  void failuresInAStratumOfTheCanaryAloneAreInTheWayOfGo() {
    TestRun honest = split(8);
    TestRun failing = split(8);
    SplittableRandom random = new SplittableRandom(5);
    for (int w = 0; w < 700; w++) {
      long canary = random.nextInt(12) == 0 ? 1 : 0;
      long baseline = random.nextInt(12) == 0 ? 1 : 0;
      for (TestRun run : List.of(honest, failing)) {
        if (run.verdict().open()) {
          run.window(
              window -> {
                both(window, "/a", 60, canary, baseline);
                if (run == failing) {
                  TestRun.count(window, Arm.CANARY, "", "c0", 3, 3);
                }
              });
        }
      }
    }
    assertThat(honest.verdict().judgedDecision()).isEqualTo(Decision.GO);
    assertThat(failing.verdict().judgedDecision()).isNotEqualTo(Decision.GO);
    assertThat(threshold(failing).logSafeEvidence()).isNegative();
    assertThat(failing.verdict().caveats()).doesNotContain(Caveat.STRATA_UNMATCHED);
  }

  @Test
  void aCanaryThatIsMostlyElsewhereGetsNoGo() {
    TestRun run = split(8);
    run.windows(
        700,
        window -> {
          both(window, "/a", 60, 0, 0);
          for (int i = 0; i < 3; i++) {
            TestRun.count(window, Arm.CANARY, "/new", "c" + i, 20, 0);
          }
        });
    assertThat(run.verdict().judgedDecision()).isNotEqualTo(Decision.GO);
    assertThat(run.verdict().caveats()).contains(Caveat.STRATA_UNMATCHED);
  }

  @Test
  void theRatioIsThatWithinStrata() {
    TestRun run = split(4);
    run.windows(
        20,
        window -> {
          for (int i = 0; i < 3; i++) {
            TestRun.count(window, Arm.CANARY, "a", "c" + i, 100, 1);
            TestRun.count(window, Arm.BASELINE, "a", "b" + i, 400, 4);
            TestRun.count(window, Arm.CANARY, "b", "c" + i, 400, 40);
            TestRun.count(window, Arm.BASELINE, "b", "b" + i, 100, 10);
          }
        });
    assertThat(threshold(run).canaryEstimate() / threshold(run).baselineEstimate())
        .isGreaterThan(2.5);
    assertThat(threshold(run).effect()).isCloseTo(1, within(1e-9));
    assertThat(threshold(run).effectInterval().lower()).isLessThan(1);
    assertThat(threshold(run).effectInterval().upper()).isGreaterThan(1).isLessThan(1.6);
  }

  /** A slow route among fast ones: at the limit of the whole its values would all be beyond. */
  @Test
  void aLatencyThatRisesOnOneRouteIsFound() {
    MetricPolicy latency =
        TestPolicy.metric(
            "latency",
            MetricKind.DISTRIBUTION,
            "s",
            HarmfulDirection.INCREASE,
            TestPolicy.quantile(0.95, TestPolicy.change(0.1, 0, 0), TestPolicy.change(0.5, 0, 0)));
    TestRun split = run(TestPolicy.split(latency, 8));
    TestRun pooled = run(latency);
    SplittableRandom random = new SplittableRandom(6);
    for (int w = 0; w < 200; w++) {
      WindowAggregate window = new WindowAggregate();
      for (Arm arm : Arm.values()) {
        for (int i = 0; i < 3; i++) {
          values(window, arm, "/slow", arm.name() + i, 10, 2, random);
          double factor = arm == Arm.CANARY ? 1.6 : 1;
          values(window, arm, "/fast", arm.name() + i, 10, 0.02 * factor, random);
        }
      }
      for (TestRun run : List.of(split, pooled)) {
        if (run.verdict().open()) {
          run.window(content -> content.merge(window));
        }
      }
    }
    assertThat(pooled.verdict().judgedDecision()).isNotEqualTo(Decision.NO_GO);
    assertThat(split.verdict().judgedDecision()).isEqualTo(Decision.NO_GO);
    assertThat(threshold(split).drivingStratum()).isEqualTo("/fast");
  }

  private static void values(
      WindowAggregate window,
      Arm arm,
      String stratum,
      String instance,
      int count,
      double median,
      SplittableRandom random) {
    DistributionAggregate into =
        (DistributionAggregate) window.at(0, arm, stratum, instance, MetricKind.DISTRIBUTION);
    for (int i = 0; i < count; i++) {
      double uniform = random.nextDouble(0.01, 0.99);
      into.addValue(median * StrictMath.pow(uniform / (1 - uniform), 0.25), 1);
    }
  }
}
