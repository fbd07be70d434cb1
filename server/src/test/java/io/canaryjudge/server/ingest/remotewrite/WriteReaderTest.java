package io.canaryjudge.server.ingest.remotewrite;

import static io.canaryjudge.server.ingest.remotewrite.Messages.TIME;
import static io.canaryjudge.server.ingest.remotewrite.Messages.read;
import static io.canaryjudge.server.ingest.remotewrite.Messages.sample;
import static io.canaryjudge.server.ingest.remotewrite.Messages.sample2;
import static io.canaryjudge.server.ingest.remotewrite.Messages.series;
import static io.canaryjudge.server.ingest.remotewrite.Messages.write;
import static io.canaryjudge.server.ingest.remotewrite.WriteMessage.V1;
import static io.canaryjudge.server.ingest.remotewrite.WriteMessage.V2;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.remotewrite.v1.Histogram;
import io.canaryjudge.remotewrite.v1.Sample;
import io.canaryjudge.remotewrite.v1.TimeSeries;
import io.canaryjudge.remotewrite.v2.Metadata;
import io.canaryjudge.remotewrite.v2.Request;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.remotewrite.Messages.Table;
import io.canaryjudge.server.ingest.series.Labels;
import io.canaryjudge.server.ingest.series.Memo;
import io.canaryjudge.server.ingest.series.PointRejection;
import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.ingest.series.SeriesRequest;
import io.canaryjudge.server.ingest.series.Temporality;
import io.canaryjudge.server.run.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the series of a request become. */
class WriteReaderTest {

  @Test
  void aSeriesOfVersion1BecomesPointsInItsOrder() {
    TimeSeries.Builder requests =
        series("__name__", "http_requests_total", "code", "500", "version", "1.5.0")
            .addSamples(Sample.newBuilder().setValue(3).setTimestamp(TIME))
            .addSamples(Sample.newBuilder().setValue(7).setTimestamp(TIME + 5_000));

    assertThat(read(V1, write(requests)).samples().points())
        .containsExactly(
            point("http_requests_total", 0, TIME, new PointValue.Count(3), "code", "500"),
            point("http_requests_total", 0, TIME + 5_000, new PointValue.Count(7), "code", "500"));
  }

  private static SeriesPoint point(
      String name, long start, long time, PointValue value, String key, String label) {
    return new SeriesPoint(
        name,
        "",
        Labels.of(Map.of(key, label, "version", "1.5.0")),
        Temporality.CUMULATIVE,
        start * 1_000_000,
        time * 1_000_000,
        value);
  }

  @ParameterizedTest
  @CsvSource({
    "orders_total, Count, orders_total",
    "orders.placed_total, Count, orders_placed_total",
    "request_duration_seconds_count, Count, request_duration_seconds_count",
    "envoy_cluster_upstream_rq, Gauge, envoy_cluster_upstream_rq",
    "queue_length, Gauge, queue_length",
  })
  void withoutATypeTheNameSaysWhatIsACounter(String name, String kind, String read) {
    SeriesPoint point = only(write(series("__name__", name).addSamples(sample(4))));

    assertThat(point.value().getClass().getSimpleName()).isEqualTo(kind);
    assertThat(point.name()).isEqualTo(read);
  }

  private static SeriesPoint only(byte[] body) {
    List<SeriesPoint> points = read(V1, body).samples().points();
    assertThat(points).hasSize(1);
    return points.getFirst();
  }

