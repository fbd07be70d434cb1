package io.canaryjudge.analysis.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.MetricPolicy;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * What strata find and what they do not invent, over simulated runs with a look after every window
 * of 5 s. Seeds are fixed; {@code -Dcanaryjudge.simulated.runs=2000} plays more of them, as in
 * {@link FalseDecisionsTest}.
 */
class StrataDecisionsTest {
  private static final int RUNS = Integer.getInteger("canaryjudge.simulated.runs", 200);
  private static final int WINDOWS = 360;
  private static final int INSTANCES = 3;
  private static final double ALPHA = 0.01;

  /**
   * A part of the traffic of every instance.
   *
   * @param name of the stratum
   * @param canary requests of a canary instance in a window, of which {@code canaryRate} fail
   * @param baseline likewise of the baseline
   */
  private record Part(
      String name, int canary, double canaryRate, int baseline, double baselineRate) {}

  /** How runs ended: how many in NO_GO and GO, and after how many windows at the median. */
  private record Ends(int noGo, int go, int medianWindows, TestRun last) {}

  private static Ends play(MetricPolicy metric, int runs, long seed, double spread, Part... parts) {
    int noGo = 0;
    int go = 0;
    int[] windows = new int[runs];
    TestRun test = null;
    for (int run = 0; run < runs; run++) {
      SplittableRandom random = new SplittableRandom(seed + run);
      double[] canaries = natures(spread, random);
      double[] baselines = natures(spread, random);
      test = new TestRun(new TestPolicy().with(metric));
      while (windows[run] < WINDOWS && test.verdict().judgedDecision() == Decision.WAIT) {
        windows[run]++;
        test.window(content -> fill(content, canaries, baselines, random, parts));
      }
      noGo += test.verdict().judgedDecision() == Decision.NO_GO ? 1 : 0;
      go += test.verdict().judgedDecision() == Decision.GO ? 1 : 0;
    }
    Arrays.sort(windows);
    return new Ends(noGo, go, windows[runs / 2], test);
  }

  /** By how much the error rates of instances differ for good, in all strata alike. */
  private static double[] natures(double spread, SplittableRandom random) {
    double[] natures = new double[INSTANCES];
    for (int i = 0; i < INSTANCES; i++) {
      natures[i] =
          spread == 0 ? 1 : StrictMath.exp(spread * gaussian(random) - spread * spread / 2);
    }
    return natures;
  }

  private static void fill(
      WindowAggregate content,
      double[] canaries,
      double[] baselines,
      SplittableRandom random,
      Part... parts) {
    for (int i = 0; i < INSTANCES; i++) {
      for (Part part : parts) {
        fill(
            content,
            Arm.CANARY,
            part.name(),
            i,
            part.canary(),
            canaries[i] * part.canaryRate(),
            random);
        fill(
            content,
            Arm.BASELINE,
            part.name(),
            i,
            part.baseline(),
            baselines[i] * part.baselineRate(),
            random);
      }
    }
  }

  private static void fill(
      WindowAggregate content,
      Arm arm,
      String stratum,
      int instance,
      int mean,
      double rate,
      SplittableRandom random) {
    int requests = mean == 0 ? 0 : random.nextInt(2 * mean + 1);
    int failures = 0;
    for (int r = 0; r < requests; r++) {
      failures += random.nextDouble() < rate ? 1 : 0;
    }
    TestRun.count(content, arm, stratum, arm.name() + instance, requests, failures);
  }

  /** Eight routes; that of a twentieth of the traffic fails in 6 % of cases instead of 1 %. */
  private static Part[] oneBadRoute(double rate) {
    Part[] parts = new Part[8];
    parts[0] = new Part("/checkout", 5, rate, 5, 0.01);
    for (int i = 1; i < parts.length; i++) {
      parts[i] = new Part("/r" + i, 14, 0.01, 14, 0.01);
    }
    return parts;
  }

  private static MetricPolicy tolerant() {
    return TestPolicy.errorRate(TestPolicy.change(0.5, 0, 0.005));
  }

