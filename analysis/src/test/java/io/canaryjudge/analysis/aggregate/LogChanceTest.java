package io.canaryjudge.analysis.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogChanceTest {

  @Test
  void isAtLeastTheGreatestChanceOfAnyProbability() {
    for (int n = 2; n <= 60; n++) {
      for (int k = 1; k < n; k++) {
        double chance = StrictMath.exp(proportion(n, k).logChance());
        double exact = binomial(n, k, (double) k / n);
        assertThat(chance).isBetween(exact, Math.min(0.5 + 1e-12, 1.2 * exact));
      }
    }
  }

  @Test
  void whatAllCameOutAlikeSaysNothing() {
    assertThat(proportion(0, 0).logChance()).isZero();
    assertThat(proportion(1, 1).logChance()).isZero();
    assertThat(proportion(1_000, 0).logChance()).isZero();
    assertThat(proportion(1_000, 1_000).logChance()).isZero();
    assertThat(new DistributionAggregate().logChance()).isZero();
    DistributionAggregate one = new DistributionAggregate();
    one.addValue(0.25, 1_000);
    assertThat(one.logChance()).isZero();
  }

  @Test
  void everyCellOfADistributionCounts() {
    DistributionAggregate values = new DistributionAggregate();
    values.addValue(0, 2);
    values.addValue(1, 2);
    values.addValue(2, 1);
    assertThat(StrictMath.exp(values.logChance()))
        .isBetween(30 * Math.pow(0.4, 4) * 0.2, 1.3 * 30 * Math.pow(0.4, 4) * 0.2);
  }

  @Test
  void whichLayoutCountedAValueIsNoChance() {
    DistributionAggregate values = new DistributionAggregate();
    values.addValue(1, 10);
    values.addExplicit(new double[] {1, 2}, new long[] {0, 10, 0});
    assertThat(values.logChance()).isZero();

    values.addExplicit(new double[] {1, 2}, new long[] {10, 0, 0});
    assertThat(StrictMath.exp(values.logChance())).isBetween(0.176, 0.18); // 10 of 20
  }

  private static ProportionAggregate proportion(long total, long failures) {
    ProportionAggregate counts = new ProportionAggregate();
    counts.add(total, failures);
    return counts;
  }

  private static double binomial(int n, int k, double p) {
    double ways = 1;
    for (int i = 1; i <= k; i++) {
      ways = ways * (n - k + i) / i;
    }
    return ways * Math.pow(p, k) * Math.pow(1 - p, n - k);
  }
}
