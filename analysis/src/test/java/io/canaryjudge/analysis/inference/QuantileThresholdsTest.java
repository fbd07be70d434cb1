package io.canaryjudge.analysis.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.aggregate.TrailingDistribution;
import org.junit.jupiter.api.Test;

class QuantileThresholdsTest {
  private final TrailingDistribution trailing = new TrailingDistribution();

  @Test
  void nothingIsComparedBeforeTwentyRequests() {
    DistributionAggregate few = new DistributionAggregate();
    for (int i = 1; i <= 19; i++) {
      few.addValue(i, 1);
    }
    trailing.add(few);
    assertThat(QuantileThresholds.baseline(trailing, 0.5)).isNaN();

    DistributionAggregate one = new DistributionAggregate();
    one.addValue(20, 1);
    trailing.add(one);
    assertThat(QuantileThresholds.baseline(trailing, 0.5)).isBetween(9.8, 10.2);
  }

  @Test
  void anEdgeFarFromTheQuantileIsNotUsed() {
    DistributionAggregate values = new DistributionAggregate();
    values.addExplicit(new double[] {1, 2}, new long[] {1000, 0, 0});
    trailing.add(values);
    assertThat(QuantileThresholds.baseline(trailing, 0.95)).isNaN();

    values = new DistributionAggregate();
    values.addExplicit(new double[] {1, 2}, new long[] {0, 30, 0});
    trailing.add(values);
    assertThat(QuantileThresholds.baseline(trailing, 0.95)).isEqualTo(1);
  }

  @Test
  void coarseBucketsAreComparedThroughTheInterpolatedBaseline() {
    DistributionAggregate values = new DistributionAggregate();
    values.addExplicit(new double[] {0.1, 0.25, 0.5, 1}, new long[] {700, 200, 80, 20, 0});
    trailing.add(values);
    // Above 0.25 / 1.1 there are 100 and ln 1.1 / ln 2.5 = 0.104 of 200; above 0.5 / 1.1 there are
    // 20 and ln 1.1 / ln 2 = 0.1375 of 80, nearer to 50 on a logarithmic scale than 121.
    assertThat(QuantileThresholds.coarseCanary(trailing, 0.95, 1.1)).isEqualTo(0.5);
    assertThat(QuantileThresholds.coarseCanary(trailing, 0.9, 1.1)).isEqualTo(0.25);
    assertThat(QuantileThresholds.coarseCanary(new TrailingDistribution(), 0.9, 1.1)).isNaN();
  }

  @Test
  void roundingDoesNotPushAThresholdPastItsEdge() {
    DistributionAggregate values = new DistributionAggregate();
    values.addExplicit(new double[] {0.1, 0.3, 1}, new long[] {0, 0, 10, 0});
    double exact = 3 * 0.1;
    assertThat(exact).isGreaterThan(0.3);
    assertThat(values.atLeastAbove(exact)).isZero();
    assertThat(values.atLeastAbove(QuantileThresholds.roundedForLowerBound(3, 0.1, 0)))
        .isEqualTo(10);
    assertThat(values.atMostAbove(QuantileThresholds.roundedForUpperBound(3, 0.1, 0)))
        .isEqualTo(10);
    assertThat(values.atMostAbove(QuantileThresholds.roundedForUpperBound(9, 0.1, 0.1))).isZero();
  }

  @Test
  void refusesWhatIsNoQuantile() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> QuantileThresholds.baseline(trailing, 1))
        .withMessage("q: 1.0 (expected: in (0, 1))");
  }
}
