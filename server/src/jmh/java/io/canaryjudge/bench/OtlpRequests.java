package io.canaryjudge.bench;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.List;

/** Exports as an SDK or a Collector makes them: the processes of a service, cumulative. */
final class OtlpRequests {

  /** Of {@code http.server.request.duration}, in seconds, as the semantic conventions say. */
  private static final List<Double> BOUNDS =
      List.of(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0);

  private OtlpRequests() {}

  /**
   * An export.
   *
   * @param names of the metrics; the series of a process are spread over them
   * @param round what was counted is so many times what one round counts
   */
  static ExportMetricsServiceRequest of(
      List<List<Series>> processes, List<String> names, boolean histograms, int round) {
    ExportMetricsServiceRequest.Builder export = ExportMetricsServiceRequest.newBuilder();
    for (List<Series> process : processes) {
      ScopeMetrics.Builder scope =
          ScopeMetrics.newBuilder()
              .setScope(
                  InstrumentationScope.newBuilder()
                      .setName("io.opentelemetry.http-server")
                      .setVersion("2.1.0"));
      for (int i = 0; i < names.size(); i++) {
        int from = process.size() * i / names.size();
        int to = process.size() * (i + 1) / names.size();
        scope.addMetrics(metric(names.get(i), process.subList(from, to), histograms, round));
      }
      export.addResourceMetrics(
          ResourceMetrics.newBuilder()
              .setResource(resource(process.getFirst()))
              .addScopeMetrics(scope));
    }
    return export.build();
  }

  private static Resource.Builder resource(Series series) {
    return Resource.newBuilder()
        .addAttributes(text("service.name", series.service()))
        .addAttributes(text("service.version", series.version()))
        .addAttributes(text("service.instance.id", series.instance()))
        .addAttributes(text("host.name", "node-17.cluster.internal"))
        .addAttributes(text("k8s.namespace.name", "shop"))
        .addAttributes(text("k8s.pod.name", series.instance()))
        .addAttributes(text("process.runtime.name", "OpenJDK Runtime Environment"))
        .addAttributes(text("telemetry.sdk.language", "java"))
        .addAttributes(text("telemetry.sdk.name", "opentelemetry"))
        .addAttributes(text("telemetry.sdk.version", "1.50.0"));
  }

  private static Metric metric(String name, List<Series> series, boolean histograms, int round) {
    Metric.Builder metric = Metric.newBuilder().setName(name).setDescription("Requests served.");
    if (histograms) {
      Histogram.Builder all =
          Histogram.newBuilder()
              .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
      series.forEach(each -> all.addDataPoints(histogram(each, round)));
      return metric.setUnit("s").setHistogram(all).build();
    }
    Sum.Builder all =
        Sum.newBuilder()
            .setIsMonotonic(true)
            .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    series.forEach(each -> all.addDataPoints(number(each, round)));
    return metric.setUnit("{request}").setSum(all).build();
  }

  private static NumberDataPoint.Builder number(Series series, int round) {
    return NumberDataPoint.newBuilder()
        .addAllAttributes(attributes(series, "http.status_code"))
        .setStartTimeUnixNano(Request.START_MILLIS * Request.NANOS_PER_MILLI)
        .setTimeUnixNano(Request.TIME_MILLIS * Request.NANOS_PER_MILLI)
        .setAsInt(series.perRound() * round);
  }

  private static HistogramDataPoint.Builder histogram(Series series, int round) {
    HistogramDataPoint.Builder point =
        HistogramDataPoint.newBuilder()
            .addAllAttributes(attributes(series, "http.response.status_code"))
            .setStartTimeUnixNano(Request.START_MILLIS * Request.NANOS_PER_MILLI)
            .setTimeUnixNano(Request.TIME_MILLIS * Request.NANOS_PER_MILLI)
            .setCount(series.perRound() * round)
            .setSum(0.08 * series.perRound() * round)
            .addAllExplicitBounds(BOUNDS);
    for (int i = 0; i <= BOUNDS.size(); i++) {
      point.addBucketCounts(share(series.perRound(), i) * round);
    }
    return point;
  }

  /** Half of the requests between 50 and 75 ms, a third above that, the rest below. */
  private static long share(long all, int bucket) {
    return switch (bucket) {
      case 3 -> all / 6;
      case 5 -> all / 3;
      case 4 -> all - all / 6 - all / 3;
      default -> 0;
    };
  }

  /** The key of the status is one by which requests are recognised to have failed. */
  private static List<KeyValue> attributes(Series series, String status) {
    return List.of(
        text("http.request.method", "GET"),
        KeyValue.newBuilder()
            .setKey(status)
            .setValue(AnyValue.newBuilder().setIntValue(series.status()))
            .build(),
        text("http.route", series.route()),
        text("network.protocol.version", "1.1"),
        text("url.scheme", "https"));
  }

  private static KeyValue text(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }
}
