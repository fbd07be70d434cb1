package io.canaryjudge.analysis.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoublePredicate;
import org.junit.jupiter.api.Test;

/** Bounds against the list of raw values that the cells stand for. */
class DistributionBoundsTest {
  private static final double[] BOUNDS = {0, 0.01, 0.1, 0.5, 1, 5};

  @Test
  void boundsContainTheTruth() {
    Random seeds = new Random(20261121);
    for (int i = 0; i < 500; i++) {
      boundsContainTheTruth(new Random(seeds.nextLong()));
    }
  }

  private static void boundsContainTheTruth(Random random) {
    DistributionAggregate values = new DistributionAggregate();
    List<Double> raw = new ArrayList<>();
    int number = 1 + random.nextInt(200);
    for (int i = 0; i < number; i++) {
      add(value(random), random.nextInt(4), values, raw);
    }
    List<Double> thresholds = new ArrayList<>(raw);
    thresholds.addAll(Arrays.stream(BOUNDS).boxed().toList());
    for (int i = 0; i < 20; i++) {
      thresholds.add(value(random));
      thresholds.add(values.nextEdgeAtOrAbove(value(random)));
      thresholds.add(values.edgeAtOrBelow(value(random)));
    }
    for (double y : thresholds) {
      long above = number(raw, value -> value > y);
      assertThat(values.atLeastAbove(y)).isLessThanOrEqualTo(above);
      assertThat(values.atMostAbove(y)).isGreaterThanOrEqualTo(above);
      long below = number(raw, value -> value < y);
      assertThat(values.atLeastBelow(y)).isLessThanOrEqualTo(below);
      assertThat(values.atMostBelow(y)).isGreaterThanOrEqualTo(below);
      assertThat(values.interpolatedAbove(y))
          .isBetween((double) values.atLeastAbove(y), (double) values.atMostAbove(y));
    }
    double[] sorted = raw.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    for (double q : new double[] {0, 0.1, 0.5, 0.9, 0.99, 1}) {
      double truth = sorted[(int) Math.max(0, Math.ceil(q * sorted.length) - 1)];
      assertThat(values.quantileLower(q)).isLessThanOrEqualTo(truth);
      assertThat(values.quantileUpper(q)).isGreaterThanOrEqualTo(truth);
      assertThat(values.quantile(q)).isBetween(values.quantileLower(q), values.quantileUpper(q));
    }
  }

  @Test
  void countsOfRawValuesAreExactOnEdges() {
    Random random = new Random(3);
    DistributionAggregate values = new DistributionAggregate();
    List<Double> raw = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      add(value(random), 0, values, raw);
    }
    for (int i = 0; i < 1000; i++) {
      double edge = values.nextEdgeAtOrAbove(value(random));
      assertThat(values.atLeastAbove(edge))
          .isEqualTo(number(raw, value -> value > edge))
          .isEqualTo(values.atMostAbove(edge));
    }
  }

  private static double value(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> 0;
      case 1 -> BOUNDS[random.nextInt(BOUNDS.length)];
      case 2 -> StrictMath.scalb(1, random.nextInt(-8, 8));
      default -> StrictMath.exp(2 * random.nextGaussian() - 2);
    };
  }

  /** Adds a value as itself, or within a histogram of one of several kinds. */
  private static void add(double value, int kind, DistributionAggregate values, List<Double> raw) {
    raw.add(value);
    if (kind == 1 && value > 0) {
      int scale = 3;
      values.addExponential(
          scale, 0, 0, (int) Math.ceil(8 * StrictMath.log(value) / StrictMath.log(2)) - 1, one());
    } else if (kind == 2) {
      long[] counts = new long[BOUNDS.length + 1];
      int bucket = Arrays.binarySearch(BOUNDS, value);
      counts[bucket >= 0 ? bucket : -bucket - 1] = 1;
      values.addExplicit(BOUNDS, counts);
    } else if (kind == 3 && value <= 1e-3) {
      values.addExponential(0, 1e-3, 1, 0, new long[0]);
    } else {
      values.addValue(value, 1);
    }
  }

  private static long[] one() {
    return new long[] {1};
  }

  private static long number(List<Double> raw, DoublePredicate condition) {
    return raw.stream().filter(condition::test).count();
  }
}
