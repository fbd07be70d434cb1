package io.canaryjudge.analysis.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class DistributionAggregateTest {
  private final DistributionAggregate values = new DistributionAggregate();

  @Test
  void takesOpenTelemetryHistograms() {
    // Scale 1, base sqrt 2, offset 2: (2, 2.83], (2.83, 4], (4, 5.66]
    values.addExponential(1, 0, 3, 2, new long[] {5, 0, 7});

    assertThat(values.count()).isEqualTo(15);
    assertThat(values.scale()).isEqualTo(1);
    assertThat(values.atLeastAbove(2)).isEqualTo(12).isEqualTo(values.atMostAbove(2));
    assertThat(values.atLeastAbove(4)).isEqualTo(7).isEqualTo(values.atMostAbove(4));
    assertThat(values.atLeastAbove(5)).isZero();
    assertThat(values.atMostAbove(5)).isEqualTo(7);
    assertThat(values.atLeastAbove(0)).isEqualTo(12).isEqualTo(values.atMostAbove(0));
    assertThat(values.atLeastAbove(-1)).isEqualTo(15);
  }

  @Test
  void takesPrometheusNativeHistogramsOneIndexHigher() {
    // Schema 0: bucket 1 is (1, 2], bucket 2 is (2, 4].
    values.addNative(0, 0.001, 2, 1, new long[] {3, 4});

    assertThat(values.atLeastAbove(1)).isEqualTo(7).isEqualTo(values.atMostAbove(1));
    assertThat(values.atLeastAbove(2)).isEqualTo(4).isEqualTo(values.atMostAbove(2));
    assertThat(values.atMostAbove(4)).isZero();
    assertThat(values.atMostAbove(0.0005)).isEqualTo(9);
    assertThat(values.atMostAbove(0.001)).isEqualTo(7);
  }

  @Test
  void bringsFinerScalesToItsOwnExactly() {
    DistributionAggregate fine = new DistributionAggregate();
    long[] counts = new long[400];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = i;
    }
    fine.addExponential(8, 0, 0, -101, counts);

    DistributionAggregate coarse = new DistributionAggregate();
    for (int i = 0; i < counts.length; i++) {
      double upper = StrictMath.pow(2, (-100.5 + i) / 256); // inside bucket i
      coarse.addValue(upper, counts[i]);
    }
    assertThat(fine.scale()).isEqualTo(6);
    assertThat(bytes(fine)).isEqualTo(bytes(coarse));
  }

  @Test
  void aCoarserHistogramLowersTheScale() {
    values.addValue(3, 10);
    values.addExponential(0, 0, 0, 1, new long[] {5}); // (2, 4]

    assertThat(values.scale()).isZero();
    assertThat(values.atLeastAbove(2)).isEqualTo(15);
    assertThat(values.atLeastAbove(3)).isZero();
    assertThat(values.atMostAbove(3)).isEqualTo(15);
  }

  @Test
  void valuesOverManyDecadesLowerTheScaleAndKeepTheirCounts() {
    values.addValue(1e-12, 1);
    values.addValue(1e6, 2);
    assertThat(values.scale()).isEqualTo(6);

    values.addValue(1e12, 4);
    assertThat(values.scale()).isEqualTo(5);

    values.addValue(1e300, 8);
    values.addValue(1e-300, 16);
    assertThat(values.scale()).isEqualTo(1);
    assertThat(values.count()).isEqualTo(31);
    assertThat(values.atLeastAbove(1)).isEqualTo(14);
  }

  @Test
  void zerosAndTheSmallestNumbersAreCounted() {
    values.addValue(0, 1);
    values.addValue(-0.0, 2);
    values.addValue(Double.MIN_VALUE, 4);
    values.addExponential(20, 0, 0, -1023 << 20, new long[] {8});

    assertThat(values.atMostAbove(0)).isEqualTo(12);
    assertThat(values.atLeastAbove(0)).isZero();
    assertThat(values.atMostAbove(Double.MIN_NORMAL)).isZero();
    assertThat(values.atLeastBelow(1)).isEqualTo(15);
    assertThat(values.atLeastBelow(Double.MIN_NORMAL)).isEqualTo(3);
  }

  @Test
  void anExplicitHistogramIsExactOnItsBoundsOnly() {
    values.addExplicit(new double[] {0.1, 0.5, 1}, new long[] {1, 2, 4, 8});

    assertThat(values.atLeastAbove(0.5)).isEqualTo(12).isEqualTo(values.atMostAbove(0.5));
    assertThat(values.atLeastAbove(0.6)).isEqualTo(8);
    assertThat(values.atMostAbove(0.6)).isEqualTo(12);
    assertThat(values.atLeastAbove(2)).isZero();
    assertThat(values.atMostAbove(2)).isEqualTo(8);
    assertThat(values.nextEdgeAtOrAbove(0.6)).isEqualTo(1);
    assertThat(values.edgeAtOrBelow(0.6)).isEqualTo(0.5);
    assertThat(values.edgeAtOrBelow(0.5)).isEqualTo(0.5);
    assertThat(values.nextEdgeAtOrAbove(1.1)).isInfinite();
    assertThat(values.edgeAtOrBelow(0.05)).isZero();
  }

  @Test
  void aFirstBoundOfZeroCountsZerosExactly() {
    values.addExplicit(new double[] {0, 1}, new long[] {3, 4, 0});

    assertThat(values.atLeastAbove(0)).isEqualTo(4).isEqualTo(values.atMostAbove(0));
  }

  @Test
  void edgesOfSeveralLayoutsAreThoseTheyShare() {
    values.addExplicit(new double[] {0.1, 0.5, 1, 5}, new long[] {1, 2, 4, 8, 0});
    values.addExplicit(new double[] {0.2, 0.5, 5}, new long[] {1, 2, 4, 8});

    assertThat(values.nextEdgeAtOrAbove(0.15)).isEqualTo(0.5);
    assertThat(values.nextEdgeAtOrAbove(0.7)).isEqualTo(5);
    assertThat(values.edgeAtOrBelow(4)).isEqualTo(0.5);
    assertThat(values.atLeastAbove(0.5)).isEqualTo(24).isEqualTo(values.atMostAbove(0.5));
  }

  @Test
  void aMixtureIsBoundedWhereEdgesDiffer() {
    values.addExplicit(new double[] {0.1, 1}, new long[] {0, 10, 0});
    values.addValue(0.5, 100);

    double edge = values.nextEdgeAtOrAbove(0.3);
    assertThat(edge).isBetween(0.3, 0.3 * 1.011);
    assertThat(values.atLeastAbove(edge)).isEqualTo(100);
    assertThat(values.atMostAbove(edge)).isEqualTo(110);
  }

  @Test
  void interpolatesLogUniformlyWithinTheCell() {
    values.addExplicit(new double[] {0.1, 1}, new long[] {7, 10, 3});

    assertThat(values.interpolatedAbove(StrictMath.sqrt(0.1))).isCloseTo(8, within(1e-12));
    assertThat(values.interpolatedAbove(0.1)).isEqualTo(13);
    assertThat(values.interpolatedAbove(0.05)).isEqualTo(20);
    assertThat(values.interpolatedAbove(2)).isEqualTo(3);
  }

  @Test
  void quantilesAreBoundedByTheirCell() {
    for (int i = 1; i <= 1000; i++) {
      values.addValue(i / 1000.0, 1);
    }
    for (double q : new double[] {0, 0.5, 0.95, 0.99, 1}) {
      double truth = Math.max(1, StrictMath.ceil(q * 1000)) / 1000;
      assertThat(values.quantileLower(q)).isLessThan(truth);
      assertThat(values.quantileUpper(q)).isGreaterThanOrEqualTo(truth);
      assertThat(values.quantile(q) / truth).isBetween(0.9945, 1.0055);
    }
  }

  @Test
  void quantilesOfMixturesAndOpenCells() {
    values.addValue(0, 50);
    assertThat(values.quantile(0.99)).isZero();

    values.addExplicit(new double[] {0.1, 1}, new long[] {10, 20, 20});
    assertThat(values.quantile(0.5)).isZero();
    assertThat(values.quantileUpper(0.6)).isEqualTo(0.1);
    assertThat(values.quantile(0.6)).isEqualTo(0.05);
    assertThat(values.quantile(0.7)).isCloseTo(StrictMath.sqrt(0.1), within(1e-15));
    assertThat(values.quantile(0.9)).isEqualTo(1);
    assertThat(values.quantileUpper(0.9)).isInfinite();
    assertThatThrownBy(() -> new DistributionAggregate().quantile(0.5))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void refusesWhatIsNoHistogram() {
    long[] one = {1};
    refused(() -> values.addValue(Double.NaN, 1), "value: NaN");
    refused(() -> values.addValue(-1, 1), "value: -1.0");
    refused(() -> values.addValue(Double.POSITIVE_INFINITY, 1), "value: Infinity");
    refused(() -> values.addValue(1, -1), "count: -1");
    refused(() -> values.addExponential(21, 0, 0, 0, one), "scale: 21");
    refused(() -> values.addExponential(-11, 0, 0, 0, one), "scale: -11");
    refused(() -> values.addExponential(0, Double.NaN, 0, 0, one), "zeroThreshold: NaN");
    refused(() -> values.addExponential(0, 0, -1, 0, one), "zeroCount: -1");
    refused(() -> values.addExponential(0, 0, 0, 0, new long[] {1, -1}), "counts[1]: -1");
    refused(() -> values.addExponential(0, 0, 0, 1024, one), "offset: 1024");
    refused(() -> values.addExponential(0, 0, 0, Integer.MAX_VALUE, new long[] {0, 1}), "offset");
    refused(() -> values.addExponential(20, 0, 0, -1075 << 20, one), "offset");
    refused(() -> values.addNative(9, 0, 0, 0, one), "schema: 9");
    refused(() -> values.addExplicit(new double[] {1, 1}, new long[3]), "upperBounds[1]: 1.0");
    refused(() -> values.addExplicit(new double[] {-1}, new long[2]), "upperBounds[0]: -1.0");
    refused(() -> values.addExplicit(new double[] {-0.0}, new long[2]), "upperBounds[0]: -0.0");
    refused(() -> values.addExplicit(new double[] {Double.NaN}, new long[2]), "upperBounds[0]");
    refused(() -> values.addExplicit(new double[] {}, new long[1]), "upperBounds: 0 bounds");
    refused(() -> values.addExplicit(new double[513], new long[514]), "upperBounds: 513 bounds");
    refused(() -> values.addExplicit(new double[] {1}, new long[] {1}), "counts: 1 buckets");
    refused(() -> values.atLeastAbove(Double.NaN), "y: NaN");
    refused(() -> values.quantile(1.5), "q: 1.5");
    assertThat(values.isEmpty()).isTrue();
  }

  @Test
  void refusesMoreThanItCanCount() {
    values.addValue(1, Aggregate.MAX_COUNT);
    refused(() -> values.addValue(1, 1), "count: 1000000000000000 + 1");
    refused(
        () -> values.addExplicit(new double[] {1}, new long[] {Long.MAX_VALUE, Long.MAX_VALUE}),
        "counts: ");
    refused(() -> values.merge(values.copy()), "count: ");
    assertThat(values.atLeastAbove(0)).isEqualTo(Aggregate.MAX_COUNT);
  }

  @Test
  void refusesALayoutTooMany() {
    for (int i = 1; i <= DistributionAggregate.MAX_LAYOUTS; i++) {
      assertThat(values.canAddExplicit(new double[] {i})).isTrue();
      values.addExplicit(new double[] {i}, new long[] {1, 0});
    }
    assertThat(values.canAddExplicit(new double[] {3})).isTrue();
    assertThat(values.canAddExplicit(new double[] {3.5})).isFalse();
    refused(() -> values.addExplicit(new double[] {3.5}, new long[] {1, 0}), "upperBounds");

    DistributionAggregate other = new DistributionAggregate();
    other.addExplicit(new double[] {3.5}, new long[] {1, 0});
    assertThat(values.canMerge(other)).isFalse();
    refused(() -> values.merge(other), "upperBounds");
    assertThat(values.count()).isEqualTo(DistributionAggregate.MAX_LAYOUTS);
  }

  @Test
  void refusesProportions() {
    refused(() -> values.merge(new ProportionAggregate()), "PROPORTION (expected: DISTRIBUTION)");
  }

  private static void refused(Runnable action, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(action::run)
        .withMessageContaining(message)
        .withMessageContaining("(expected: ");
  }

  private static byte[] bytes(DistributionAggregate values) {
    return MergeLawsTest.bytes(values);
  }
}
