package io.canaryjudge.analysis.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import java.util.Random;
import org.apache.commons.math3.special.Beta;
import org.junit.jupiter.api.Test;

class IntervalsTest {
  private static final double[] SIZES = {1, 2, 5, 31, 32, 33, 64, 100, 1e3, 1e5, 1e7};

  @Test
  void theMixtureAgreesWithCommonsMath() {
    for (double n : SIZES) {
      for (double share : new double[] {0, 0.01, 0.3, 0.5, 0.97, 1}) {
        double k = Math.rint(share * n);
        double mixture = Beta.logBeta(k + 0.5, n - k + 0.5) - Beta.logBeta(0.5, 0.5);
        double best = xLogX(k) + xLogX(n - k) - xLogX(n);
        assertThat(BetaBinomial.logMixture(n, k))
            .as("%s of %s", k, n)
            .isCloseTo(mixture - best, within(1e-13 * (10 + Math.abs(mixture))));
      }
    }
  }

  @Test
  void theMostEventsAreThoseThatBisectionFinds() {
    Random random = new Random(5);
    for (int i = 0; i < 5_000; i++) {
      long n = Math.round(Math.exp(random.nextDouble() * 25));
      double p =
          random.nextInt(10) == 0 ? random.nextDouble() : Math.exp(-10 * random.nextDouble());
      double alpha = Math.exp(-random.nextDouble() * 20);
      if (!(p > 0 && p < 1)) {
        continue;
      }
      long low = (long) (n * p);
      long high = n + 1;
      while (high - low > 1) {
        long middle = low + (high - low) / 2;
        boolean excluded =
            Intervals.proportionLogE((double) n, (double) middle, p) >= -StrictMath.log(alpha);
        low = excluded ? low : middle;
        high = excluded ? middle : high;
      }
      assertThat(Intervals.mostNotExcluded(n, p, alpha))
          .as("n = %s, p = %s, alpha = %s", n, p, alpha)
          .isEqualTo(low);
    }
  }

  @Test
  void theEndsAreWhereTheEvidenceReachesItsLine() {
    for (double n : new double[] {1, 7, 100, 12345, 1e9, 1e12}) {
      for (double k : new double[] {0, 1, 3, Math.rint(n / 3), Math.rint(0.9 * n), n - 1, n}) {
        if (k < 0 || k > n) {
          continue;
        }
        Bounds bounds = Intervals.proportion(n, k, 0.01);
        String name = k + " of " + n;
        assertThat(bounds.lower()).as(name).isBetween(0.0, k / n);
        assertThat(bounds.upper()).as(name).isBetween(k / n, 1.0);
        assertThat(bounds.lower() == 0).as(name).isEqualTo(k == 0);
        if (n < 1e12) { // beyond, an upper end may be too near to 1 for a double
          assertThat(bounds.upper() == 1).as(name).isEqualTo(k == n);
        }
        double line = StrictMath.log(100);
        double tolerance = 1e-5 + 4e-16 * n; // a double near 1 is known to 1e-16
        if (k > 0) {
          assertThat(Intervals.proportionLogE(n, k, bounds.lower()))
              .as(name)
              .isCloseTo(line, within(tolerance));
        }
        if (k < n && bounds.upper() < 1 - 1e-9) {
          assertThat(Intervals.proportionLogE(n, k, bounds.upper()))
              .as(name)
              .isCloseTo(line, within(tolerance));
        }
      }
    }
  }

  @Test
  void theIntervalNarrowsWithTheCounts() {
    double width = 1;
    for (double n = 100; n <= 1e12; n *= 10) {
      Bounds bounds = Intervals.proportion(n, n / 50, 0.05);
      assertThat(bounds.upper() - bounds.lower()).isLessThan(width / 2);
      width = bounds.upper() - bounds.lower();
    }
  }

  @Test
  void aProportionOfNothingMayBeAnything() {
    assertThat(Intervals.proportion(0, 0, 0.01)).isEqualTo(new Bounds(0, 1));
  }

  /** At every look of 400, the interval covers the truth in at least 1 - alpha of the runs. */
  @Test
  void theIntervalHoldsAtAllTimes() {
    Random random = new Random(6);
    int missed = 0;
    int runs = 500;
    for (int run = 0; run < runs; run++) {
      double n = 0;
      double k = 0;
      boolean covers = true;
      for (int look = 0; look < 400 && covers; look++) {
        for (int i = 0; i < 10; i++) {
          n++;
          k += random.nextDouble() < 0.1 ? 1 : 0;
        }
        covers = Intervals.proportionLogE(n, k, 0.1) < StrictMath.log(10);
      }
      missed += covers ? 0 : 1;
    }
    assertThat(missed).isBetween(1, 70); // 10 % of 500 and three standard errors
  }

