package io.canaryjudge.analysis.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.canaryjudge.analysis.aggregate.TrailingDistribution.Cut;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TrailingDistributionTest {
  private final TrailingDistribution trailing = new TrailingDistribution(4);

  @Test
  void olderValuesCountLess() {
    trailing.add(values(1, 100));
    pass(4);
    trailing.add(values(4, 100));

    assertThat(trailing.count()).isCloseTo(150, within(1e-12));
    assertThat(trailing.shareAbove(2)).isCloseTo(2.0 / 3, within(1e-15));
  }

  @Test
  void weightsAreScaledDownWithoutATrace() {
    TrailingDistribution late = new TrailingDistribution(4);
    for (int i = 0; i < 1000; i++) {
      late.passWindow();
    }
    for (TrailingDistribution each : new TrailingDistribution[] {trailing, late}) {
      for (int i = 0; i < 500; i++) { // 125 half-lives: scaled down on the way
        each.add(values(1 + i % 7, 3 + i % 5));
        each.passWindow();
      }
    }
    assertThat(late.count()).isCloseTo(trailing.count(), within(1e-12 * trailing.count()));
    for (double y = 0.5; y < 10; y += 0.25) {
      assertThat(late.shareAbove(y)).isCloseTo(trailing.shareAbove(y), within(1e-12));
    }
  }

  @Test
  void theEdgesBesideAQuantileHaveTheNearestShares() {
    Random random = new Random(2);
    DistributionAggregate values = new DistributionAggregate();
    for (int i = 0; i < 3000; i++) {
      values.addValue(StrictMath.exp(random.nextGaussian()), 1);
    }
    trailing.add(values);
    for (double share : new double[] {0.5, 0.1, 0.05, 0.01, 0.001}) {
      Cut cut = trailing.cut(share);
      assertThat(cut.lowest()).isLessThanOrEqualTo(cut.lower());
      assertThat(cut.lower()).isLessThan(cut.upper());
      assertThat(cut.upper()).isEqualTo(values.nextEdgeAtOrAbove(Math.nextUp(cut.lower())));
      assertThat(cut.shareAboveLower()).isGreaterThanOrEqualTo(share);
      assertThat(cut.shareAboveUpper()).isLessThan(share);
      for (double edge : new double[] {cut.lowest(), cut.lower()}) {
        assertThat(values.atLeastAbove(edge)).isEqualTo(values.atMostAbove(edge));
        assertThat(values.atLeastAbove(edge) / 3000.0)
            .isCloseTo(cut.shareAboveLower(), within(1e-12));
      }
    }
  }

  @Test
  void betweenTwoValuesEveryEdgeWillDo() {
    trailing.add(values(1, 90));
    trailing.add(values(8, 10));

    Cut cut = trailing.cut(0.1);

    assertThat(cut.lowest()).isEqualTo(1); // 1 is the upper edge of its cell
    assertThat(cut.lower()).isBetween(7.9, Math.nextDown(8.0));
    assertThat(cut.upper()).isEqualTo(8);
    assertThat(cut.shareAboveUpper()).isZero();
  }

  @Test
  void explicitBucketsGiveTheirOwnEdges() {
    DistributionAggregate values = new DistributionAggregate();
    values.addExplicit(new double[] {0.1, 0.5, 1}, new long[] {60, 30, 8, 2});
    trailing.add(values);
    trailing.add(values(0.3, 10));

    assertThat(trailing.isExplicit()).isTrue();
    assertThat(trailing.cut(0.4)).extracting(Cut::lower, Cut::upper).containsExactly(0.1, 0.5);
    assertThat(trailing.cut(0.08)).extracting(Cut::lower, Cut::upper).containsExactly(0.5, 1.0);
    assertThat(trailing.cut(0.99)).extracting(Cut::lower, Cut::upper).containsExactly(-1.0, 0.1);
    assertThat(trailing.cut(0.001).upper()).isInfinite();
    assertThat(trailing.nextEdgeAtOrAbove(0.2)).isEqualTo(0.5);
    assertThat(trailing.nextEdgeAtOrAbove(1.1)).isInfinite();
    assertThat(trailing.edgeAtOrBelow(0.5)).isEqualTo(0.5);
    assertThat(trailing.edgeAtOrBelow(0.05)).isZero();
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
    assertThat(trailing.cut(0.6)).extracting(Cut::lowest, Cut::lower).containsExactly(1.0, 2.0);
    assertThat(trailing.nextEdgeAtOrAbove(3)).isEqualTo(4);
    assertThat(trailing.edgeAtOrBelow(3)).isEqualTo(2);
    assertThat(trailing.edgeAtOrBelow(4)).isEqualTo(4);
  }

  @Test
  void zerosAreBelowEveryEdge() {
    assertThatIllegalStateException().isThrownBy(() -> trailing.cut(0.05));
    trailing.add(values(0, 100));

    assertThat(trailing.count()).isEqualTo(100);
    assertThat(trailing.cut(0.05)).isEqualTo(new Cut(-1, -1, 1, 0, 0));

    trailing.add(values(2, 100));
    assertThat(trailing.cut(0.6)).isEqualTo(new Cut(-1, -1, 1, 0, 0.5));
    assertThat(trailing.cut(0.4).upper()).isEqualTo(2);
  }

  @Test
  void aRestoredCopyContinuesToTheSameBits() throws IOException {
    Random random = new Random(3);
    TrailingDistribution restored = trailing;
    for (int i = 0; i < 400; i++) {
      DistributionAggregate values = new DistributionAggregate();
      for (int n = 0; n < 5; n++) {
        MergeLawsTest.addRandom(values, random);
      }
      trailing.passWindow();
      trailing.add(values);
      if (restored != trailing) {
        restored.passWindow();
        restored.add(values);
      }
      if (i == 200) {
        restored = new TrailingDistribution(4);
        restored.read(in(bytes(trailing)));
      }
    }
    assertThat(bytes(restored)).isEqualTo(bytes(trailing));
    assertThat(restored.cut(0.1)).isEqualTo(trailing.cut(0.1));
  }

  @Test
  void bytesCutShortAreRefused() throws IOException {
    trailing.add(values(2, 10));
    byte[] bytes = bytes(trailing);
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatIOException().isThrownBy(() -> new TrailingDistribution(4).read(in(cut)));
    }
    bytes[0] = 9;
    assertThatIOException()
        .isThrownBy(() -> new TrailingDistribution(4).read(in(bytes)))
        .withMessageContaining("(expected: 1)");
  }

  @Test
  void refusesWhatIsNoHalfLife() {
    for (double windows : new double[] {-1, 0, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new TrailingDistribution(windows))
          .withMessageContaining("windowsPerHalfLife: " + windows);
    }
  }

  private void pass(int windows) {
    for (int i = 0; i < windows; i++) {
      trailing.passWindow();
    }
  }

  private static DistributionAggregate values(double value, long times) {
    DistributionAggregate values = new DistributionAggregate();
    values.addValue(value, times);
    return values;
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
