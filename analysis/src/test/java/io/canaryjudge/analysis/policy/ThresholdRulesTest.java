package io.canaryjudge.analysis.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** That the tolerance of GO is nowhere narrower than that of NO_GO. */
class ThresholdRulesTest {

  private static Tolerance change(double relative, double absolute, double floor) {
    return new Tolerance.Change(relative, absolute, floor);
  }

  private static List<String> violations(HarmfulDirection direction, Tolerance noGo, Tolerance go) {
    MetricPolicy metric =
        new MetricPolicy(
            "latency",
            MetricKind.DISTRIBUTION,
            "s",
            direction,
            MetricRole.DECIDES,
            1,
            false,
            5,
            List.of(new Threshold(OptionalDouble.of(0.95), noGo, go, 0)),
            List.of(),
            null);
    return PolicyValidator.violations(SamplePolicies.withMetric(metric)).stream()
        .map(v -> v.path().replace("metrics[0].thresholds[0].", "") + ": " + v.came())
        .toList();
  }

  static Stream<Arguments> narrower() {
    return Stream.of(
        Arguments.of(change(0.5, 0, 0), change(0.4, 0, 0), "go.relative: 0.4"),
        Arguments.of(change(0, 0.002, 0), change(0, 0.001, 0), "go.absolute: 0.001"),
        Arguments.of(change(0, 0.002, 0), change(0.5, 0, 0), "go.absolute: 0"),
        Arguments.of(change(0.5, 0, 0.002), change(0.5, 0, 0.001), "go.floor: 0.001"),
        Arguments.of(change(0.5, 0, 0.002), change(0.6, 0.001, 0), "go.floor: 0"),
        Arguments.of(
            change(0.5, 0.001, 0),
            change(1, 0, 0.0015),
            "go: narrower than NO_GO where the baseline is near 0.0015"));
  }

  @ParameterizedTest
  @MethodSource("narrower")
  void refusesANarrowerChange(Tolerance noGo, Tolerance go, String violation) {
    assertThat(violations(HarmfulDirection.INCREASE, noGo, go)).containsExactly(violation);
    assertThat(violations(HarmfulDirection.DECREASE, noGo, atMost90Percent(go)))
        .hasSameSizeAs(List.of(violation));
  }

  private static Tolerance atMost90Percent(Tolerance tolerance) {
    Tolerance.Change change = (Tolerance.Change) tolerance;
    return change(Math.min(change.relative(), 0.9), change.absolute(), change.floor());
  }

  static Stream<Arguments> wideEnough() {
    return Stream.of(
        Arguments.of(change(0.1, 0, 0), change(0.5, 0, 0)),
        Arguments.of(change(0.1, 0, 0), change(0.1, 0.001, 0)),
        Arguments.of(change(0, 0, 0.002), change(0.5, 0.002, 0)),
        // Exactly as wide at the kink, in decimals though not in binary.
        Arguments.of(change(0.5, 0.001, 0), change(0.9, 0.0001, 0.00215)),
        Arguments.of(change(0.5, 0.001, 0), change(0.75, 0, 0.003)));
  }

  @ParameterizedTest
  @MethodSource("wideEnough")
  void acceptsAChangeThatIsNowhereNarrower(Tolerance noGo, Tolerance go) {
    assertThat(violations(HarmfulDirection.INCREASE, noGo, go)).isEmpty();
    assertThat(violations(HarmfulDirection.DECREASE, noGo, go)).isEmpty();
  }

  @Test
  void aWiderLimitIsHigherForAnIncreaseAndLowerForADecrease() {
    Tolerance two = new Tolerance.Limit(2);
    Tolerance three = new Tolerance.Limit(3);

    assertThat(violations(HarmfulDirection.INCREASE, two, three)).isEmpty();
    assertThat(violations(HarmfulDirection.DECREASE, three, two)).isEmpty();
    assertThat(violations(HarmfulDirection.INCREASE, three, two)).containsExactly("go.limit: 2");
    assertThat(violations(HarmfulDirection.DECREASE, two, three)).containsExactly("go.limit: 3");
  }

  @Test
  void bothTolerancesHaveTheSameForm() {
    assertThat(violations(HarmfulDirection.INCREASE, new Tolerance.Limit(2), change(1, 0, 0)))
        .containsExactly("go: a change");
    assertThat(violations(HarmfulDirection.INCREASE, change(1, 0, 0), new Tolerance.Limit(2)))
        .containsExactly("go: a limit");
  }

  @Test
  void aDecreaseByTheWholeIsNoTolerance() {
    assertThat(violations(HarmfulDirection.DECREASE, change(1, 0, 0), change(1, 0, 0)))
        .containsExactly("relative: 1");
    assertThat(violations(HarmfulDirection.DECREASE, change(0.5, 0, 0), change(1, 0, 0)))
        .containsExactly("go.relative: 1");
  }

  @Test
  void aNumberThatIsNoneIsToldOnceAndNotCompared() {
    assertThat(violations(HarmfulDirection.INCREASE, change(0.1, 0, 0), change(Double.NaN, 0, 0)))
        .containsExactly("go.relative: NaN");
    assertThat(
            violations(
                HarmfulDirection.INCREASE, new Tolerance.Limit(2), new Tolerance.Limit(Double.NaN)))
        .containsExactly("go.limit: NaN");
  }

  /** Against a plain comparison at many baselines. */
  @Test
  void agreesWithComparingAtManyBaselines() {
    Random random = new Random(11);
    for (int i = 0; i < 2_000; i++) {
      double relative = upToTwo(random);
      double absolute = upToTwo(random);
      double floor = upToTwo(random);
      // Near the other tolerance as often as anywhere, since that is where rules go wrong.
      boolean near = random.nextBoolean();
      agreesWithComparingAtManyBaselines(
          relative,
          absolute,
          floor,
          near ? relative : upToTwo(random),
          near ? absolute : upToTwo(random),
          upToTwo(random));
    }
  }

  /** In [0, 2], of any magnitude; exactly 0 often. */
  private static double upToTwo(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> 2 * StrictMath.pow(10, -random.nextInt(9)) * random.nextDouble();
      default -> 2 * random.nextDouble();
    };
  }

  private static void agreesWithComparingAtManyBaselines(
      double relative,
      double absolute,
      double floor,
      double goRelative,
      double goAbsolute,
      double goFloor) {
    boolean accepted =
        violations(
                HarmfulDirection.INCREASE,
                change(relative, absolute, floor),
                change(goRelative, goAbsolute, goFloor))
            .isEmpty();

    double worst = Double.POSITIVE_INFINITY;
    for (double b = 0; b < 1e9; b = b * 1.02 + 1e-6) {
      double tolerated = Math.max(relative * b + absolute, floor);
      double goTolerated = Math.max(goRelative * b + goAbsolute, goFloor);
      worst = Math.min(worst, (goTolerated - tolerated) / (1 + b));
    }
    if (accepted) {
      assertThat(worst).isGreaterThanOrEqualTo(-1e-9);
    } else {
      // The grid can miss a narrow place by its own distance, not by more.
      assertThat(worst).isLessThan(0.05);
    }
  }
}
