package io.canaryjudge.server.ingest.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.ingest.series.Temporality;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.sdk.common.export.RetryPolicy;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.AggregationTemporalitySelector;
import io.opentelemetry.sdk.metrics.export.DefaultAggregationSelector;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.resources.Resource;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The exporters of OpenTelemetry's own SDK against both real doors. */
class OtlpSdkTest {

  private static final AttributeKey<Long> STATUS =
      AttributeKey.longKey("http.response.status_code");

  private static OtlpDoors doors;

  @BeforeAll
  static void open() throws Exception {
    doors = OtlpDoors.open(Map.of());
  }

  @AfterAll
  static void close() {
    doors.close();
  }

  @AfterEach
  void clear() {
    doors.intake.clear();
  }

  @ParameterizedTest
  @CsvSource({
    "grpc, none, CUMULATIVE, explicit",
    "grpc, gzip, DELTA, exponential",
    "http, none, DELTA, explicit",
    "http, gzip, CUMULATIVE, exponential",
  })
  void whatTheSdkCountsArrives(
      String protocol, String compression, Temporality temporality, String histograms)
      throws Exception {
    MetricExporter exporter = exporter(protocol, compression, temporality, histograms);
    try (SdkMeterProvider provider = provider(exporter)) {
      Meter meter = provider.meterBuilder("shop").setInstrumentationVersion("3").build();
      LongCounter requests = meter.counterBuilder("requests").setUnit("{request}").build();
      DoubleHistogram duration =
          meter.histogramBuilder("http.server.request.duration").setUnit("s").build();
      meter.gaugeBuilder("load").buildWithCallback(load -> load.record(0.5));
      meter.counterBuilder("unwanted").build().add(1);

      requests.add(3, Attributes.of(STATUS, 200L));
      requests.add(2, Attributes.of(STATUS, 500L));
      duration.record(0.003);
      duration.record(7);
      duration.record(0);
      flush(provider);
      List<SeriesPoint> first = doors.intake.nextPoints();

      assertThat(first).hasSize(4);
      assertThat(find(first, "requests", "500").value()).isEqualTo(new PointValue.Count(2));
      SeriesPoint ok = find(first, "requests", "200");
      assertThat(ok.value()).isEqualTo(new PointValue.Count(3));
      assertThat(ok.unit()).isEqualTo("{request}");
      assertThat(ok.temporality()).isEqualTo(temporality);
      assertThat(ok.startNanos()).isPositive().isLessThanOrEqualTo(ok.timeNanos());
      assertThat(ok.labels().get("service_name")).isEqualTo("checkout");
      assertThat(ok.labels().get("service_version")).isEqualTo("1.5.0");
      assertThat(ok.labels().get("otel_scope_name")).isEqualTo("shop");
      assertThat(ok.labels().get("otel_scope_version")).isEqualTo("3");
      assertThat(find(first, "load", null).value()).isEqualTo(new PointValue.Gauge(0.5));
      SeriesPoint before = find(first, "http_server_request_duration", null);
      assertThat(count(before.value())).isEqualTo(3);
      assertThat(before.temporality()).isEqualTo(temporality);
      assertShape(before.value(), histograms);

      requests.add(4, Attributes.of(STATUS, 200L));
      duration.record(0.004);
      flush(provider);
      List<SeriesPoint> second = doors.intake.nextPoints();

      boolean cumulative = temporality == Temporality.CUMULATIVE;
      SeriesPoint later = find(second, "requests", "200");
      assertThat(later.value()).isEqualTo(new PointValue.Count(cumulative ? 7 : 4));
      assertThat(later.startNanos()).isEqualTo(cumulative ? ok.startNanos() : ok.timeNanos());
      assertThat(count(find(second, "http_server_request_duration", null).value()))
          .isEqualTo(cumulative ? 4 : 1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "grpc, STORE_UNAVAILABLE",
    "grpc, LIMIT_REACHED",
    "http, STORE_UNAVAILABLE",
    "http, LIMIT_REACHED",
  })
  void theSdkTriesAgainWhatItIsToldToTryAgain(String protocol, ErrorReason reason)
      throws Exception {
    doors.intake.failNext(JudgeException.of(reason, "not now").retryAfter(1));
    try (SdkMeterProvider provider =
        provider(exporter(protocol, "none", Temporality.DELTA, "explicit"))) {
      provider.get("shop").counterBuilder("requests").build().add(5);
      flush(provider);

      List<SeriesPoint> first = doors.intake.nextPoints();
      assertThat(first).extracting(SeriesPoint::value).containsExactly(new PointValue.Count(5));
      assertThat(doors.intake.nextPoints()).isEqualTo(first);
    }
  }

  private static void flush(SdkMeterProvider provider) {
    assertThat(provider.forceFlush().join(60, TimeUnit.SECONDS).isSuccess()).isTrue();
  }

  private static SdkMeterProvider provider(MetricExporter exporter) {
    return SdkMeterProvider.builder()
        .setResource(
            Resource.create(
                Attributes.builder()
                    .put("service.name", "checkout")
                    .put("service.version", "1.5.0")
                    .build()))
        .registerMetricReader(
            PeriodicMetricReader.builder(exporter).setInterval(Duration.ofHours(1)).build())
        .build();
  }

  private static MetricExporter exporter(
      String protocol, String compression, Temporality temporality, String histograms) {
    AggregationTemporalitySelector temporalities =
        temporality == Temporality.DELTA
            ? AggregationTemporalitySelector.deltaPreferred()
            : AggregationTemporalitySelector.alwaysCumulative();
    DefaultAggregationSelector aggregations =
        histograms.equals("exponential")
            ? DefaultAggregationSelector.getDefault()
                .with(InstrumentType.HISTOGRAM, Aggregation.base2ExponentialBucketHistogram())
            : DefaultAggregationSelector.getDefault();
    RetryPolicy retries =
        RetryPolicy.builder()
            .setInitialBackoff(Duration.ofMillis(10))
            .setMaxBackoff(Duration.ofMillis(20))
            .build();
    return protocol.equals("grpc")
        ? OtlpGrpcMetricExporter.builder()
            .setEndpoint(doors.grpcUrl())
            .setTimeout(Duration.ofSeconds(60))
            .setCompression(compression)
            .setRetryPolicy(retries)
            .setAggregationTemporalitySelector(temporalities)
            .setDefaultAggregationSelector(aggregations)
            .build()
        : OtlpHttpMetricExporter.builder()
            .setEndpoint(doors.httpUrl())
            .setTimeout(Duration.ofSeconds(60))
            .setCompression(compression)
            .setRetryPolicy(retries)
            .setAggregationTemporalitySelector(temporalities)
            .setDefaultAggregationSelector(aggregations)
            .build();
  }

  private static SeriesPoint find(List<SeriesPoint> points, String name, String status) {
    return points.stream()
        .filter(point -> point.name().equals(name))
        .filter(
            point ->
                status == null || status.equals(point.labels().get("http_response_status_code")))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + name + " in " + points));
  }

  private static void assertShape(PointValue value, String histograms) {
    if (histograms.equals("explicit")) {
      PointValue.Buckets buckets = (PointValue.Buckets) value;
      assertThat(buckets.upperBounds()).startsWith(0, 5, 10).hasSize(15);
      assertThat(buckets.counts()).startsWith(1, 1, 1, 0).hasSize(16);
    } else {
      PointValue.Exponential buckets = (PointValue.Exponential) value;
      assertThat(buckets.zeroCount()).isEqualTo(1);
      // 0.003 and 7 lie in the first and the last bucket.
      double base = Math.pow(2, Math.pow(2, -buckets.scale()));
      assertThat(Math.pow(base, buckets.offset())).isLessThan(0.003);
      assertThat(Math.pow(base, buckets.offset() + 1)).isGreaterThanOrEqualTo(0.003);
      assertThat(Math.pow(base, buckets.offset() + buckets.counts().length))
          .isGreaterThanOrEqualTo(7);
    }
  }

  private static long count(PointValue value) {
    return switch (value) {
      case PointValue.Buckets buckets -> Arrays.stream(buckets.counts()).sum();
      case PointValue.Exponential buckets ->
          buckets.zeroCount() + Arrays.stream(buckets.counts()).sum();
      case PointValue.Count _, PointValue.Gauge _, PointValue.ClassicBucket _ ->
          throw new AssertionError("no histogram: " + value);
    };
  }
}
