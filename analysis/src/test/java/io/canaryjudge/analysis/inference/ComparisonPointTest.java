package io.canaryjudge.analysis.inference;

import static io.canaryjudge.analysis.inference.ComparisonPoint.Method.BRACKET;
import static io.canaryjudge.analysis.inference.ComparisonPoint.Method.INTERPOLATED;
import static io.canaryjudge.analysis.inference.ComparisonPoint.Method.SHARES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.aggregate.TrailingDistribution;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ComparisonPointTest {
  private final TrailingDistribution past = new TrailingDistribution(60);

  @Test
  void armsAreCutAtTheQuantileAndItsMargin() {
    addUniform(1, 2, 1000);

    ComparisonPoint harm = harm(0.95, increase(0.1));
    assertThat(harm.method()).isEqualTo(SHARES);
    assertThat(harm.baseline()).isCloseTo(1.95, within(0.03));
    assertThat(harm.canary()).isCloseTo(1.1 * harm.baseline(), within(1e-12));
    assertThat(harm.share()).isCloseTo(0.05, within(1e-15));

    ComparisonPoint safe = safe(0.95, increase(0.5));
    assertThat(safe.method()).isEqualTo(SHARES);
    assertThat(safe.canary()).isCloseTo(1.5 * harm.baseline(), within(1e-12));
  }

  @Test
  void aDecreaseIsMirrored() {
    addUniform(1, 2, 1000);

    ComparisonPoint harm = harm(0.05, decrease(0.1));
    assertThat(harm.baseline()).isCloseTo(1.05, within(0.02));
    assertThat(harm.canary()).isCloseTo(0.9 * harm.baseline(), within(1e-12));
    assertThat(harm.share()).isEqualTo(0.05);
    assertThat(safe(0.05, decrease(0.1)).canary()).isEqualTo(harm.canary());
  }

  @Test
  void theFloorWidensASmallMargin() {
    ValueMargin margin = new ValueMargin(0.1, 0, 0.5, HarmfulDirection.INCREASE);
    assertThat(margin.limit(1)).isEqualTo(1.5);
    assertThat(margin.limit(10)).isEqualTo(11);
    assertThat(margin.baselineOf(1.5)).isEqualTo(1);
    assertThat(margin.baselineOf(11)).isCloseTo(10, within(1e-12));
    ValueMargin mirrored = new ValueMargin(0.1, 0, 0.5, HarmfulDirection.DECREASE);
    assertThat(mirrored.limit(1)).isEqualTo(0.5);
    assertThat(mirrored.limit(10)).isEqualTo(9);
  }

  @Test
  void equalValuesAreBracketed() {
    DistributionAggregate constant = new DistributionAggregate();
    constant.addValue(512.5, 400);
    past.add(constant);

    ComparisonPoint safe = safe(0.95, increase(0.1));
    assertThat(safe.method()).isEqualTo(BRACKET);
    assertThat(safe.baseline()).isBetween(505.0, 512.5);
    assertThat(safe.canary()).isBetween(555.0, 564.0);
    assertThat(safe(0.05, decrease(0.1)).method()).isEqualTo(BRACKET);
    ComparisonPoint harm = harm(0.95, increase(0.1));
    assertThat(harm.baseline()).isBetween(512.5, 520.0);
  }

  @Test
  void zerosAreBracketedToo() {
    DistributionAggregate zeros = new DistributionAggregate();
    zeros.addValue(0, 400);
    past.add(zeros);

    ComparisonPoint safe = safe(0.95, new ValueMargin(0, 0, 2, HarmfulDirection.INCREASE));
    assertThat(safe.method()).isEqualTo(BRACKET);
    assertThat(safe.baseline()).isZero();
    assertThat(safe.canary()).isEqualTo(2);
  }

  @Test
  void tooFewValuesToTellAreNotTakenForEqualOnes() {
    addUniform(1, 2, 30);
    assertThat(harm(0.999, increase(0.1))).isNull();
    assertThat(safe(0.999, increase(0.1))).isNull();
  }

  @Test
  void coarseBucketsAreInterpolatedForHarmInTheTailOnly() {
    DistributionAggregate values = new DistributionAggregate();
    values.addExplicit(new double[] {0.1, 0.25, 0.5, 1}, new long[] {700, 200, 80, 20, 0});
    past.add(values);
    // Above 0.25 / 1.1 there are 100 and ln 1.1 / ln 2.5 = 0.104 of 200; above 0.5 / 1.1 there are
    // 20 and ln 1.1 / ln 2 = 0.1375 of 80, nearer to 50 on a logarithmic scale than 121.
    ComparisonPoint tail = harm(0.95, increase(0.1));
    assertThat(tail.method()).isEqualTo(INTERPOLATED);
    assertThat(tail.canary()).isEqualTo(0.5);
    assertThat(tail.baseline()).isCloseTo(0.5 / 1.1, within(1e-12));
    assertThat(tail.share()).isCloseTo(0.031, within(1e-3));
    assertThat(harm(0.9, increase(0.1)).canary()).isEqualTo(0.25);
    assertThat(harm(0.5, increase(0.1)).method()).isEqualTo(SHARES);

    assertThat(safe(0.98, increase(0.5))).isNull(); // no edge between 0.5 and 0.75
    assertThat(safe(0.98, increase(1)).canary()).isEqualTo(1);
  }

  @Test
  void roundingDoesNotPushACutPastItsEdge() {
    DistributionAggregate values = new DistributionAggregate();
    values.addExplicit(new double[] {0.1, 0.3, 1}, new long[] {500, 480, 20, 0});
    past.add(values);
    assertThat(3 * 0.1).isGreaterThan(0.3);

    assertThat(harm(0.5, increase(2)).canary()).isEqualTo(0.3);
    assertThat(safe(0.5, increase(2)).canary()).isGreaterThanOrEqualTo(0.3);
  }

  private @Nullable ComparisonPoint harm(double q, ValueMargin margin) {
    return ComparisonPoint.harm(past, past.cut(1 - q), q, margin);
  }

  private @Nullable ComparisonPoint safe(double q, ValueMargin margin) {
    return ComparisonPoint.safe(past, past.cut(1 - q), q, margin);
  }

  private void addUniform(double from, double to, int count) {
    DistributionAggregate values = new DistributionAggregate();
    for (int i = 0; i < count; i++) {
      values.addValue(from + (to - from) * (i + 0.5) / count, 1);
    }
    past.add(values);
  }

  private static ValueMargin increase(double relative) {
    return new ValueMargin(relative, 0, 0, HarmfulDirection.INCREASE);
  }

  private static ValueMargin decrease(double relative) {
    return new ValueMargin(relative, 0, 0, HarmfulDirection.DECREASE);
  }
}
