package io.canaryjudge.analysis.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.policy.MetricKind;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Merging is commutative and associative and has an identity, to the byte, for every kind. */
class MergeLawsTest {
  private static final int TRIES = 1_000;

  private final Random seeds = new Random(20261121);

  private WindowAggregate anyWindow() {
    return randomWindow(seeds.nextLong());
  }

  @Test
  void mergingIsCommutative() {
    for (int i = 0; i < TRIES; i++) {
      WindowAggregate a = anyWindow();
      WindowAggregate b = anyWindow();
      assertThat(merged(a, b)).as("try %d", i).isEqualTo(merged(b, a));
    }
  }

  @Test
  void mergingIsAssociative() {
    for (int i = 0; i < TRIES; i++) {
      WindowAggregate a = anyWindow();
      WindowAggregate b = anyWindow();
      WindowAggregate c = anyWindow();
      WindowAggregate left = a.copy();
      left.merge(b);
      left.merge(c);
      WindowAggregate right = b.copy();
      right.merge(c);
      assertThat(merged(a, right)).as("try %d", i).isEqualTo(AggregateCodec.encode(left));
    }
  }

  @Test
  void mergingWithNothingChangesNothing() {
    for (int i = 0; i < TRIES; i++) {
      WindowAggregate a = anyWindow();
      byte[] before = AggregateCodec.encode(a);
      assertThat(merged(a, new WindowAggregate())).as("try %d", i).isEqualTo(before);
      assertThat(merged(new WindowAggregate(), a)).as("try %d", i).isEqualTo(before);
      assertThat(AggregateCodec.encode(a)).as("try %d", i).isEqualTo(before);
    }
  }

  @Test
  void mergingLeavesTheOtherAloneAndSharesNothing() {
    for (int i = 0; i < TRIES; i++) {
      WindowAggregate a = anyWindow();
      WindowAggregate b = anyWindow();
      byte[] before = AggregateCodec.encode(b);
      WindowAggregate sum = new WindowAggregate();
      sum.merge(b);
      sum.merge(a);
      sum.merge(b);
      assertThat(AggregateCodec.encode(b)).as("try %d", i).isEqualTo(before);
    }
  }

  @Test
  void aHistogramIsTheSumOfItsBuckets() {
    for (int i = 0; i < TRIES; i++) {
      Random random = new Random(seeds.nextLong());
      int scale = random.nextInt(-6, 12);
      long octave = scale >= 0 ? 1L << scale : 1;
      // Now and then near the smallest doubles, where cells end.
      int offset = (int) (octave * (random.nextInt(3) == 0 ? -1030 : random.nextInt(-3, 3)));
      offset = scale < 0 ? offset >> -scale : offset;
      long[] counts = new long[random.nextInt(1, scale >= 0 ? 400 : 2 + (400 >> -scale))];
      for (int bucket = 0; bucket < counts.length; bucket++) {
        counts[bucket] = random.nextInt(3) == 0 ? random.nextInt(5) : 0;
      }
      DistributionAggregate whole = new DistributionAggregate();
      whole.addValue(1, 1);
      whole.addExponential(scale, 0, 2, offset, counts);
      DistributionAggregate parts = new DistributionAggregate();
      for (int bucket = counts.length - 1; bucket >= 0; bucket--) {
        parts.addExponential(scale, 0, 0, offset + bucket, new long[] {counts[bucket]});
      }
      parts.addExponential(scale, 0, 2, 0, new long[0]);
      parts.addValue(1, 1);
      assertThat(bytes(whole)).as("try %d", i).isEqualTo(bytes(parts));
    }
  }

  private static byte[] merged(WindowAggregate a, WindowAggregate b) {
    WindowAggregate sum = a.copy();
    sum.merge(b);
    return AggregateCodec.encode(sum);
  }

  static byte[] bytes(DistributionAggregate values) {
    WindowAggregate window = new WindowAggregate();
    window.at(0, Arm.CANARY, "i", MetricKind.DISTRIBUTION).merge(values);
    return AggregateCodec.encode(window);
  }

  /** Up to 12 samples of every kind, in two metrics, both arms, three strata and instances. */
  static WindowAggregate randomWindow(long seed) {
    Random random = new Random(seed);
    WindowAggregate window = new WindowAggregate();
    int samples = random.nextInt(12);
    for (int i = 0; i < samples; i++) {
      Arm arm = random.nextBoolean() ? Arm.BASELINE : Arm.CANARY;
      String instance = "pod-" + random.nextInt(3);
      String stratum = random.nextInt(3) == 0 ? "/route-" + random.nextInt(2) : "";
      if (random.nextInt(4) == 0) {
        window.started(arm, instance, random.nextLong());
      }
      if (random.nextInt(3) == 0) {
        long total = random.nextInt(1000);
        ((ProportionAggregate) window.at(0, arm, stratum, instance, MetricKind.PROPORTION))
            .add(total, total == 0 ? 0 : random.nextLong(total));
      } else {
        addRandom(
            (DistributionAggregate) window.at(1, arm, stratum, instance, MetricKind.DISTRIBUTION),
            random);
      }
    }
    return window;
  }

  static void addRandom(DistributionAggregate values, Random random) {
    switch (random.nextInt(5)) {
      case 0 -> values.addValue(random.nextInt(5), random.nextInt(3));
      case 1 -> values.addValue(StrictMath.exp(10 * random.nextGaussian()), 1);
      case 2 ->
          values.addExponential(
              random.nextInt(-2, 12),
              random.nextInt(3) * 1e-3,
              random.nextInt(3),
              random.nextInt(-200, 20),
              random.longs(random.nextInt(100), 0, 4).toArray());
      case 3 ->
          values.addNative(
              random.nextInt(-4, 9),
              random.nextInt(3) * 1e-6,
              random.nextInt(3),
              random.nextInt(-50, 10),
              random.longs(random.nextInt(50), 0, 4).toArray());
      default -> {
        double[] bounds =
            random.nextBoolean() ? new double[] {0.1, 0.5, 1, 5} : new double[] {0, 0.5, 2};
        values.addExplicit(bounds, random.longs(bounds.length + 1, 0, 4).toArray());
      }
    }
  }
}
