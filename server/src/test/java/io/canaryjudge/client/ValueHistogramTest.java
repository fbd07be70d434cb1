package io.canaryjudge.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.proto.v1.DistributionSample;
import io.canaryjudge.proto.v1.ExponentialHistogram;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ValueHistogramTest {

  private static double edge(int index) {
    return StrictMath.pow(2, index / 64.0);
  }

  private static List<ExponentialHistogram> written(double... values) {
    var histogram = new ValueHistogram();
    for (double value : values) {
      histogram.add(value);
    }
    assertThat(histogram.count()).isEqualTo(values.length);
    var batch = new BatchFiller(1000);
    histogram.writeTo(batch, 1, 5);
    assertThat(batch.observations()).isEqualTo(values.length);
    return batch.batch().getDistributionsList().stream()
        .map(DistributionSample::getExponential)
        .toList();
  }

  @Test
  void bucketsHoldTheirUpperEdgeAndNotTheirLowerOne() {
    assertThat(ValueHistogram.index(1.0)).isEqualTo(-1);
    assertThat(ValueHistogram.index(Math.nextUp(1.0))).isEqualTo(0);
    assertThat(ValueHistogram.index(2.0)).isEqualTo(63);
    assertThat(ValueHistogram.index(Math.nextUp(2.0))).isEqualTo(64);
    assertThat(ValueHistogram.index(0.5)).isEqualTo(-65);
    assertThat(ValueHistogram.index(Math.sqrt(2))).isEqualTo(31);
    assertThat(ValueHistogram.index(Math.nextUp(Math.sqrt(2)))).isEqualTo(32);
  }

  @Test
  void everyValueLiesInItsBucket() {
    var random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      double value = Math.exp(random.nextDouble() * 40 - 20);
      int index = ValueHistogram.index(value);
      // The edges of this check are rounded, so they get a rounding error of room.
      assertThat(value).isGreaterThan(edge(index) * (1 - 1e-15));
      assertThat(value).isLessThanOrEqualTo(edge(index + 1) * (1 + 1e-15));
    }
  }

  @Test
  void anEmptyHistogramWritesNothing() {
    assertThat(written()).isEmpty();
  }

  @Test
  void writesZerosAndTrimsEmptyBuckets() {
    var parts = written(0, Double.MIN_VALUE, 1.5, 1.5, 3);
    assertThat(parts).hasSize(1);
    var part = parts.getFirst();
    assertThat(part.getScale()).isEqualTo(6);
    assertThat(part.getZeroCount()).isEqualTo(2);
    assertThat(part.getOffset()).isEqualTo(ValueHistogram.index(1.5));
    assertThat(part.getBucketCountsList()).hasSize(65).startsWith(2L).endsWith(1L);
  }

  @Test
  void onlyZerosNeedNoBucket() {
    assertThat(written(0, 0))
        .containsExactly(ExponentialHistogram.newBuilder().setScale(6).setZeroCount(2).build());
  }

  @Test
  void valuesFarApartAreWrittenAsSeveralSamples() {
    var parts = written(1e-300, 1, 1e300, 1e300);
    assertThat(parts).hasSizeGreaterThan(1);
    assertThat(parts).allMatch(part -> part.getBucketCountsCount() <= 4096);
    assertThat(parts.getFirst().getOffset()).isEqualTo(ValueHistogram.index(1e-300));
    var last = parts.getLast();
    assertThat(last.getOffset() + last.getBucketCountsCount() - 1)
        .isEqualTo(ValueHistogram.index(1e300));
  }
}