  private static MetricPolicy equality() {
    return TestPolicy.errorRate(TestPolicy.change(0, 0, 0));
  }

  @Test
  void aRegressionOfOneRouteIsFoundThatTheAverageHides() {
    Part[] parts = oneBadRoute(0.08);
    Ends within = play(TestPolicy.split(tolerant(), 16), 40, 1_000, 0, parts);
    Ends pooled = play(tolerant(), 40, 1_000, 0, parts);

    assertThat(pooled.noGo()).isZero();
    assertThat(within.noGo()).isGreaterThanOrEqualTo(36);
    ThresholdVerdict threshold =
        within.last().verdict().metrics().getFirst().thresholds().getFirst();
    assertThat(threshold.drivingStratum()).isEqualTo("/checkout");
    assertThat(Explanation.of(within.last().verdict())).contains(", in stratum /checkout");
  }

  @Test
  void anEffectInAllStrataIsFoundNearlyAsSoon() {
    Part[] parts = new Part[8];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new Part("/r" + i, 12, 0.03, 12, 0.01);
    }
    Ends within = play(TestPolicy.split(tolerant(), 16), 40, 2_000, 0, parts);
    Ends pooled = play(tolerant(), 40, 2_000, 0, parts);

    assertThat(within.noGo()).isEqualTo(40);
    assertThat(within.medianWindows()).isLessThanOrEqualTo(2 * pooled.medianWindows());
  }

  /** Zones that fail at different rates, of which the canary has more of the worse one. */
  @Test
  void anUnequalSplitOfZonesIsNotBlamedOnTheCanary() {
    Part[] zones = {new Part("a", 8, 0.002, 32, 0.002), new Part("b", 32, 0.02, 8, 0.02)};
    Ends pooled = play(equality(), 20, 3_000, 0, zones);
    Ends within = play(TestPolicy.split(equality(), 16), RUNS, 3_000, 0, zones);
    MetricPolicy wide = TestPolicy.errorRate(TestPolicy.change(1, 0, 0.005));
    Ends promoted = play(TestPolicy.split(wide, 16), 20, 3_000, 0, zones);

    assertThat(pooled.noGo()).isEqualTo(20);
    assertThat((double) within.noGo() / RUNS).isLessThanOrEqualTo(ALPHA);
    assertThat(promoted.go()).isGreaterThanOrEqualTo(18);
  }

  @Test
  void routesOfAllKindsThatAreEqualInBothArmsAreRefusedAtMostAtAlpha() {
    Part[] parts = {
      new Part("/a", 20, 0.001, 20, 0.001),
      new Part("/b", 10, 0.01, 10, 0.01),
      new Part("/c", 5, 0.05, 5, 0.05),
      new Part("/d", 3, 0.2, 3, 0.2),
      new Part("/e", 1, 0.5, 1, 0.5),
      new Part("", 2, 0.02, 2, 0.02)
    };
    Ends within = play(TestPolicy.split(equality(), 4), RUNS, 4_000, 0, parts);
    assertThat((double) within.noGo() / RUNS).isLessThanOrEqualTo(ALPHA);
    assertThat(within.last().verdict().caveats()).contains(Caveat.STRATA_POOLED);
  }

  /** The bound is approximate here, as without strata. */
  @Test
  void differencesBetweenInstancesAreRarelyTakenForTheVersion() {
    Part[] parts = new Part[8];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new Part("/r" + i, 6, 0.02, 6, 0.02);
    }
    Ends within = play(TestPolicy.split(equality(), 16), RUNS, 5_000, 0.29, parts);
    assertThat((double) within.noGo() / RUNS)
        .isLessThanOrEqualTo(ALPHA + 2 * StrictMath.sqrt(ALPHA * (1 - ALPHA) / RUNS));
  }

  private static double gaussian(SplittableRandom random) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
    return radius * StrictMath.cos(2 * StrictMath.PI * random.nextDouble());
  }
}
