package io.canaryjudge.analysis.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.MetricKind;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * How often a run is decided wrongly, and a bad canary is caught, over simulated runs of half an
 * hour with a look after every window of 5 s. Seeds are fixed. {@code
 * -Dcanaryjudge.simulated.runs=2000} plays more of them:
 *
 * <pre>mvn -pl analysis test -Dtest=FalseDecisionsTest -DargLine=-Dcanaryjudge.simulated.runs=2000
 * </pre>
 *
 * <p>The tolerance is exactly the truth in each test of a false decision, which is the hardest
 * case: with the margins of a real policy false decisions are rarer by far.
 */
class FalseDecisionsTest {

  private static final int RUNS = Integer.getInteger("canaryjudge.simulated.runs", 200);
  private static final int WINDOWS = 360;
  private static final int INSTANCES = 5;
  private static final int REQUESTS = 50;

  /** Probability of a failure in a window; called once for each instance, in a fixed order. */
  private interface Truth {
    double probability(int window, Arm arm, int instance, SplittableRandom random);
  }

  private static int decided(Decision decision, TestPolicy policy, long seed, Truth truth) {
    int count = 0;
    for (int run = 0; run < RUNS; run++) {
      SplittableRandom random = new SplittableRandom(seed + run);
      TestRun test = new TestRun(policy);
      for (int w = 0; w < WINDOWS && test.verdict().open(); w++) {
        int window = w;
        test.window(content -> errors(content, window, truth, random));
      }
      if (test.verdict().judgedDecision() == decision) {
        count++;
      }
    }
    return count;
  }

  private static void errors(
      WindowAggregate content, int window, Truth truth, SplittableRandom random) {
    for (Arm arm : Arm.values()) {
      for (int i = 0; i < INSTANCES; i++) {
        double p = truth.probability(window, arm, i, random);
        int failures = 0;
        for (int r = 0; r < REQUESTS; r++) {
          if (random.nextDouble() < p) {
            failures++;
          }
        }
        TestRun.count(content, 0, arm, arm.name() + i, REQUESTS, failures);
      }
    }
  }

  /** NO_GO beyond the baseline's own error rate, GO within +50 % of it. */
  private static TestPolicy equality() {
    return new TestPolicy().with(TestPolicy.errorRate(TestPolicy.change(0, 0, 0)));
  }

  @Test
  void independentRequestsOfEqualArmsAreRefusedAtMostAtAlpha() {
    int wrong = decided(Decision.NO_GO, equality(), 1_000, (w, arm, i, random) -> 0.01);
    assertThat((double) wrong / RUNS).isLessThanOrEqualTo(0.01);
  }

  @Test
  void aDriftOfBothArmsIsNotBlamedOnTheCanary() {
    int wrong =
        decided(
            Decision.NO_GO,
            equality(),
            2_000_000,
            (w, arm, i, random) -> 0.01 * (1 + 2 * Math.abs(StrictMath.sin(w / 40.0))));
    assertThat((double) wrong / RUNS).isLessThanOrEqualTo(0.01);
  }

  @Test
  void burstsThatMeetEveryInstanceAreNotBlamedOnTheCanary() {
    int wrong =
        decided(
            Decision.NO_GO,
            equality(),
            3_000_000,
            (w, arm, i, random) -> random.nextInt(50) == 0 ? 0.15 : 0.005);
    assertThat((double) wrong / RUNS).isLessThanOrEqualTo(0.01);
  }

  /**
   * Instances that differ for good, by a coefficient of variation of 0.3, in both arms alike. The
   * bound is approximate here: 1 % plus what 200 runs may be off by (two standard errors).
   */
  @Test
  void differencesBetweenInstancesAreRarelyTakenForTheVersion() {
    double[] canary = new double[INSTANCES];
    double[] baseline = new double[INSTANCES];
    int wrong = 0;
    for (int run = 0; run < RUNS; run++) {
      SplittableRandom nature = new SplittableRandom(4_000_000 + run);
      for (int i = 0; i < INSTANCES; i++) {
        canary[i] = StrictMath.exp(0.29 * gaussian(nature) - 0.29 * 0.29 / 2);
        baseline[i] = StrictMath.exp(0.29 * gaussian(nature) - 0.29 * 0.29 / 2);
      }
      TestRun test = new TestRun(equality());
      for (int w = 0; w < WINDOWS && test.verdict().open(); w++) {
        test.window(
            content ->
                errors(
                    content,
                    0,
                    (x, arm, i, random) -> 0.01 * (arm == Arm.CANARY ? canary : baseline)[i],
                    nature));
      }
      if (test.verdict().judgedDecision() == Decision.NO_GO) {
        wrong++;
      }
    }
    assertThat((double) wrong / RUNS)
        .isLessThanOrEqualTo(0.01 + 2 * StrictMath.sqrt(0.01 * 0.99 / RUNS));
  }

  @Test
  void aCanaryAtTheToleranceIsPromotedAtMostAtBeta() {
    TestPolicy policy = new TestPolicy().with(TestPolicy.errorRate(TestPolicy.change(0.5, 0, 0)));
    int wrong =
        decided(
            Decision.GO,
            policy,
            5_000_000,
            (w, arm, i, random) -> arm == Arm.CANARY ? 0.015 : 0.01);
    assertThat((double) wrong / RUNS).isLessThanOrEqualTo(0.01);
  }

  @Test
  void aBadCanaryIsRefusedAndAGoodOnePromoted() {
    int refused =
        decided(
            Decision.NO_GO,
            TestPolicy.errors(),
            6_000_000,
            (w, arm, i, random) -> arm == Arm.CANARY ? 0.02 : 0.001);
    int promoted =
        decided(Decision.GO, TestPolicy.errors(), 7_000_000, (w, arm, i, random) -> 0.001);
    assertThat(refused).isEqualTo(RUNS);
    assertThat((double) promoted / RUNS).isGreaterThanOrEqualTo(0.95);
  }

  @Test
  void equalLatenciesAreRefusedAtMostAtAlpha() {
    TestPolicy policy =
        new TestPolicy()
            .with(
                TestPolicy.metric(
                    "latency",
                    MetricKind.DISTRIBUTION,
                    "s",
                    HarmfulDirection.INCREASE,
                    TestPolicy.quantile(
                        0.5, TestPolicy.change(0, 0, 0), TestPolicy.change(0.25, 0, 0)),
                    TestPolicy.quantile(
                        0.95, TestPolicy.change(0, 0, 0), TestPolicy.change(0.5, 0, 0))));
    int wrong = 0;
    for (int run = 0; run < RUNS; run++) {
      SplittableRandom random = new SplittableRandom(8_000_000 + run);
      TestRun test = new TestRun(policy);
      for (int w = 0; w < WINDOWS && test.verdict().open(); w++) {
        test.window(
            content -> {
              for (Arm arm : Arm.values()) {
                for (int i = 0; i < INSTANCES; i++) {
                  for (int r = 0; r < REQUESTS / 5; r++) {
                    double seconds = 0.1 * StrictMath.exp(0.6 * gaussian(random));
                    TestRun.value(content, 0, arm, arm.name() + i, seconds, 1);
                  }
                }
              }
            });
      }
      if (test.verdict().judgedDecision() == Decision.NO_GO) {
        wrong++;
      }
    }
    assertThat((double) wrong / RUNS).isLessThanOrEqualTo(0.01);
  }

  /** Box and Muller's: one value of two. */
  private static double gaussian(SplittableRandom random) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
    return radius * StrictMath.cos(2 * StrictMath.PI * random.nextDouble());
  }
}
