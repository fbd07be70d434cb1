package io.canaryjudge.analysis.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TrailingDistributionTest {
  private final TrailingDistribution trailing = new TrailingDistribution();

  @Test
  void olderValuesCountLess() {
    trailing.add(values(1, 100));
    trailing.decay(0.5);
    trailing.add(values(4, 100));

    assertThat(trailing.total()).isEqualTo(150);
    assertThat(trailing.shareAbove(2)).isCloseTo(2.0 / 3, within(1e-15));
  }

  @Test
  void theNearestEdgeHasTheNearestShareOfAllEdges() {
    Random random = new Random(2);
    DistributionAggregate values = new DistributionAggregate();
    for (int i = 0; i < 3000; i++) {
      values.addValue(StrictMath.exp(random.nextGaussian()), 1);
    }
    trailing.add(values);
    for (double share : new double[] {0.5, 0.1, 0.05, 0.01, 0.001}) {
      double edge = trailing.edgeNearest(share);
      double distance = Math.abs(values.atLeastAbove(edge) / 3000.0 - share);
      assertThat(values.atLeastAbove(edge)).isEqualTo(values.atMostAbove(edge));
      for (double y = 0.01; y < 50; y = values.nextEdgeAtOrAbove(Math.nextUp(y))) {
        double other = Math.abs(values.atLeastAbove(y) / 3000.0 - share);
        if (values.atLeastAbove(y) == values.atMostAbove(y)) {
          assertThat(distance).isLessThanOrEqualTo(other + 1e-12);
        }
      }
    }
  }

  @Test
  void ofSeveralNearestEdgesTheLowestIsTaken() {
    trailing.add(values(1, 90));
    trailing.add(values(8, 10));
    double edge = trailing.edgeNearest(0.1);
    assertThat(edge).isEqualTo(1); // 1 is the upper edge of its cell
  }

  @Test
  void explicitBucketsGiveTheirOwnEdges() {
    DistributionAggregate values = new DistributionAggregate();
    values.addExplicit(new double[] {0.1, 0.5, 1}, new long[] {60, 30, 8, 2});
    trailing.add(values);
    trailing.add(values(0.3, 10));

    assertThat(trailing.isMostlyExplicit()).isTrue();
    assertThat(trailing.edgeNearest(0.4)).isEqualTo(0.1);
    assertThat(trailing.edgeNearest(0.08)).isEqualTo(0.5);
    assertThat(trailing.edgeNearest(0.001)).isEqualTo(1);
  }

  @Test
  void mixedScalesAreBroughtToTheCoarsest() {
    trailing.add(values(3, 10));
    DistributionAggregate coarse = new DistributionAggregate();
    coarse.addExponential(0, 0, 0, 1, new long[] {10}); // (2, 4]
    trailing.add(coarse);
    trailing.add(values(0.9, 10));

    assertThat(trailing.shareAbove(2)).isCloseTo(2.0 / 3, within(1e-15));
    assertThat(trailing.shareAbove(4)).isZero();
    assertThat(trailing.shareAbove(StrictMath.sqrt(8))).isCloseTo(1.0 / 3, within(1e-12));
    assertThat(trailing.edgeNearest(0.6)).isEqualTo(1);
  }

  @Test
  void valuesThatHaveFadedLeaveNoCells() throws IOException {
    trailing.add(values(1e-6, 1));
    trailing.add(values(1e6, 1));
    int before = bytes().length;
    for (int i = 0; i < 100; i++) {
      trailing.decay(0.7);
      trailing.add(values(1, 1));
    }
    assertThat(bytes().length).isLessThan(before / 10);
    assertThat(trailing.shareAbove(2)).isZero();
  }

  @Test
  void zerosHaveNoEdge() {
    assertThat(trailing.edgeNearest(0.05)).isNaN();
    assertThat(trailing.shareAbove(1)).isZero();
    trailing.add(values(0, 100));
    assertThat(trailing.total()).isEqualTo(100);
    assertThat(trailing.edgeNearest(0.05)).isNaN();
    assertThat(trailing.shareAbove(-1)).isEqualTo(1);
  }

  @Test
  void aRestoredCopyContinuesToTheSameBits() throws IOException {
    Random random = new Random(3);
    TrailingDistribution restored = trailing;
    for (int i = 0; i < 200; i++) {
      DistributionAggregate values = new DistributionAggregate();
      for (int n = 0; n < 5; n++) {
        MergeLawsTest.addRandom(values, random);
      }
      trailing.decay(0.97);
      trailing.add(values);
      if (restored != trailing) {
        restored.decay(0.97);
        restored.add(values);
      }
      if (i == 100) {
        restored = TrailingDistribution.read(in(bytes()));
      }
    }
    assertThat(bytes(restored)).isEqualTo(bytes());
    assertThat(restored.edgeNearest(0.1)).isEqualTo(trailing.edgeNearest(0.1)).isPositive();
    assertThat(restored.explicitEdgeNearest(0.1, 1.1))
        .isEqualTo(trailing.explicitEdgeNearest(0.1, 1.1))
        .isPositive();
  }

  @Test
  void bytesCutShortAreRefused() throws IOException {
    trailing.add(values(2, 10));
    byte[] bytes = bytes();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatIOException().isThrownBy(() -> TrailingDistribution.read(in(cut)));
    }
    bytes[0] = 9;
    assertThatIOException()
        .isThrownBy(() -> TrailingDistribution.read(in(bytes)))
        .withMessageContaining("(expected: 1)");
  }

  @Test
  void refusesWhatIsNoFactor() {
    for (double factor : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> trailing.decay(factor))
          .withMessageContaining("factor: " + factor);
    }
  }

  private static DistributionAggregate values(double value, long times) {
    DistributionAggregate values = new DistributionAggregate();
    values.addValue(value, times);
    return values;
  }

  private byte[] bytes() throws IOException {
    return bytes(trailing);
  }

  private static byte[] bytes(TrailingDistribution of) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    of.write(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static DataInputStream in(byte[] bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes));
  }
}
