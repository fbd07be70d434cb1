package io.canaryjudge.server.ingest.otlp;

import static io.canaryjudge.server.ingest.otlp.Exports.CUMULATIVE;
import static io.canaryjudge.server.ingest.otlp.Exports.DELTA;
import static io.canaryjudge.server.ingest.otlp.Exports.START;
import static io.canaryjudge.server.ingest.otlp.Exports.TIME;
import static io.canaryjudge.server.ingest.otlp.Exports.attribute;
import static io.canaryjudge.server.ingest.otlp.Exports.buckets;
import static io.canaryjudge.server.ingest.otlp.Exports.counter;
import static io.canaryjudge.server.ingest.otlp.Exports.exponential;
import static io.canaryjudge.server.ingest.otlp.Exports.exponentialHistogram;
import static io.canaryjudge.server.ingest.otlp.Exports.gauge;
import static io.canaryjudge.server.ingest.otlp.Exports.histogram;
import static io.canaryjudge.server.ingest.otlp.Exports.number;
import static io.canaryjudge.server.ingest.otlp.Exports.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.canaryjudge.server.ingest.series.Labels;
import io.canaryjudge.server.ingest.series.Memo;
import io.canaryjudge.server.ingest.series.PointRejection;
import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.ingest.series.SeriesRequest;
import io.canaryjudge.server.ingest.series.Temporality;
import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.Refusal;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.DataPointFlags;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OtlpReaderTest {

  @Test
  void aMonotonicSumIsACountWithEverythingThatTellsItsSeriesApart() {
    SeriesRequest request =
        read(
            counter(DELTA, number(attribute("http.response.status_code", "500")).setAsInt(7)),
            counter(CUMULATIVE, number().setAsDouble(7.5)));

    assertThat(request.door()).isEqualTo(Door.OTLP);
    assertThat(request.points())
        .containsExactly(
            new SeriesPoint(
                "requests",
                "{request}",
                Labels.of(
                    Map.of(
                        "service_name", "checkout",
                        "otel_scope_name", "test",
                        "http_response_status_code", "500")),
                Temporality.DELTA,
                START,
                TIME,
                new PointValue.Count(7)),
            new SeriesPoint(
                "requests",
                "{request}",
                Labels.of(Map.of("service_name", "checkout", "otel_scope_name", "test")),
                Temporality.CUMULATIVE,
                START,
                TIME,
                new PointValue.Count(7.5)));
    assertThat(request.unwanted()).isZero();
    assertThat(request.rejections()).isEmpty();
  }

  @Test
  void gaugesAndSumsThatGoDownAreReadings() {
    SeriesRequest request =
        read(
            gauge("jvm.memory.used", number().setAsInt(5)),
            sum("queue", false, CUMULATIVE, number().setAsDouble(2)));

    assertThat(request.points())
        .extracting(SeriesPoint::name, SeriesPoint::value, SeriesPoint::startNanos)
        .containsExactly(
            tuple("jvm_memory_used", new PointValue.Gauge(5), 0L),
            tuple("queue", new PointValue.Gauge(2), 0L));
  }

  @Test
  void deltasOfASumThatGoesDownAreNoReadings() {
    assertRefused(
        Refusal.WRONG_KIND,
        "queue: sum: deltas of a sum that is not monotonic (expected: cumulative, or monotonic)",
        sum("queue", false, DELTA, number().setAsInt(-2)));
  }

  @Test
  void aHistogramKeepsItsBucketsAndTheirInclusiveUpperBounds() {
    SeriesRequest request =
        read(
            histogram(
                CUMULATIVE, buckets(List.of(-0.0, 0.1, 1.0), List.of(1L, 2L, 0L, 3L)).setMin(-1)));

    PointValue.Buckets value = (PointValue.Buckets) request.points().getFirst().value();
    assertThat(value.upperBounds()).containsExactly(0.0, 0.1, 1.0);
    assertThat(value.counts()).containsExactly(1, 2, 0, 3);
    assertThat(request.points().getFirst().name()).isEqualTo("http_server_request_duration");
    assertThat(request.points().getFirst().unit()).isEqualTo("s");
  }

  @Test
  void aHistogramWithoutBoundsStillSaysHowManyValuesThereWere() {
    SeriesRequest request =
        read(
            histogram(DELTA, buckets(List.of(), List.of()).setCount(9)),
            histogram(DELTA, buckets(List.of(), List.of(8L))));

    assertThat(request.points())
        .extracting(point -> ((PointValue.Buckets) point.value()).counts())
        .containsExactly(new long[] {9}, new long[] {8});
    assertThat(request.points())
        .allSatisfy(p -> assertThat(((PointValue.Buckets) p.value()).upperBounds()).isEmpty());
  }

  @Test
  void anExponentialHistogramKeepsItsPositiveBuckets() {
    SeriesRequest request =
        read(
            exponentialHistogram(
                DELTA,
                exponential(3, 4, -5, List.of(1L, 0L, 2L))
                    .setZeroThreshold(0.001)
                    .setNegative(
                        ExponentialHistogramDataPoint.Buckets.newBuilder().addBucketCounts(0))));

    PointValue.Exponential value = (PointValue.Exponential) request.points().getFirst().value();
    assertThat(value.scale()).isEqualTo(3);
    assertThat(value.zeroThreshold()).isEqualTo(0.001);
    assertThat(value.zeroCount()).isEqualTo(4);
    assertThat(value.offset()).isEqualTo(-5);
    assertThat(value.counts()).containsExactly(1, 0, 2);
  }

  @Test
  void whatNobodyWantsIsCountedAndNotRead() {
    NumberDataPoint.Builder bad = number().setTimeUnixNano(0).setAsDouble(Double.NaN);
    SeriesRequest request =
        read(
            sum(
                "unwanted.sum",
                true,
                AggregationTemporality.AGGREGATION_TEMPORALITY_UNSPECIFIED,
                bad,
                bad),
            Exports.summary("rpc.duration"),
            gauge(
                "temperature",
                number().setFlags(DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK_VALUE | 8),
                number().setAsInt(1)));

    assertThat(request.unwanted()).isEqualTo(4);
    assertThat(request.points()).hasSize(1);
    assertThat(request.rejections()).isEmpty();
  }

  @Test
  void exemplarsAreOfNoInterest() {
    SeriesRequest request =
        read(
            counter(
                DELTA,
                number().setAsInt(1).addExemplars(Exemplar.newBuilder().setAsDouble(Double.NaN))));

    assertThat(request.points()).hasSize(1);
  }

  @Test
  void aBadPointIsRefusedByReasonAndItsNeighboursAreTaken() {
    SeriesRequest request =
        read(
            counter(
                CUMULATIVE,
                number().setAsDouble(Double.NaN),
                number().setAsInt(1),
                number().setAsDouble(Double.POSITIVE_INFINITY),
                number().setAsInt(-1),
                number().setAsDouble(-0.5),
                number().setAsInt(2)));

    assertThat(request.points())
        .extracting(SeriesPoint::value)
        .containsExactly(new PointValue.Count(1), new PointValue.Count(2));
    assertThat(request.rejections())
        .containsExactlyInAnyOrder(
            new PointRejection(
                Refusal.NOT_FINITE, 2, "requests: as_double: NaN (expected: finite, at least 0)"),
            new PointRejection(Refusal.NEGATIVE, 2, "requests: as_int: -1 (expected: at least 0)"));
  }

  @Test
  void numbersHaveToMakeSense() {
    assertRefused(
        Refusal.MALFORMED,
        "requests: value: nothing (expected: as_double or as_int)",
        counter(DELTA, number()));
    assertRefused(
        Refusal.MALFORMED,
        "requests: time_unix_nano: 0 (expected: nanoseconds since 1970)",
        counter(DELTA, number().setTimeUnixNano(0).setAsInt(1)));
    assertRefused(
        Refusal.MALFORMED,
        "requests: time_unix_nano: 18446744073709551615 (expected: nanoseconds since 1970)",
        counter(DELTA, number().setTimeUnixNano(-1).setAsInt(1)));
    assertRefused(
        Refusal.MALFORMED,
        "requests: start_time_unix_nano: 2 (expected: at most time_unix_nano, 1)",
        counter(DELTA, number().setStartTimeUnixNano(2).setTimeUnixNano(1).setAsInt(1)));
    assertRefused(
        Refusal.MALFORMED,
        "requests: aggregation_temporality: AGGREGATION_TEMPORALITY_UNSPECIFIED"
            + " (expected: AGGREGATION_TEMPORALITY_DELTA or _CUMULATIVE)",
        counter(AggregationTemporality.AGGREGATION_TEMPORALITY_UNSPECIFIED, number().setAsInt(1)));
    assertRefused(
        Refusal.LIMIT,
        "x: unit: 257 characters (expected: at most 256)",
        gauge("x", number().setAsInt(1)).toBuilder().setUnit("u".repeat(257)).build());
  }

  @Test
  void histogramsHaveToMakeSense() {
    String name = "http_server_request_duration: ";
    assertRefused(
        Refusal.BAD_HISTOGRAM,
        name
            + "bucket_counts: 2 buckets for 2 bounds (expected: one bucket more than there are"
            + " bounds)",
        histogram(DELTA, buckets(List.of(1.0, 2.0), List.of(1L, 1L))));
    assertRefused(
        Refusal.BAD_HISTOGRAM,
        name
            + "bucket_counts: 0 buckets for 1 bounds (expected: one bucket more than there are"
            + " bounds)",
        histogram(DELTA, buckets(List.of(1.0), List.of())));
    assertRefused(
        Refusal.BAD_HISTOGRAM,
        name + "explicit_bounds[1]: 1.0 (expected: above the bound before, 1.0)",
        histogram(DELTA, buckets(List.of(1.0, 1.0), List.of(1L, 1L, 1L))));
    assertRefused(
        Refusal.NOT_FINITE,
        name + "explicit_bounds[0]: NaN (expected: finite, at least 0)",
        histogram(DELTA, buckets(List.of(Double.NaN), List.of(1L, 1L))));
    assertRefused(
        Refusal.NEGATIVE,
        name + "explicit_bounds[0]: -1.0 (expected: finite, at least 0)",
        histogram(DELTA, buckets(List.of(-1.0), List.of(1L, 1L))));
    assertRefused(
        Refusal.BAD_HISTOGRAM,
        name + "count: 3 (expected: the sum of its buckets, 2)",
        histogram(DELTA, buckets(List.of(1.0), List.of(1L, 1L)).setCount(3)));
    assertRefused(
        Refusal.BAD_HISTOGRAM,
        name + "bucket_counts: 18446744073709551615 (expected: at most 9223372036854775807)",
        histogram(DELTA, buckets(List.of(1.0), List.of(1L, -1L))));
    assertRefused(
        Refusal.BAD_HISTOGRAM,
        name + "bucket_counts: a greater sum (expected: at most 9223372036854775807)",
        histogram(DELTA, buckets(List.of(1.0), List.of(Long.MAX_VALUE, 1L))));
    List<Double> bounds = IntStream.range(0, 513).mapToObj(i -> (double) i).toList();
    assertRefused(
        Refusal.LIMIT,
        name + "explicit_bounds: 513 elements (expected: at most 512)",
        histogram(DELTA, buckets(bounds, Collections.nCopies(514, 1L))));
  }

  @Test
  void exponentialHistogramsHaveToMakeSense() {
    assertRefused(
        Refusal.BAD_HISTOGRAM,
        "latency: scale: 21 (expected: in [-10, 20])",
        exponentialHistogram(DELTA, exponential(21, 0, 0, List.of(1L))));
    assertRefused(
        Refusal.NEGATIVE,
        "latency: negative.bucket_counts[1]: 2 (expected: 0, since values are at least 0)",
        exponentialHistogram(
            DELTA,
            exponential(0, 0, 0, List.of(1L))
                .setNegative(
                    ExponentialHistogramDataPoint.Buckets.newBuilder()
                        .addBucketCounts(0)
                        .addBucketCounts(2))));
    assertRefused(
        Refusal.NOT_FINITE,
        "latency: zero_threshold: NaN (expected: finite, at least 0)",
        exponentialHistogram(
            DELTA, exponential(0, 0, 0, List.of(1L)).setZeroThreshold(Double.NaN)));
    assertRefused(
        Refusal.BAD_HISTOGRAM,
        "latency: count: 5 (expected: the sum of its buckets, 3)",
        exponentialHistogram(DELTA, exponential(0, 2, 0, List.of(1L)).setCount(5)));
    assertRefused(
        Refusal.BAD_HISTOGRAM,
        "latency: positive.offset: 2147483647 (expected: room for 1 buckets above it)",
        exponentialHistogram(DELTA, exponential(0, 0, Integer.MAX_VALUE, List.of(1L))));
    assertRefused(
        Refusal.LIMIT,
        "latency: positive.bucket_counts: 4097 elements (expected: at most 4096)",
        exponentialHistogram(DELTA, exponential(0, 0, 0, Collections.nCopies(4_097, 1L))));
  }

  @Test
  void aRequestMayHaveOnlySoManyPointsThatAreWanted() {
    List<NumberDataPoint.Builder> points =
        Collections.nCopies(OtlpReader.MAX_POINTS + 3, number().setAsInt(1));
    SeriesRequest request =
        read(
            sum("unwanted", true, DELTA, points.toArray(NumberDataPoint.Builder[]::new)),
            counter(DELTA, points.toArray(NumberDataPoint.Builder[]::new)));

    assertThat(request.points()).hasSize(OtlpReader.MAX_POINTS);
    assertThat(request.rejections())
        .containsExactly(
            new PointRejection(
                Refusal.LIMIT,
                3,
                "requests: points: more points (expected: at most 20000 in a request)"));
    assertThat(request.unwanted()).isEqualTo(points.size());
  }

  @Test
  void tooManyLabelsAreRefusedPointByPoint() {
    List<NumberDataPoint.Builder> points = new ArrayList<>();
    points.add(number(attributes(126)).setAsInt(1)); // and those of resource and scope
    points.add(number(attributes(127)).setAsInt(1));
    points.add(number(attributes(129)).setAsInt(1));
    points.add(number(attribute("k".repeat(257), "v")).setAsInt(1));

    SeriesRequest request = read(counter(DELTA, points.toArray(NumberDataPoint.Builder[]::new)));

    assertThat(request.points()).hasSize(1);
    assertThat(request.rejections())
        .containsExactly(
            new PointRejection(
                Refusal.LIMIT,
                3,
                "requests: attributes: 129 of resource, scope and point together"
                    + " (expected: at most 128)"));
  }

  private static KeyValue[] attributes(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> attribute("key" + i, AnyValue.newBuilder().setIntValue(i).build()))
        .toArray(KeyValue[]::new);
  }

  private static void assertRefused(Refusal reason, String example, Metric metric) {
    SeriesRequest request = read(metric);

    assertThat(request.points()).isEmpty();
    assertThat(request.rejections()).containsExactly(new PointRejection(reason, 1, example));
  }

  private static SeriesRequest read(Metric... metrics) {
    return OtlpReader.read(
        Exports.of(metrics), name -> !name.startsWith("unwanted"), new Memo<>(), _ -> true);
  }
}
