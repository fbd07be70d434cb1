package io.canaryjudge.server.ingest.remotewrite;

import static io.canaryjudge.server.ingest.remotewrite.Messages.TIME;
import static io.canaryjudge.server.ingest.remotewrite.Messages.read;
import static io.canaryjudge.server.ingest.remotewrite.Messages.series;
import static io.canaryjudge.server.ingest.remotewrite.Messages.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.remotewrite.v1.BucketSpan;
import io.canaryjudge.remotewrite.v1.Histogram;
import io.canaryjudge.server.ingest.remotewrite.Messages.Table;
import io.canaryjudge.server.ingest.series.PointRejection;
import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.ingest.series.PointValue.Buckets;
import io.canaryjudge.server.ingest.series.PointValue.Exponential;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.run.Refusal;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What native histograms become. */
class NativeHistogramTest {

  /** Buckets 1, 2 and 5 with 2, 3 and 1 values, and one value of zero. */
  private static Histogram.Builder histogram() {
    return Histogram.newBuilder()
        .setCountInt(7)
        .setSum(20)
        .setSchema(0)
        .setZeroThreshold(0x1p-128)
        .setZeroCountInt(1)
        .addPositiveSpans(span(1, 2))
        .addPositiveSpans(span(2, 1))
        .addPositiveDeltas(2)
        .addPositiveDeltas(1)
        .addPositiveDeltas(-2)
        .setTimestamp(TIME);
  }

  private static BucketSpan.Builder span(int offset, int length) {
    return BucketSpan.newBuilder().setOffset(offset).setLength(length);
  }

  private static WritePoints taken(Histogram.Builder histogram) {
    return read(
        WriteMessage.V1, write(series("__name__", "latency_seconds").addHistograms(histogram)));
  }

  private static PointValue value(Histogram.Builder histogram) {
    WritePoints points = taken(histogram);
    assertThat(points.histograms().rejections()).isEmpty();
    assertThat(points.histograms().points()).hasSize(1);
    return points.histograms().points().getFirst().value();
  }

  private static void assertRefused(Histogram.Builder histogram, Refusal reason, String text) {
    WritePoints points = taken(histogram);
    assertThat(points.histograms().points()).isEmpty();
    assertThat(points.histograms().rejections())
        .extracting(PointRejection::reason)
        .containsExactly(reason);
    assertThat(points.histograms().rejections().getFirst().example()).contains(text);
  }

  /** Bucket 1 of schema 0 is (1, 2]: so is bucket 0 of an exponential histogram of scale 0. */
  @Test
  void bucketsAreCountedFromZeroAndWithoutGaps() {
    WritePoints points = taken(histogram());

    SeriesPoint point = points.histograms().points().getFirst();
    assertThat(point.name()).isEqualTo("latency_seconds");
    assertThat(point.timeNanos()).isEqualTo(TIME * 1_000_000);
    assertThat(points.samples().points()).isEmpty();
    assertExponential(point.value(), 0, 1, 0, 2, 3, 0, 0, 1);
    assertThat(((Exponential) point.value()).zeroThreshold()).isEqualTo(0x1p-128);
  }

  private static void assertExponential(
      PointValue value, int scale, long zeroCount, int offset, long... counts) {
    assertThat(value).isInstanceOf(Exponential.class);
    Exponential exponential = (Exponential) value;
    assertThat(exponential.scale()).isEqualTo(scale);
    assertThat(exponential.zeroCount()).isEqualTo(zeroCount);
    assertThat(exponential.offset()).isEqualTo(offset);
    assertThat(exponential.counts()).containsExactly(counts);
  }

  @ParameterizedTest
  @CsvSource({"-4, 4", "-1, -3", "0, -900", "3, 40", "8, -2000"})
  void everySchemaIsTheScaleOfTheSameBuckets(int schema, int first) {
    Histogram.Builder histogram =
        histogram().setSchema(schema).clearPositiveSpans().addPositiveSpans(span(first, 3));

    assertExponential(value(histogram), schema, 1, first - 1, 2, 3, 1);
  }

  @Test
  void anEmptyHistogramIsTaken() {
    assertExponential(value(Histogram.newBuilder().setTimestamp(TIME).setSchema(3)), 3, 0, 0);
  }

  @Test
  void spansOfLengthZeroOnlyMakeGaps() {
    Histogram.Builder histogram =
        histogram()
            .clearPositiveSpans()
            .addPositiveSpans(span(-3, 0))
            .addPositiveSpans(span(2, 3))
            .addPositiveSpans(span(7, 0));

    assertExponential(value(histogram), 0, 1, -2, 2, 3, 1);
  }

