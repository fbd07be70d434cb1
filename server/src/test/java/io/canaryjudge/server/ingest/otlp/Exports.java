package io.canaryjudge.server.ingest.otlp;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.Arrays;
import java.util.List;

/** Exports of one resource {service.name=checkout} and one scope named test. */
final class Exports {

  static final AggregationTemporality CUMULATIVE =
      AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
  static final AggregationTemporality DELTA = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;

  static final long START = 1_700_000_000_000_000_000L;
  static final long TIME = START + 10_000_000_000L;

  private Exports() {}

  static ExportMetricsServiceRequest of(Metric... metrics) {
    return of(
        Resource.newBuilder().addAttributes(attribute("service.name", "checkout")).build(),
        InstrumentationScope.newBuilder().setName("test").build(),
        metrics);
  }

  static ExportMetricsServiceRequest of(
      Resource resource, InstrumentationScope scope, Metric... metrics) {
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder()
                .setResource(resource)
                .addScopeMetrics(
                    ScopeMetrics.newBuilder()
                        .setScope(scope)
                        .addAllMetrics(Arrays.asList(metrics))))
        .build();
  }

  static KeyValue attribute(String key, String value) {
    return attribute(key, AnyValue.newBuilder().setStringValue(value).build());
  }

  static KeyValue attribute(String key, AnyValue value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }

  static NumberDataPoint.Builder number(KeyValue... attributes) {
    return NumberDataPoint.newBuilder()
        .setStartTimeUnixNano(START)
        .setTimeUnixNano(TIME)
        .addAllAttributes(Arrays.asList(attributes));
  }

  static Metric counter(AggregationTemporality temporality, NumberDataPoint.Builder... points) {
    return sum("requests", true, temporality, points);
  }

  static Metric sum(
      String name,
      boolean monotonic,
      AggregationTemporality temporality,
      NumberDataPoint.Builder... points) {
    Sum.Builder sum =
        Sum.newBuilder().setIsMonotonic(monotonic).setAggregationTemporality(temporality);
    Arrays.stream(points).forEach(sum::addDataPoints);
    return Metric.newBuilder().setName(name).setUnit("{request}").setSum(sum).build();
  }

  static Metric gauge(String name, NumberDataPoint.Builder... points) {
    Gauge.Builder gauge = Gauge.newBuilder();
    Arrays.stream(points).forEach(gauge::addDataPoints);
    return Metric.newBuilder().setName(name).setGauge(gauge).build();
  }

  static HistogramDataPoint.Builder buckets(List<Double> bounds, List<Long> counts) {
    return HistogramDataPoint.newBuilder()
        .setStartTimeUnixNano(START)
        .setTimeUnixNano(TIME)
        .setCount(counts.stream().mapToLong(Long::longValue).sum())
        .setSum(1)
        .addAllExplicitBounds(bounds)
        .addAllBucketCounts(counts);
  }

  static Metric histogram(
      AggregationTemporality temporality, HistogramDataPoint.Builder... points) {
    Histogram.Builder histogram = Histogram.newBuilder().setAggregationTemporality(temporality);
    Arrays.stream(points).forEach(histogram::addDataPoints);
    return Metric.newBuilder()
        .setName("http.server.request.duration")
        .setUnit("s")
        .setHistogram(histogram)
        .build();
  }

  static ExponentialHistogramDataPoint.Builder exponential(
      int scale, long zeros, int offset, List<Long> counts) {
    return ExponentialHistogramDataPoint.newBuilder()
        .setStartTimeUnixNano(START)
        .setTimeUnixNano(TIME)
        .setScale(scale)
        .setZeroCount(zeros)
        .setCount(zeros + counts.stream().mapToLong(Long::longValue).sum())
        .setPositive(
            ExponentialHistogramDataPoint.Buckets.newBuilder()
                .setOffset(offset)
                .addAllBucketCounts(counts));
  }

  static Metric exponentialHistogram(
      AggregationTemporality temporality, ExponentialHistogramDataPoint.Builder... points) {
    ExponentialHistogram.Builder histogram =
        ExponentialHistogram.newBuilder().setAggregationTemporality(temporality);
    Arrays.stream(points).forEach(histogram::addDataPoints);
    return Metric.newBuilder().setName("latency").setExponentialHistogram(histogram).build();
  }

  static Metric summary(String name) {
    return Metric.newBuilder()
        .setName(name)
        .setSummary(
            Summary.newBuilder()
                .addDataPoints(SummaryDataPoint.newBuilder().setTimeUnixNano(TIME).setCount(3)))
        .build();
  }
}
