package io.canaryjudge.analysis.paired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.canaryjudge.analysis.paired.PairedFinding.Outcome;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairedComparisonTest {

  private static final PairedTolerance TOLERANCE = PairedTolerance.ofRatio(1.1, 1.25);

  /** The closed form against the integral that it stands for. */
  @ParameterizedTest
  @CsvSource({"0, 0, 0.5", "7, 10, 0.5", "0, 12, 0.5", "40, 60, 0.5", "9, 10, 0.8", "3, 30, 0.25"})
  void evidenceIsTheMeanOfTheLikelihoodRatios(int events, int pairs, double p0) {
    int panels = 100_000;
    double integral = 0;
    for (int i = 0; i < panels; i++) {
      double p = p0 + (1 - p0) * (i + 0.5) / panels;
      integral +=
          StrictMath.exp(
                  events * StrictMath.log(p / p0)
                      + (pairs - events) * StrictMath.log((1 - p) / (1 - p0)))
              / panels;
    }

    assertThat(SignEvidence.logE(events, pairs, p0))
        .isCloseTo(StrictMath.log(integral), within(1e-8));
  }

  /** Exact, by adding up all outcomes: with p = p0 the expectation of the e-value is 1. */
  @ParameterizedTest
  @CsvSource({"1, 0.5", "2, 0.5", "9, 0.5", "20, 0.7", "33, 0.1"})
  void evidenceHasExpectationOneAtTheEdge(int pairs, double p0) {
    double expectation = 0;
    double logChoose = 0;
    for (int k = 0; k <= pairs; k++) {
      expectation +=
          StrictMath.exp(
              logChoose
                  + k * StrictMath.log(p0)
                  + (pairs - k) * StrictMath.log1p(-p0)
                  + SignEvidence.logE(k, pairs, p0));
      logChoose += StrictMath.log(pairs - (double) k) - StrictMath.log(k + 1.0);
    }
    assertThat(expectation).isCloseTo(1, within(1e-9));
  }

  @Test
  void ninePairsThatAgreeAreTheShortestSeriesThatDecidesAtOnePercent() {
    assertThat(agreeing(8).outcome()).isEqualTo(Outcome.UNDECIDED);
    assertThat(agreeing(9).outcome()).isEqualTo(Outcome.HARMFUL);
  }

  private static PairedFinding agreeing(int pairs) {
    double[] baseline = IntStream.range(0, pairs).mapToDouble(_ -> 1).toArray();
    double[] canary = IntStream.range(0, pairs).mapToDouble(_ -> 2).toArray();
    return compare(baseline, canary, HarmfulDirection.INCREASE);
  }

  @Test
  void aDecreaseIsMirrored() {
    double[] high = uniform(40, 45, 60, 1);
    double[] low = uniform(10, 20, 60, 2);

    assertThat(compare(high, low, HarmfulDirection.INCREASE).outcome()).isEqualTo(Outcome.SAFE);
    PairedFinding decreased =
        PairedComparison.compare(
            high, low, HarmfulDirection.DECREASE, PairedTolerance.ofRatio(0.9, 0.75), 0.01, 0.05);
    assertThat(decreased.outcome()).isEqualTo(Outcome.HARMFUL);
    assertThat(decreased.beyond()).isEqualTo(60);
  }

  @Test
  void nothingInBothArmsIsSafeAndNegativeValuesHaveAnEdgeAboveThem() {
    assertThat(compare(new double[20], new double[20], HarmfulDirection.INCREASE).outcome())
        .isEqualTo(Outcome.SAFE);
    double[] negative = IntStream.range(0, 20).mapToDouble(_ -> -10).toArray();
    double[] within = IntStream.range(0, 20).mapToDouble(_ -> -9.5).toArray();
    double[] beyond = IntStream.range(0, 20).mapToDouble(_ -> -5).toArray();
    assertThat(compare(negative, within, HarmfulDirection.INCREASE).outcome())
        .isEqualTo(Outcome.SAFE);
    assertThat(compare(negative, beyond, HarmfulDirection.INCREASE).outcome())
        .isEqualTo(Outcome.HARMFUL);
  }

  @Test
  void commonMovementsCancelOut() {
    double[] baseline = new double[60];
    double[] canary = new double[60];
    double[] noise = uniform(0.98, 1.02, 60, 3);
    for (int i = 0; i < 60; i++) {
      baseline[i] = 100 * (1 + i);
      canary[i] = baseline[i] * noise[i] * 1.2;
    }
    assertThat(compare(baseline, canary, HarmfulDirection.INCREASE).outcome())
        .isEqualTo(Outcome.HARMFUL);
  }

  @Test
  void neighboursThatAreAlikeSayLess() {
    double[] baseline = new double[24];
    double[] canary = new double[24];
    for (int i = 0; i < 24; i++) {
      baseline[i] = 10;
      canary[i] = i < 14 ? 14 : 8; // one drift, not twenty-four throws
    }
    PairedFinding finding = compare(baseline, canary, HarmfulDirection.INCREASE);

    assertThat(finding.inflation()).isGreaterThan(5);
    assertThat(finding.outcome()).isEqualTo(Outcome.UNDECIDED);
  }

  /** At the very edge of the tolerance, looking after every pair, with dependent noise. */
  @ParameterizedTest
  @CsvSource({"0", "0.5"})
  void falseAlarmsStayBelowAlpha(double autoregression) {
    Random random = new Random(7);
    int alarms = 0;
    int runs = 2_000;
    for (int run = 0; run < runs; run++) {
      double[] baseline = new double[120];
      double[] canary = new double[120];
      double drift = 0;
      boolean alarm = false;
      for (int i = 0; i < 120; i++) {
        drift = autoregression * drift + random.nextGaussian();
        baseline[i] = 100;
        canary[i] = 110 + drift;
        if (i % 10 == 9) {
          alarm |=
              compare(prefix(baseline, i + 1), prefix(canary, i + 1), HarmfulDirection.INCREASE)
                      .outcome()
                  == Outcome.HARMFUL;
        }
      }
      alarms += alarm ? 1 : 0;
    }
    assertThat(alarms / (double) runs).isLessThan(0.015);
  }

  @Test
  void whatCannotBeComparedIsRefused() {
    double[] one = {1};
    assertThatThrownBy(() -> compare(one, new double[] {Double.NaN}, HarmfulDirection.INCREASE))
        .hasMessageContaining("pair 0: 1.0 and NaN");
    assertThatThrownBy(() -> compare(one, new double[2], HarmfulDirection.INCREASE))
        .hasMessageContaining("canary: 2 points (expected: 1)");
    assertThatThrownBy(
            () ->
                PairedComparison.compare(
                    one, one, HarmfulDirection.INCREASE, TOLERANCE, Double.NaN, 0.05))
        .hasMessageContaining("alpha");
    assertThatThrownBy(() -> PairedTolerance.ofRatio(Double.NaN, 1))
        .hasMessageContaining("noGoRatio");
    assertThatThrownBy(() -> PairedTolerance.ofShare(0.4, 0.6)).hasMessageContaining("noGoShare");
  }

  private static PairedFinding compare(
      double[] baseline, double[] canary, HarmfulDirection harmful) {
    return PairedComparison.compare(baseline, canary, harmful, TOLERANCE, 0.01, 0.05);
  }

  private static double[] prefix(double[] values, int length) {
    return Arrays.copyOf(values, length);
  }

  private static double[] uniform(double low, double high, int count, long seed) {
    Random random = new Random(seed);
    return IntStream.range(0, count)
        .mapToDouble(_ -> low + (high - low) * random.nextDouble())
        .toArray();
  }
}
