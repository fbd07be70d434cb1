package io.canaryjudge.demo;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Exports totals as the instrumentation of an HTTP server does: {@code
 * http.server.request.duration}, cumulative, a resource for each instance.
 */
final class OtlpSender implements PushFeed.Sender {

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Transport transport;

  /** Brings an export to the judge. */
  private interface Transport {
    ExportMetricsServiceResponse export(ExportMetricsServiceRequest export)
        throws IOException, InterruptedException;
  }

  private OtlpSender(Transport transport) {
    this.transport = transport;
  }

  static OtlpSender overGrpc(ManagedChannel channel) {
    return new OtlpSender(
        export -> {
          try {
            return MetricsServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .export(export);
          } catch (StatusRuntimeException e) {
            throw new IOException(e.getStatus().toString(), e);
          }
        });
  }

  static OtlpSender overHttp(String httpUrl) {
    Posts posts = new Posts(URI.create(httpUrl + "/v1/metrics"));
    return new OtlpSender(
        export -> ExportMetricsServiceResponse.parseFrom(posts.post(export.toByteArray())));
  }

  @Override
  public void send(List<ServedRequests.Totals> totals, long timeMillis)
      throws IOException, InterruptedException {
    ExportMetricsServiceRequest.Builder export = ExportMetricsServiceRequest.newBuilder();
    totals.forEach(each -> export.addResourceMetrics(resource(each, timeMillis)));
    ExportMetricsServiceResponse answer = transport.export(export.build());
    if (answer.getPartialSuccess().getRejectedDataPoints() > 0) {
      throw new IOException(answer.getPartialSuccess().getErrorMessage());
    }
  }

  private static ResourceMetrics.Builder resource(ServedRequests.Totals totals, long timeMillis) {
    CheckoutInstance instance = totals.instance();
    Histogram.Builder histogram =
        Histogram.newBuilder()
            .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    add(histogram, totals.good(), 200, instance.started(), timeMillis);
    add(histogram, totals.failed(), 500, instance.started(), timeMillis);
    return ResourceMetrics.newBuilder()
        .setResource(
            Resource.newBuilder()
                .addAttributes(text("service.name", CheckoutInstance.SERVICE))
                .addAttributes(text("service.version", instance.version()))
                .addAttributes(text("service.instance.id", instance.name())))
        .addScopeMetrics(
            ScopeMetrics.newBuilder()
                .addMetrics(
                    Metric.newBuilder()
                        .setName("http.server.request.duration")
                        .setUnit("s")
                        .setHistogram(histogram)));
  }

  /** An attribute set that has not been seen has no point: the first failure makes a series. */
  private static void add(
      Histogram.Builder histogram,
      List<Long> buckets,
      int status,
      Instant started,
      long timeMillis) {
    long count = ServedRequests.Totals.count(buckets);
    if (count > 0) {
      histogram.addDataPoints(
          HistogramDataPoint.newBuilder()
              .setStartTimeUnixNano(started.toEpochMilli() * NANOS_PER_MILLI)
              .setTimeUnixNano(timeMillis * NANOS_PER_MILLI)
              .setCount(count)
              .addAllExplicitBounds(ServedRequests.BOUNDS)
              .addAllBucketCounts(buckets)
              .addAttributes(
                  KeyValue.newBuilder()
                      .setKey("http.response.status_code")
                      .setValue(AnyValue.newBuilder().setIntValue(status))));
    }
  }

  private static KeyValue text(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }
}
