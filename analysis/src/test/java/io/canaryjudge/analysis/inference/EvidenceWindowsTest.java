package io.canaryjudge.analysis.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvidenceWindowsTest {
  @ParameterizedTest
  @ValueSource(doubles = {0.02, 0.026, 0.03, 0.06})
  void theFastPathLosesAtMostTheWeightOfTheWindows(double rate) {
    Epochs epochs = Epochs.withHorizon(12, 1500);
    EvidenceWindows evidence = new EvidenceWindows(epochs);
    Random random = new Random(8);
    Tempering tempering = inflation(random);
    for (int window = 0; window < 1500; window++) {
      fold(epochs, evidence, random, window < 1000 ? 0.02 : rate);
      double fast = evidence.logE(tempering);
      double full = evidence.fullLogE(tempering);
      assertThat(fast).isLessThanOrEqualTo(full + 1e-12);
      // Of what matters near a line, 0.5 at most and 5e-4 of the rest.
      assertThat(StrictMath.exp(Math.min(full, 50)) * (1 - 5e-4) - 0.5)
          .isLessThanOrEqualTo(StrictMath.exp(Math.min(fast, 50)));
    }
  }

  @Test
  void aLateRegressionIsSeenSoonAndItsBeginningNamed() {
    Epochs epochs = Epochs.withHorizon(12, 1500);
    EvidenceWindows evidence = new EvidenceWindows(epochs);
    EProcess wholeRun = new EProcess();
    Random random = new Random(9);
    int seen = -1;
    for (int window = 0; window < 1500 && seen < 0; window++) {
      double[] before = evidence.sums().clone();
      fold(epochs, evidence, random, window < 1200 ? 0.02 : 0.06);
      for (int j = 0; j < Alternatives.SIZE; j++) {
        wholeRun.sums()[j] += evidence.sums()[j] - before[j];
      }
      seen = evidence.logE(Tempering.NONE) > StrictMath.log(101) ? window : -1;
    }
    assertThat(seen).isBetween(1201, 1220);
    assertThat(evidence.leadingStart(Tempering.NONE)).isBetween(1180L, 1212L);
    assertThat(wholeRun.logE(Tempering.NONE)).isNegative();
  }

  @Test
  void withoutSnapshotsHalfOfTheWeightIsUnspent() {
    EvidenceWindows evidence = new EvidenceWindows(Epochs.openEnded(12));
    assertThat(evidence.logE(Tempering.NONE)).isEqualTo(StrictMath.log(0.5));
    assertThat(evidence.leadingStart(Tempering.NONE)).isZero();

    EvidenceWindows alone = new EvidenceWindows(Epochs.withHorizon(12, 11));
    assertThat(alone.logE(Tempering.NONE)).isZero();
  }

  /**
   * A/A at the edge of the null: over 2,000 runs with a look after every window, the evidence
   * crosses 1 + 1/alpha in no more than alpha of them, up to three standard errors.
   */
  @Test
  void crossesItsLineNoMoreOftenThanAlpha() {
    double alpha = 0.05;
    double line = StrictMath.log1p(1 / alpha);
    double cap = (StrictMath.log(1 / alpha) + StrictMath.log(16)) / 3;
    Random random = new Random(10);
    int runs = 2000;
    int crossed = 0;
    for (int run = 0; run < runs; run++) {
      Epochs epochs = Epochs.withHorizon(6, 150);
      EvidenceWindows evidence = new EvidenceWindows(epochs);
      boolean crosses = false;
      for (int window = 0; window < 150 && !crosses; window++) {
        if (epochs.beginWindow()) {
          evidence.snapshot();
        }
        int kC = events(random, 40, 0.05);
        int kB = events(random, 120, 0.05);
        LogFactors.ratio(Alternatives.UP, 40, kC, 120, kB, 1, cap, evidence.sums());
        crosses = evidence.logE(Tempering.NONE) >= line;
      }
      crossed += crosses ? 1 : 0;
    }
    double standardError = Math.sqrt(alpha * (1 - alpha) / runs);
    assertThat((double) crossed / runs).isLessThan(alpha + 3 * standardError);
    assertThat(crossed).as("the simulation can cross at all").isPositive();
  }

  private static void fold(Epochs epochs, EvidenceWindows evidence, Random random, double rate) {
    if (epochs.beginWindow()) {
      evidence.snapshot();
    }
    int kC = events(random, 200, rate);
    int kB = events(random, 400, 0.02);
    LogFactors.ratio(Alternatives.UP, 200, kC, 400, kB, 1.2, 2.5, evidence.sums());
  }

  private static int events(Random random, int n, double rate) {
    int events = 0;
    for (int i = 0; i < n; i++) {
      events += random.nextDouble() < rate ? 1 : 0;
    }
    return events;
  }

  private static Tempering inflation(Random random) {
    double whole = 1 + random.nextDouble();
    return new Tempering() {
      @Override
      public double phi() {
        return whole;
      }

      @Override
      public double phi(int snapshot) {
        return 1 + (snapshot % 7) / 5.0;
      }
    };
  }
}