  @ParameterizedTest
  @CsvSource({
    "0.25, 0.25",
    "1e-05, 0.00001",
    "5.0, 5",
    "+Inf, Infinity",
    "-0, 0",
  })
  void aBucketIsNamedAfterItsHistogram(String le, double upperBound) {
    SeriesPoint point =
        only(
            write(
                series("__name__", "latency_seconds_bucket", "le", le, "version", "1.5.0")
                    .addSamples(sample(9))));

    assertThat(point.name()).isEqualTo("latency_seconds");
    assertThat(point.labels()).isEqualTo(Labels.of(Map.of("version", "1.5.0")));
    assertThat(point.value()).isEqualTo(new PointValue.ClassicBucket(upperBound, 9));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "NaN", "1d", "0x1p3", "Infinity", "-Inf", "1e999", " 1", "1,5"})
  void aBucketWithoutAProperBoundIsRefused(String le) {
    TimeSeries.Builder bucket =
        series("__name__", "latency_seconds_bucket", "le", le).addSamples(sample(9));

    assertRefused(read(V1, write(bucket)).samples(), Refusal.BAD_HISTOGRAM, 1, "le: ");
  }

  @Test
  void aBucketBelowZeroSaysNothingOrTooMuch() {
    WritePoints points =
        read(
            V1,
            write(
                series("__name__", "t_bucket", "le", "-1").addSamples(sample(0)),
                series("__name__", "t_bucket", "le", "-0.5").addSamples(sample(2))));

    assertThat(points.samples().unwanted()).isEqualTo(1);
    assertRefused(points.samples(), Refusal.NEGATIVE, 1, "bucket up to -0.5: 2.0 values");
  }

  @Test
  void aStaleMarkerIsNoValue() {
    byte[] body =
        write(
            series("__name__", "a_total")
                .addSamples(sample(1))
                .addSamples(sample(Double.longBitsToDouble(0x7ff0_0000_0000_0002L))));

    WritePoints points = read(V1, body);

    assertThat(points.samples().points()).hasSize(1);
    assertThat(points.samples().unwanted()).isEqualTo(1);
    assertThat(points.samples().rejections()).isEmpty();
  }

  @Test
  void valuesThatMakeNoSenseAreRefusedOneByOne() {
    WritePoints points =
        read(
            V1,
            write(
                series("__name__", "a_total", "pod", "x")
                    .addSamples(sample(5))
                    .addSamples(sample(Double.NaN))
                    .addSamples(sample(Double.POSITIVE_INFINITY))
                    .addSamples(sample(-1))
                    .addSamples(Sample.newBuilder().setValue(6))
                    .addSamples(Sample.newBuilder().setValue(6).setTimestamp(-1))
                    .addSamples(Sample.newBuilder().setValue(6).setTimestamp(Long.MAX_VALUE))
                    .addSamples(sample(4)))); // less than before: a restart, which is no fault

    assertThat(points.samples().points().stream().map(SeriesPoint::value))
        .containsExactly(new PointValue.Count(5), new PointValue.Count(4));
    assertRefused(
        points.samples(),
        Refusal.NOT_FINITE,
        2,
        "{__name__=\"a_total\", pod=\"x\"} value: NaN (expected: finite, at least 0)");
    assertRefused(points.samples(), Refusal.NEGATIVE, 1, "value: -1.0");
    assertRefused(points.samples(), Refusal.MALFORMED, 2, "timestamp: 0 (expected: milliseconds");
    assertRefused(points.samples(), Refusal.IN_FUTURE, 1, "timestamp: 9223372036854775807");
  }

  @Test
  void badLabelsRefuseTheirSeriesAndNoOther() {
    WritePoints points =
        read(
            V1,
            write(
                series("code", "200").addSamples(sample(1)),
                series("__name__", "").addSamples(sample(1)),
                series("__name__", "a_total", "x", "1", "x", "2").addSamples(sample(1)),
                series("__name__", "a_total", "x", "1", "b", "", "x", "2").addSamples(sample(1)),
                series("__name__", "a_total", "", "1").addSamples(sample(1)).addSamples(sample(2)),
                series("__name__", "a_total", "x", "1".repeat(2_049)).addSamples(sample(1)),
                series("__name__", "a_total", "x".repeat(1_025), "1").addSamples(sample(1)),
                labelled(65),
                labelled(64),
                // Nothing depends on the order, or on an empty label: version 1.0 let senders do
                // it.
                series("b", "1", "__name__", "a_total", "a", "").addSamples(sample(1))));

    assertThat(points.samples().points()).hasSize(2);
    assertThat(points.samples().points().getLast().labels()).isEqualTo(Labels.of(Map.of("b", "1")));
    assertRefused(
        points.samples(), Refusal.BAD_SERIES, 6, "{code=\"200\"} __name__: nothing (expected");
    assertRefused(points.samples(), Refusal.LIMIT, 3, "2049 of value");
  }

  private static TimeSeries.Builder labelled(int labels) {
    TimeSeries.Builder series = series("__name__", "a_total").addSamples(sample(1));
    IntStream.range(1, labels)
        .forEach(i -> series.addLabelsBuilder().setName("l%03d".formatted(i)).setValue("v"));
    return series;
  }

  @Test
  void whatNobodyWantsIsOnlyCounted() {
    RecordingIntake intake = new RecordingIntake("wanted"::equals);
    WritePoints points = new WritePoints();
    // Broken behind the name, which nobody looks at.
    TimeSeries.Builder other = series("__name__", "go_gc", "x", "1", "x", "1");
    byte[] body =
        write(
            other.clone().addSamples(sample(1)).addSamples(sample(Double.NaN)),
            other.clone().addHistograms(Histogram.newBuilder().setSchema(99)),
            series("__name__", "wanted_bucket", "le", "1").addSamples(sample(1)),
            series("__name__", "wanted_bucket", "le", "2").addSamples(sample(1)));

    WriteReader.read(V1, body, new WantedNames(intake), new SeriesHeads(new Memo<>()), points);

    assertThat(points.samples().unwanted()).isEqualTo(2);
    assertThat(points.histograms().unwanted()).isEqualTo(1);
    assertThat(points.samples().points()).hasSize(2);
    assertThat(points.samples().rejections()).isEmpty();
    assertThat(intake.asked()).containsExactly("go_gc", "wanted");
  }

  @Test
  void aSeriesOfVersion2HasTypeUnitAndStart() {
    Table table = new Table();
    table
        .series("__name__", "envoy_cluster_upstream_rq", "code", "500", "version", "1.5.0")
        .addSamples(sample2(3).setStartTimestamp(TIME - 60_000))
        .addSamples(sample2(4))
        .setMetadata(Metadata.newBuilder().setType(1).setUnitRef(table.ref("seconds")));

    List<SeriesPoint> points = read(V2, table.write()).samples().points();

    assertThat(points.getFirst().value()).isEqualTo(new PointValue.Count(3));
    assertThat(points.getFirst().unit()).isEqualTo("s");
    assertThat(points.getFirst().labels())
        .isEqualTo(Labels.of(Map.of("code", "500", "version", "1.5.0")));
    assertThat(points.getFirst().startNanos()).isEqualTo((TIME - 60_000) * 1_000_000);
    assertThat(points.getLast().startNanos()).isZero();
  }

  @Test
  void theStartOfASeriesAsInDraftsHoldsForItsPoints() {
    Table table = new Table();
    table
        .series("__name__", "a_total")
        .setCreatedTimestamp(TIME + 1) // by a clock that is ahead
        .addSamples(sample2(3))
        .addSamples(sample2(3).setStartTimestamp(TIME - 1));

    assertThat(read(V2, table.write()).samples().points().stream().map(SeriesPoint::startNanos))
        .containsExactly((TIME + 1) * 1_000_000, (TIME - 1) * 1_000_000);
  }

  @ParameterizedTest
  @CsvSource({
    "queue, 1, Count",
    "queue, 3, Count",
    "orders_total, 2, Gauge",
    "orders_created, 1, Gauge",
    "orders_total, 0, Count",
    "orders_total, 99, Count",
    "latency_count, 5, Count",
    "latency_sum, 5, Count",
    "latency, 5, Gauge",
    "latency_gcount, 4, Gauge",
    "build, 6, Gauge",
    "state, 7, Gauge",
  })
  void theTypeDecidesWhatIsACounter(String name, int type, String kind) {
    Table table = new Table();
    table
        .series("__name__", name)
        .addSamples(sample2(1))
        .setMetadata(Metadata.newBuilder().setType(type));

    assertThat(
            read(V2, table.write())
                .samples()
                .points()
                .getFirst()
                .value()
                .getClass()
                .getSimpleName())
        .isEqualTo(kind);
  }

  @Test
  void theBucketsOfAGaugeHistogramAreNoCounts() {
    Table table = new Table();
    table
        .series("__name__", "age_bucket", "le", "1")
        .addSamples(sample2(1))
        .setMetadata(Metadata.newBuilder().setType(4));

    assertRefused(
        read(V2, table.write()).samples(), Refusal.WRONG_KIND, 1, "type: a gauge histogram");
  }

  @Test
  void version2IsStrictAboutLabels() {
    Table table = new Table();
    table.series("a", "1", "__name__", "x_total").addSamples(sample2(1));
    table.series("__name__", "x_total", "a", "1", "a", "2").addSamples(sample2(1));
    table.series("__name__", "x_total", "a", "").addSamples(sample2(1));
    table.series("__name__", "x_total", "", "1").addSamples(sample2(1));
    table.series("a", "1").addSamples(sample2(1));
    table.series("__name__", "x_total").addLabelsRefs(1).addSamples(sample2(1));
    table.series("__name__", "x_total").addLabelsRefs(1).addLabelsRefs(99).addSamples(sample2(1));
    table.series("__name__", "x_total").addLabelsRefs(1).addLabelsRefs(-1).addSamples(sample2(1));
    table.series("__name__", "x_total", "\uFFFD", "1", "\uD83D\uDE00", "2").addSamples(sample2(5));

    WritePoints points = read(V2, table.write());

    assertThat(points.samples().points().stream().map(SeriesPoint::value))
        .as("UTF-8 sorts an emoji after U+FFFD, though its chars are less")
        .containsExactly(new PointValue.Count(5));
    assertRefused(
        points.samples(), Refusal.BAD_SERIES, 8, "labels: __name__ after a (expected: sorted by");
  }

  @Test
  void tooManyLabelsOfVersion2AreRefused() {
    Table table = new Table();
    io.canaryjudge.remotewrite.v2.TimeSeries.Builder series =
        table.series("__name__", "x_total").addSamples(sample2(1));
    for (int i = 1; i < 65; i++) {
      series.addLabelsRefs(table.ref("l%03d".formatted(i))).addLabelsRefs(table.ref("v"));
    }

    assertRefused(
        read(V2, table.write()).samples(), Refusal.LIMIT, 1, "labels_refs: 130 references");
  }

  @Test
  void theTableMayComeLast() throws Exception {
    Table table = new Table();
    table.series("__name__", "x_total", "a", "1").addSamples(sample2(1));
    Request request = Request.parseFrom(table.write());
    byte[] series = request.toBuilder().clearSymbols().build().toByteArray();
    byte[] symbols = request.toBuilder().clearTimeseries().build().toByteArray();
    byte[] turned = Arrays.copyOf(series, series.length + symbols.length);
    System.arraycopy(symbols, 0, turned, series.length, symbols.length);

    assertThat(read(V2, turned).samples().points())
        .isEqualTo(read(V2, table.write()).samples().points())
        .hasSize(1);
  }

  @Test
  void exemplarsAreCountedAndNotRead() {
    Table table = new Table();
    table
        .series("__name__", "x_total")
        .addSamples(sample2(1))
        .addExemplarsBuilder()
        .setValue(-1)
        .addLabelsRefs(77);

    WritePoints points = read(V2, table.write());

    assertThat(points.exemplars()).isEqualTo(1);
    assertThat(points.samples().rejections()).isEmpty();
  }

  @Test
  void eachVersionReadAsTheOtherIsEmpty() {
    Table table = new Table();
    table.series("__name__", "x_total").addSamples(sample2(1));

    assertThat(read(V1, table.write()).samples().points()).isEmpty();
    assertThat(
            read(V2, write(series("__name__", "x_total").addSamples(sample(1)))).samples().points())
        .isEmpty();
  }

  @Test
  void pointsBeyondTheLimitOfARequestAreRefused() {
    TimeSeries.Builder series = series("__name__", "a_total");
    for (int i = 0; i < WritePoints.MAX_POINTS + 2; i++) {
      series.addSamples(Sample.newBuilder().setValue(i).setTimestamp(TIME + i));
    }

    WritePoints points = read(V1, write(series));

    assertThat(points.samples().points()).hasSize(WritePoints.MAX_POINTS);
    assertRefused(points.samples(), Refusal.LIMIT, 2, "at most 100000 wanted points");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0a", // a length that is not there
        "0a05", // a series that is not there
        "0a02 0a05", // a label beyond its series
        "0a04 0a02 0a05", // a text beyond its label
        "0affffffff0f", // a length below zero
        "ffffffffffffffffffff01", // a tag that does not end
        "0b", // a group without end
        "0c", // the end of a group that did not begin
        "00", // tag 0
      })
  void malformedProtobufIsRefusedAsAWhole(String hex) {
    byte[] body = HexFormat.of().parseHex(hex.replace(" ", ""));

    assertThatThrownBy(() -> read(V1, body))
        .isInstanceOf(JudgeException.class)
        .hasMessageStartingWith("body: malformed protobuf")
        .extracting(error -> ((JudgeException) error).reason())
        .isEqualTo(ErrorReason.INVALID_FIELD);
  }

  @Test
  void labelsThatAreNotUtf8AreMalformed() {
    byte[] body = write(series("__name__", "a_total", "x", "MARK").addSamples(sample(1)));
    String text = new String(body, StandardCharsets.ISO_8859_1).replace("MARK", "MA\u00ff\u00fe");

    assertThatThrownBy(() -> read(V1, text.getBytes(StandardCharsets.ISO_8859_1)))
        .hasMessageContaining("UTF-8");
  }

  private static void assertRefused(
      SeriesRequest request, Refusal reason, long count, String example) {
    assertThat(request.rejections())
        .as(request.rejections().toString())
        .filteredOn(rejection -> rejection.reason() == reason)
        .singleElement()
        .satisfies(rejection -> assertThat(rejection.points()).isEqualTo(count))
        .extracting(PointRejection::example)
        .asString()
        .contains(example);
  }
}
