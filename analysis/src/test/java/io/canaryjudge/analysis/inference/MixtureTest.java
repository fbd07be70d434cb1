package io.canaryjudge.analysis.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MixtureTest {
  @Test
  void isTheMeanOfTheTemperedFactors() {
    Random random = new Random(1);
    for (int i = 0; i < 1000; i++) {
      double[] sums = random.doubles(Alternatives.SIZE, -30, 30).toArray();
      double[] snapshot = random.doubles(Alternatives.SIZE, -30, 30).toArray();
      double phi = 1 + 5 * random.nextDouble();
      double mean = 0;
      double meanSince = 0;
      for (int j = 0; j < Alternatives.SIZE; j++) {
        mean += StrictMath.exp(sums[j] / phi) / Alternatives.SIZE;
        meanSince += StrictMath.exp((sums[j] - snapshot[j]) / phi) / Alternatives.SIZE;
      }
      assertThat(Mixture.logE(sums, phi)).isCloseTo(StrictMath.log(mean), within(1e-12));
      assertThat(Mixture.logE(sums, snapshot, phi))
          .isCloseTo(StrictMath.log(meanSince), within(1e-12));
    }
  }

  @Test
  void noEvidenceIsOne() {
    assertThat(Mixture.logE(new double[Alternatives.SIZE], 1)).isZero();
    assertThat(Mixture.logE(new double[Alternatives.SIZE], 7)).isZero();
  }

  /** exp(A / phi) <= 1 + exp A for any phi >= 1: what the lines' "+1" pays for. */
  @Test
  void temperingAddsAtMostOne() {
    Random random = new Random(2);
    for (int i = 0; i < 10_000; i++) {
      double[] sums = random.doubles(Alternatives.SIZE, -20, 20).toArray();
      double phi = StrictMath.exp(4 * random.nextDouble());
      double raw = StrictMath.exp(Mixture.logE(sums, 1));
      assertThat(StrictMath.exp(Mixture.logE(sums, phi))).isLessThanOrEqualTo((1 + raw) * 1.000001);
    }
  }

  @Test
  void hugeSumsDoNotOverflow() {
    double[] sums = new double[Alternatives.SIZE];
    Arrays.fill(sums, -1e9);
    sums[3] = 1e9;
    assertThat(Mixture.logE(sums, 1)).isEqualTo(1e9 - StrictMath.log(16));
    Arrays.fill(sums, -1e12);
    assertThat(Mixture.logE(sums, 1)).isEqualTo(-1e12);
  }

  @Test
  void notANumberStaysVisible() {
    double[] sums = new double[Alternatives.SIZE];
    sums[5] = Double.NaN;
    assertThat(Mixture.logE(sums, 1)).isNaN();
  }

  @Test
  void sumsOfLogarithms() {
    assertThat(LogSpace.logAddExp(0, 0)).isCloseTo(StrictMath.log(2), within(1e-15));
    assertThat(LogSpace.logAddExp(5, Double.NEGATIVE_INFINITY)).isEqualTo(5);
    assertThat(LogSpace.logAddExp(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY))
        .isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(LogSpace.logSumExp()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(LogSpace.logSumExp(1000, 1000)).isCloseTo(1000 + StrictMath.log(2), within(1e-12));
    assertThat(LogSpace.logSumExp(0, Double.NaN)).isNaN();
    assertThat(LogSpace.logMeanExp(2, 2, 2)).isCloseTo(2, within(1e-15));
    assertThat(LogSpace.logWeightedSumExp(new double[] {0, 3}, new double[] {1, 0})).isZero();
    assertThat(
            LogSpace.logWeightedSumExp(
                new double[] {Double.NEGATIVE_INFINITY, 3}, new double[] {0.5, 0.5}))
        .isCloseTo(3 - StrictMath.log(2), within(1e-15));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LogSpace.logWeightedSumExp(new double[2], new double[1]))
        .withMessage("weights: 1 (expected: 2, one for each term)");
  }
}
