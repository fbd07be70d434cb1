package io.canaryjudge.server;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.List;

/** What a Collector would send of the processes of a service: one histogram, by status. */
final class OtlpExports {

  private OtlpExports() {}

  static ExportMetricsServiceRequest of(
      String service, ForeignWay way, List<ForeignService.Scrape> scrapes) {
    AggregationTemporality temporality =
        way == ForeignWay.OTLP_GRPC_DELTA
            ? AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
            : AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
    ExportMetricsServiceRequest.Builder export = ExportMetricsServiceRequest.newBuilder();
    for (ForeignService.Scrape scrape : scrapes) {
      export.addResourceMetrics(
          ResourceMetrics.newBuilder()
              .setResource(
                  Resource.newBuilder()
                      .addAttributes(text("service.name", service))
                      .addAttributes(text("service.version", scrape.process().version()))
                      .addAttributes(text("service.instance.id", scrape.process().instance())))
              .addScopeMetrics(ScopeMetrics.newBuilder().addMetrics(metric(scrape, temporality))));
    }
    return export.build();
  }

  private static Metric metric(ForeignService.Scrape scrape, AggregationTemporality temporality) {
    Metric.Builder metric =
        Metric.newBuilder().setName("http.server.request.duration").setUnit("s");
    if (scrape.good().exponential()) {
      ExponentialHistogram.Builder all =
          ExponentialHistogram.newBuilder().setAggregationTemporality(temporality);
      addExponential(all, scrape, scrape.good(), 200);
      addExponential(all, scrape, scrape.failed(), 503);
      return metric.setExponentialHistogram(all).build();
    }
    Histogram.Builder all = Histogram.newBuilder().setAggregationTemporality(temporality);
    addExplicit(all, scrape, scrape.good(), 200);
    addExplicit(all, scrape, scrape.failed(), 503);
    return metric.setHistogram(all).build();
  }

  private static void addExplicit(
      Histogram.Builder all, ForeignService.Scrape scrape, Latencies latencies, int status) {
    if (latencies.count() > 0) { // the first failure makes a new series
      all.addDataPoints(
          HistogramDataPoint.newBuilder()
              .setStartTimeUnixNano(nanos(scrape.fromMillis()))
              .setTimeUnixNano(nanos(scrape.endMillis()))
              .setCount(latencies.count())
              .addAllExplicitBounds(latencies.bounds())
              .addAllBucketCounts(latencies.bucketCounts())
              .addAttributes(status(status)));
    }
  }

  private static void addExponential(
      ExponentialHistogram.Builder all,
      ForeignService.Scrape scrape,
      Latencies latencies,
      int status) {
    if (latencies.count() > 0) {
      all.addDataPoints(
          ExponentialHistogramDataPoint.newBuilder()
              .setStartTimeUnixNano(nanos(scrape.fromMillis()))
              .setTimeUnixNano(nanos(scrape.endMillis()))
              .setCount(latencies.count())
              .setScale(Latencies.SCALE)
              .setPositive(
                  ExponentialHistogramDataPoint.Buckets.newBuilder()
                      .setOffset(latencies.offset())
                      .addAllBucketCounts(latencies.bucketCounts()))
              .addAttributes(status(status)));
    }
  }

  private static KeyValue status(int status) {
    return KeyValue.newBuilder()
        .setKey("http.response.status_code")
        .setValue(AnyValue.newBuilder().setIntValue(status))
        .build();
  }

  private static KeyValue text(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static long nanos(long millis) {
    return millis * 1_000_000;
  }
}