  @Test
  void aQuantileLiesBetweenEdgesWhoseSharesAreExcluded() {
    Random random = new Random(7);
    DistributionAggregate values = new DistributionAggregate();
    for (int i = 0; i < 2000; i++) {
      values.addValue(StrictMath.exp(random.nextGaussian()), 1);
    }
    for (double q : new double[] {0.5, 0.95, 0.99}) {
      Bounds bounds = Intervals.quantile(values, q, 0.05);
      assertThat(bounds.lower()).isLessThan(values.quantile(q));
      assertThat(bounds.upper()).isGreaterThan(values.quantile(q));
      Bounds above = share(values.atLeastAbove(bounds.lower()));
      assertThat(above.lower()).isGreaterThan(1 - q);
      Bounds beyond = share(values.atMostAbove(bounds.upper()));
      assertThat(beyond.upper()).isLessThan(1 - q);
      double next = values.nextEdgeAtOrAbove(Math.nextUp(bounds.lower()));
      assertThat(share(values.atLeastAbove(next)).lower()).isLessThanOrEqualTo(1 - q);
      double previous = values.edgeAtOrBelow(Math.nextDown(bounds.upper()));
      assertThat(share(values.atMostAbove(previous)).upper()).isGreaterThanOrEqualTo(1 - q);
    }
  }

  @Test
  void aQuantileOfLittleMayBeAnything() {
    DistributionAggregate values = new DistributionAggregate();
    assertThat(Intervals.quantile(values, 0.5, 0.01))
        .isEqualTo(new Bounds(0, Double.POSITIVE_INFINITY));
    values.addValue(3, 2);
    assertThat(Intervals.quantile(values, 0.99, 0.01).upper()).isInfinite();
    assertThat(Intervals.quantile(values, 0.5, 0.01).lower()).isZero();
  }

  @Test
  void pValues() {
    assertThat(Intervals.pValue(StrictMath.log(50))).isCloseTo(0.02, within(1e-15));
    assertThat(Intervals.pValue(-3)).isEqualTo(1);
    assertThat(Intervals.temperedPValue(StrictMath.log(101))).isCloseTo(0.01, within(1e-15));
    assertThat(Intervals.temperedPValue(0.1)).isEqualTo(1);
    assertThat(Intervals.temperedPValue(1e6)).isZero();
  }

  @Test
  void refusesWhatIsOutOfRange() {
    refused(() -> Intervals.proportion(1, 2, 0.1), "events: 2.0 of 1.0");
    refused(() -> Intervals.proportion(1, Double.NaN, 0.1), "events: NaN of 1.0");
    refused(() -> Intervals.proportion(1, 1, 0), "alpha: 0.0");
    refused(() -> Intervals.quantile(new DistributionAggregate(), 1, 0.1), "q: 1.0");
    refused(() -> new RatioInterval().bounds(1, 1), "alpha: 1.0");
  }

  @Test
  void theRatioIntervalWidensWithDispersion() {
    RatioInterval interval = new RatioInterval();
    assertThat(interval.bounds(0.01, 1)).isEqualTo(new Bounds(0, Double.POSITIVE_INFINITY));
    interval.add(1000, 30, 1000, 20);
    interval.add(0, 0, 1000, 20);
    Bounds narrow = interval.bounds(0.01, 1);
    Bounds wide = interval.bounds(0.01, 3);
    assertThat(narrow.lower()).isBetween(0.3, 1.5);
    assertThat(narrow.upper()).isBetween(1.5, 6.0);
    assertThat(wide.lower()).isLessThan(narrow.lower());
    assertThat(wide.upper()).isGreaterThan(narrow.upper());
  }

  private static Bounds share(long above) {
    return Intervals.proportion(2000, (double) above, 0.05);
  }

  private static double xLogX(double x) {
    return x == 0 ? 0 : x * StrictMath.log(x);
  }

  private static void refused(Runnable action, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(action::run)
        .withMessageContaining(message)
        .withMessageContaining("(expected: ");
  }
}