  @Test
  void bucketsFarApartAreJoinedUntilTheyAreFewEnough() {
    Histogram.Builder histogram =
        histogram()
            .setSchema(8)
            .clearPositiveSpans()
            .addPositiveSpans(span(-6_000, 2))
            .addPositiveSpans(span(12_000, 1));

    Exponential value = (Exponential) value(histogram);

    // Buckets -6,001 to 6,001; joined by fours they are fewer than 4,096.
    assertThat(value.scale()).isEqualTo(6);
    assertThat(value.offset()).isEqualTo(-1_501);
    assertThat(value.counts()).hasSize(3_002).startsWith(2, 3, 0).endsWith(0, 1);
  }

  @Test
  void valuesThatAreNaNAreInNoBucket() {
    assertExponential(value(histogram().setCountInt(9).setSum(Double.NaN)), 0, 1, 0, 2, 3, 0, 0, 1);
    assertRefused(
        histogram().setCountInt(9), Refusal.BAD_HISTOGRAM, "count: 9 (expected: the buckets' sum");
    assertRefused(histogram().setCountInt(6).setSum(Double.NaN), Refusal.BAD_HISTOGRAM, "count: 6");
  }

  @Test
  void aStaleMarkerIsNoValue() {
    WritePoints points =
        taken(
            Histogram.newBuilder()
                .setTimestamp(TIME)
                .setSum(Double.longBitsToDouble(PointReader.STALE)));

    assertThat(points.histograms().unwanted()).isEqualTo(1);
    assertThat(points.histograms().points()).isEmpty();
    assertThat(points.histograms().rejections()).isEmpty();
  }

  private static Histogram.Builder floating(double first, double zero) {
    return histogram()
        .setCountFloat(7)
        .setZeroCountFloat(zero)
        .clearPositiveDeltas()
        .addPositiveCounts(first)
        .addPositiveCounts(3)
        .addPositiveCounts(1);
  }

  @Test
  void countsThatAreNotWholeAreRoundedAndThatIsSaid() {
    assertExponential(value(floating(2.000_000_1, 1)), 0, 1, 0, 2, 3, 0, 0, 1);
    assertThat(taken(floating(2.000_000_1, 1)).roundedHistograms()).isZero();
    assertExponential(value(floating(2.4, 0.6)), 0, 1, 0, 2, 3, 0, 0, 1);
    assertThat(taken(floating(2.4, 0.6)).roundedHistograms()).isEqualTo(1);
    assertRefused(floating(-2, 1), Refusal.BAD_HISTOGRAM, "bucket 0: -2.0");
    assertRefused(floating(Double.NaN, 1), Refusal.BAD_HISTOGRAM, "bucket 0: NaN");
    assertRefused(floating(1, Double.POSITIVE_INFINITY), Refusal.BAD_HISTOGRAM, "zero_count");
  }

  private static Arguments refused(
      Refusal reason, String text, Consumer<Histogram.Builder> damage) {
    return Arguments.of(reason, text, damage);
  }

  static List<Arguments> damages() {
    return List.of(
        refused(Refusal.BAD_HISTOGRAM, "schema: 9", h -> h.setSchema(9)),
        refused(Refusal.BAD_HISTOGRAM, "schema: -5", h -> h.setSchema(-5)),
        refused(Refusal.WRONG_KIND, "a gauge histogram", h -> h.setResetHint(3)),
        refused(Refusal.NEGATIVE, "no values below 0", h -> h.addNegativeDeltas(1)),
        refused(Refusal.BAD_HISTOGRAM, "bucket 0: -2", h -> h.setPositiveDeltas(0, -2)),
        refused(Refusal.BAD_HISTOGRAM, "bucket 0", h -> h.setPositiveDeltas(0, Long.MIN_VALUE)),
        refused(Refusal.BAD_HISTOGRAM, "bucket 1", h -> h.setPositiveDeltas(1, Long.MAX_VALUE)),
        refused(Refusal.BAD_HISTOGRAM, "zero_count: -1", h -> h.setZeroCountInt(-1)),
        refused(Refusal.BAD_HISTOGRAM, "count: 18446744073709551615", h -> h.setCountInt(-1)),
        refused(Refusal.BAD_HISTOGRAM, "3 buckets, with 4", h -> h.addPositiveDeltas(0)),
        refused(Refusal.BAD_HISTOGRAM, "buckets, with 3", h -> h.addPositiveSpans(span(0, -1))),
        refused(
            Refusal.BAD_HISTOGRAM,
            "positive_spans[1].offset: -1",
            h -> h.setPositiveSpans(1, span(-1, 1))),
        refused(
            Refusal.BAD_HISTOGRAM,
            "within the range of a double",
            h -> h.setPositiveSpans(1, span(1_024, 1))),
        refused(
            Refusal.BAD_HISTOGRAM,
            "within the range of a double",
            h -> h.setPositiveSpans(0, span(Integer.MIN_VALUE, 2))),
        refused(Refusal.BAD_HISTOGRAM, "zero_threshold: NaN", h -> h.setZeroThreshold(Double.NaN)),
        refused(Refusal.BAD_HISTOGRAM, "zero_threshold: -1", h -> h.setZeroThreshold(-1)),
        refused(Refusal.MALFORMED, "timestamp: 0", Histogram.Builder::clearTimestamp),
        refused(
            Refusal.LIMIT,
            "buckets: 4097 (expected: at most 4096)",
            h -> {
              h.clearPositiveDeltas().clearPositiveSpans().addPositiveSpans(span(0, 4_097));
              for (int i = 0; i < 4_097; i++) {
                h.addPositiveDeltas(0);
              }
            }));
  }

