package io.canaryjudge.analysis.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogFactorsTest {
  private static final double NO_CAP = Double.POSITIVE_INFINITY;
  private static final double[] RATES = {0, 0.001, 0.02, 0.1, 0.3, 0.5, 0.8, 0.99, 1};

  /** Adds the log factors of a window with the given events. */
  private interface Factor {
    void add(Alternatives alternatives, double kC, double kB, double cap, double[] sums);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.001, 0.05, 0.5, 0.95})
  void aLimitIsAnEValueAtAndWithinTheLimit(double limit) {
    for (double rate : RATES) {
      Factor factor = (grid, k, _, cap, sums) -> LogFactors.limit(grid, 12, k, limit, cap, sums);
      if (rate <= limit) {
        assertEValue(Alternatives.UP, 12, rate, 0, 0, factor);
      }
      if (rate >= limit) {
        assertEValue(Alternatives.DN, 12, rate, 0, 0, factor);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"6, 9, 1", "3, 14, 1.5", "10, 4, 2", "7, 7, 0.8"})
  void aRatioIsAnEValueOnEveryPointOfItsNull(int nC, int nB, double rho) {
    Factor factor =
        (grid, kC, kB, cap, sums) -> LogFactors.ratio(grid, nC, kC, nB, kB, rho, cap, sums);
    forAllRates(nC, nB, factor, (pC, pB) -> pC - rho * pB);
  }

  @ParameterizedTest
  @CsvSource({
    "6, 9, 1, 0.05, 0.1",
    "3, 14, 1.5, 0.001, 0.02",
    "10, 4, 2, 0.1, 0.3",
    "14, 1, 1, 0.2, 0.001",
    "7, 7, 0, 0.2, 0.5",
    "7, 7, 1.2, 0, 0.1"
  })
  void anAffineMarginIsAnEValueOnEveryPointOfItsNull(
      int nC, int nB, double rho, double delta, double plugIn) {
    Factor factor =
        (grid, kC, kB, cap, sums) ->
            LogFactors.affine(grid, nC, kC, nB, kB, rho, delta, plugIn, cap, sums);
    forAllRates(nC, nB, factor, (pC, pB) -> pC - rho * pB - delta);
  }

  @ParameterizedTest
  @CsvSource({"6, 9, 0.05", "1, 15, 0.5", "12, 3, 0.01", "7, 7, 0.9"})
  void anExceedanceIsAnEValueOnEveryPointOfItsNull(int nC, int nB, double share) {
    Factor factor =
        (grid, kC, kB, cap, sums) -> LogFactors.exceedance(grid, nC, kC, nB, kB, share, cap, sums);
    forAllRates(nC, nB, factor, (pC, pB) -> pC - pB);
  }

  @Test
  void beyondTheNullTheEvidenceGrows() {
    double[] sums = new double[Alternatives.SIZE];
    for (int window = 0; window < 20; window++) {
      LogFactors.ratio(Alternatives.UP, 100, 6, 100, 2, 1.2, NO_CAP, sums);
    }
    assertThat(Mixture.logE(sums, 1)).isGreaterThan(10);
  }

  @Test
  void anAffineMarginWithoutAnAbsolutePartIsARatio() {
    double[] affine = new double[Alternatives.SIZE];
    double[] ratio = new double[Alternatives.SIZE];
    LogFactors.affine(Alternatives.UP, 250, 7, 4750, 40, 1.5, 0, 0.01, NO_CAP, affine);
    LogFactors.ratio(Alternatives.UP, 250, 7, 4750, 40, 1.5, NO_CAP, ratio);
    for (int j = 0; j < Alternatives.SIZE; j++) {
      assertThat(Math.abs(affine[j] - ratio[j])).isLessThan(1e-12 * (1 + Math.abs(ratio[j])));
    }
  }

  /** Log factors are proportional to the counts, so large ones can be compared with small ones. */
  @Test
  void aTrillionRequestsLoseNoDigits() {
    double scale = 1e9;
    Factor[] factors = {
      (grid, f, _, cap, sums) -> LogFactors.limit(grid, 1000 * f, 51 * f, 0.05, cap, sums),
      (grid, f, _, cap, sums) ->
          LogFactors.ratio(grid, 10 * f, 3 * f, 1000 * f, 50 * f, 1.1, cap, sums),
      (grid, f, _, cap, sums) ->
          LogFactors.affine(grid, 10 * f, 3 * f, 1000 * f, 50 * f, 1.1, 0.01, 0.05, cap, sums),
      (grid, f, _, cap, sums) ->
          LogFactors.exceedance(grid, 10 * f, 3 * f, 1000 * f, 50 * f, 0.05, cap, sums)
    };
    for (Factor factor : factors) {
      for (Alternatives grid : new Alternatives[] {Alternatives.UP, Alternatives.DN}) {
        double[] small = new double[Alternatives.SIZE];
        double[] large = new double[Alternatives.SIZE];
        factor.add(grid, 1, 0, NO_CAP, small);
        factor.add(grid, scale, 0, NO_CAP, large);
        for (int j = 0; j < Alternatives.SIZE; j++) {
          assertThat(Math.abs(large[j] / scale - small[j]))
              .isLessThan(1e-12 * (1 + Math.abs(small[j])));
        }
      }
    }
  }

  @Test
  void aTinyArmBesideAHugeOneLosesNoDigits() {
    double[] huge = new double[Alternatives.SIZE];
    LogFactors.exceedance(Alternatives.UP, 1, 1, 1e12, 5e10, 0.05, NO_CAP, huge);
    for (int j = 0; j < Alternatives.SIZE; j++) {
      double excess = Alternatives.UP.excess(j);
      // As nB grows, the baseline's rate is known: the likelihood ratio of one event.
      double known = StrictMath.log((1 + excess) / (1 + 0.05 * excess));
      assertThat(Math.abs(huge[j] - known)).isLessThan(1e-9);
    }
  }

  @Test
  void windowsWithoutRequestsAddNothing() {
    double[] sums = new double[Alternatives.SIZE];
    LogFactors.limit(Alternatives.UP, 0, 0, 0.1, NO_CAP, sums);
    LogFactors.ratio(Alternatives.UP, 0, 0, 100, 5, 1, NO_CAP, sums);
    LogFactors.ratio(Alternatives.UP, 100, 5, 0, 0, 1, NO_CAP, sums);
    LogFactors.ratio(Alternatives.UP, 100, 0, 100, 0, 1, NO_CAP, sums);
    LogFactors.affine(Alternatives.UP, 0, 0, 100, 5, 1, 0.1, 0.1, NO_CAP, sums);
    LogFactors.affine(Alternatives.UP, 100, 5, 0, 0, 1, 0.1, 0.1, NO_CAP, sums);
    LogFactors.exceedance(Alternatives.UP, 0, 0, 100, 5, 0.1, NO_CAP, sums);
    LogFactors.exceedance(Alternatives.UP, 100, 5, 0, 0, 0.1, NO_CAP, sums);
    assertThat(sums).containsOnly(0);
  }

  @Test
  void theCapBoundsWhatOneWindowAdds() {
    double[] sums = new double[Alternatives.SIZE];
    LogFactors.limit(Alternatives.UP, 100, 90, 0.01, 2, sums);
    LogFactors.ratio(Alternatives.UP, 100, 90, 100, 1, 1, 2, sums);
    LogFactors.affine(Alternatives.UP, 100, 90, 100, 1, 1, 0.01, 0.01, 2, sums);
    LogFactors.exceedance(Alternatives.UP, 100, 90, 100, 1, 0.01, 2, sums);
    double most = 0;
    for (double sum : sums) {
      assertThat(sum).isLessThanOrEqualTo(8);
      most = Math.max(most, sum);
    }
    assertThat(most).isEqualTo(8);
  }

  @Test
  void fractionalCountsLieBetweenWholeOnes() {
    double[] low = new double[Alternatives.SIZE];
    double[] middle = new double[Alternatives.SIZE];
    double[] high = new double[Alternatives.SIZE];
    LogFactors.exceedance(Alternatives.UP, 100, 9, 100, 4, 0.05, NO_CAP, low);
    LogFactors.exceedance(Alternatives.UP, 100, 9, 100, 4.25, 0.05, NO_CAP, middle);
    LogFactors.exceedance(Alternatives.UP, 100, 9, 100, 5, 0.05, NO_CAP, high);
    for (int j = 0; j < Alternatives.SIZE; j++) {
      assertThat(middle[j]).isBetween(high[j], low[j]);
    }
  }

  @Test
  void theGuessOfTheBaselineIsPositiveBeforeAnythingIsKnown() {
    assertThat(LogFactors.plugInRate(0, 0, 0.005)).isEqualTo(0.005);
    assertThat(LogFactors.plugInRate(0, 0, 0)).isEqualTo(1e-3);
    assertThat(LogFactors.plugInRate(9000, 9, 0)).isEqualTo(1e-3);
  }

  @Test
  void refusesWhatAreNoCounts() {
    double[] sums = new double[Alternatives.SIZE];
    Alternatives up = Alternatives.UP;
    refused(() -> LogFactors.limit(up, 1, 2, 0.1, 1, sums), "events: 2.0 of 1.0");
    refused(() -> LogFactors.limit(up, 1, -1, 0.1, 1, sums), "events: -1.0 of 1.0");
    refused(() -> LogFactors.limit(up, Double.NaN, 0, 0.1, 1, sums), "events: 0.0 of NaN");
    refused(() -> LogFactors.limit(up, 1, 0, 0, 1, sums), "limit: 0.0");
    refused(() -> LogFactors.limit(up, 1, 0, Double.NaN, 1, sums), "limit: NaN");
    refused(() -> LogFactors.ratio(up, 1, 0, 1, 2, 1, 1, sums), "events: 2.0 of 1.0");
    refused(() -> LogFactors.ratio(up, 1, 0, 1, 0, 0, 1, sums), "rho: 0.0");
    refused(() -> LogFactors.affine(up, 1, 0, 1, 0, 0, 0, 1, 1, sums), "rho, delta: 0.0, 0.0");
    refused(() -> LogFactors.affine(up, 1, 0, 1, 0, -1, 2, 1, 1, sums), "rho, delta: -1.0");
    refused(() -> LogFactors.affine(up, 1, 0, 1, 0, 1, 0, 0, 1, sums), "plugIn: 0.0");
    refused(() -> LogFactors.exceedance(up, 1, 0, 1, 0, 1, 1, sums), "share: 1.0");
    refused(
        () -> LogFactors.exceedance(up, Double.POSITIVE_INFINITY, 0, 1, 0, 0.5, 1, sums),
        "events: 0.0 of Infinity");
    assertThat(sums).containsOnly(0);
  }

  private static void refused(Runnable action, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(action::run)
        .withMessageContaining(message)
        .withMessageContaining("(expected: ");
  }

  /** How far a point is beyond the tolerance. */
  private interface Beyond {
    double by(double pC, double pB);
  }

  private static void forAllRates(int nC, int nB, Factor factor, Beyond beyond) {
    for (double pC : RATES) {
      for (double pB : RATES) {
        if (beyond.by(pC, pB) <= 0) {
          assertEValue(Alternatives.UP, nC, pC, nB, pB, factor);
        }
        if (beyond.by(pC, pB) >= 0) {
          assertEValue(Alternatives.DN, nC, pC, nB, pB, factor);
        }
      }
    }
  }

  /** The expectation over all outcomes is at most 1, for each alternative, capped or not. */
  private static void assertEValue(
      Alternatives alternatives, int nC, double pC, int nB, double pB, Factor factor) {
    for (double cap : new double[] {NO_CAP, 0.7}) {
      double[] expectations = new double[Alternatives.SIZE];
      for (int kC = 0; kC <= nC; kC++) {
        for (int kB = 0; kB <= nB; kB++) {
          double probability = binomial(nC, kC, pC) * binomial(nB, kB, pB);
          double[] sums = new double[Alternatives.SIZE];
          factor.add(alternatives, kC, kB, cap, sums);
          for (int j = 0; j < Alternatives.SIZE; j++) {
            expectations[j] += probability * StrictMath.exp(sums[j]);
          }
        }
      }
      for (double expectation : expectations) {
        assertThat(expectation).as("at %s, %s", pC, pB).isLessThanOrEqualTo(1 + 1e-12);
      }
    }
  }

  private static double binomial(int n, int k, double p) {
    double probability = StrictMath.pow(p, k) * StrictMath.pow(1 - p, n - k);
    for (int i = 0; i < k; i++) {
      probability *= (double) (n - i) / (i + 1);
    }
    return probability;
  }
}