  @ParameterizedTest
  @MethodSource("damages")
  void whatMakesNoSenseIsRefused(Refusal reason, String text, Consumer<Histogram.Builder> damage) {
    Histogram.Builder histogram = histogram();
    damage.accept(histogram);

    assertRefused(histogram, reason, text);
  }

  private static Histogram.Builder custom(double... bounds) {
    Histogram.Builder histogram = histogram().setSchema(-53).setCountInt(6).clearZeroCount();
    histogram.clearPositiveSpans().addPositiveSpans(span(1, 2)).addPositiveSpans(span(1, 1));
    for (double bound : bounds) {
      histogram.addCustomValues(bound);
    }
    return histogram;
  }

  @Test
  void customBoundsAreBuckets() {
    assertBuckets(value(custom(0.1, 0.5, 1, 2)), new double[] {0.1, 0.5, 1, 2}, 0, 2, 3, 0, 1);
    assertBuckets(value(custom(-1, 0.5, 1, 2, 4)), new double[] {0.5, 1, 2, 4}, 2, 3, 0, 1, 0);
  }

  private static void assertBuckets(PointValue value, double[] upperBounds, long... counts) {
    assertThat(value).isInstanceOf(Buckets.class);
    assertThat(((Buckets) value).upperBounds()).containsExactly(upperBounds);
    assertThat(((Buckets) value).counts()).containsExactly(counts);
  }

  @Test
  void customBoundsThatMakeNoSenseAreRefused() {
    assertRefused(custom(0.1, 0.5, 1), Refusal.BAD_HISTOGRAM, "buckets beyond the bounds");
    assertRefused(custom(0.1, 0.5, 0.5, 2), Refusal.BAD_HISTOGRAM, "custom_values[2]: 0.5");
    assertRefused(custom(0.1, Double.NaN, 1, 2), Refusal.BAD_HISTOGRAM, "custom_values[1]: NaN");
    assertRefused(
        custom(0.1, 1, 2, Double.POSITIVE_INFINITY), Refusal.BAD_HISTOGRAM, "custom_values[3]");
    assertRefused(custom(-3, -2, 1, 2), Refusal.NEGATIVE, "buckets below 0");
    assertRefused(
        custom(0.1, 0.5, 1, 2).setZeroCountInt(1).setCountInt(7),
        Refusal.BAD_HISTOGRAM,
        "zero_count: 1");
    Histogram.Builder many = custom();
    for (int i = 0; i < 513; i++) {
      many.addCustomValues(i);
    }
    assertRefused(many, Refusal.LIMIT, "custom_values: 513");
  }

  @Test
  void gapsCannotMakeARequestLarge() {
    Histogram.Builder sparse =
        histogram()
            .setSchema(8)
            .clearPositiveSpans()
            .addPositiveSpans(span(0, 2))
            .addPositiveSpans(span(4_000, 1));
    io.canaryjudge.remotewrite.v1.TimeSeries.Builder series = series("__name__", "x");
    for (int i = 0; i < 600; i++) {
      series.addHistograms(sparse);
    }

    WritePoints points = read(WriteMessage.V1, write(series));

    assertThat(points.histograms().points()).hasSize(WritePoints.MAX_BUCKETS / 4_003);
    assertThat(points.histograms().rejections())
        .extracting(PointRejection::reason)
        .containsExactly(Refusal.LIMIT);
  }

  @Test
  void version2KnowsTheStart() {
    Table table = new Table();
    table
        .series("__name__", "latency_seconds")
        .addHistogramsBuilder()
        .setTimestamp(TIME)
        .setStartTimestamp(TIME - 5);

    assertThat(read(WriteMessage.V2, table.write()).histograms().points().getFirst().startNanos())
        .isEqualTo((TIME - 5) * 1_000_000);
  }
}
