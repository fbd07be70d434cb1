package io.canaryjudge.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.remotewrite.v1.Label;
import io.canaryjudge.remotewrite.v1.Sample;
import io.canaryjudge.remotewrite.v1.TimeSeries;
import io.canaryjudge.remotewrite.v1.WriteRequest;
import io.canaryjudge.server.crash.SeriesSender.Counts;
import io.grpc.Status;
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
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.xerial.snappy.Snappy;

/** The protocols of a {@link SeriesSender}. */
final class SeriesProtocols {

  private SeriesProtocols() {}

  /**
   * OpenTelemetry over gRPC: a histogram by status for each instance.
   *
   * @param beginMillis when the instances started
   */
  record Otlp(String service, boolean cumulative, long beginMillis)
      implements SeriesSender.Protocol {

    private static final Set<Status.Code> AGAIN =
        Set.of(Status.Code.UNAVAILABLE, Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED);

    @Override
    public byte[] write(long fromMillis, long timeMillis, List<Counts> instances) {
      ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
      for (Counts instance : instances) {
        Histogram.Builder histogram =
            Histogram.newBuilder()
                .setAggregationTemporality(
                    cumulative
                        ? AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
                        : AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
        long[][] counts = cumulative ? instance.total() : instance.news();
        for (int status = 0; status < counts.length; status++) {
          HistogramDataPoint.Builder point =
              HistogramDataPoint.newBuilder()
                  .addAttributes(
                      KeyValue.newBuilder()
                          .setKey("http.response.status_code")
                          .setValue(AnyValue.newBuilder().setIntValue(Counts.STATUSES[status])))
                  .setStartTimeUnixNano((cumulative ? beginMillis : fromMillis) * 1_000_000)
                  .setTimeUnixNano(timeMillis * 1_000_000);
          for (double bound : Counts.BOUNDS) {
            point.addExplicitBounds(bound);
          }
          long all = 0;
          for (long count : counts[status]) {
            point.addBucketCounts(count);
            all += count;
          }
          histogram.addDataPoints(point.setCount(all));
        }
        request.addResourceMetrics(
            ResourceMetrics.newBuilder()
                .setResource(
                    Resource.newBuilder()
                        .addAttributes(attribute("service.name", service))
                        .addAttributes(attribute("service.version", instance.arm()))
                        .addAttributes(attribute("service.instance.id", instance.instance())))
                .addScopeMetrics(
                    ScopeMetrics.newBuilder()
                        .addMetrics(
                            Metric.newBuilder()
                                .setName("http.server.request.duration")
                                .setUnit("s")
                                .setHistogram(histogram))));
      }
      return request.build().toByteArray();
    }

    private static KeyValue.Builder attribute(String key, String value) {
      return KeyValue.newBuilder()
          .setKey(key)
          .setValue(AnyValue.newBuilder().setStringValue(value));
    }

    @Override
    public boolean send(ServerVictim server, byte[] request) {
      try {
        ExportMetricsServiceResponse answer =
            MetricsServiceGrpc.newBlockingStub(server.channel())
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .export(ExportMetricsServiceRequest.parseFrom(request));
        assertThat(answer.getPartialSuccess().getRejectedDataPoints()).as("%s", answer).isZero();
        return true;
      } catch (StatusRuntimeException e) {
        assertThat(e.getStatus().getCode()).as("%s", e).isIn(AGAIN);
        return false;
      } catch (com.google.protobuf.InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }
  }

  /**
   * Prometheus remote write 1.0: a counter by status and a classic histogram for each instance, and
   * when its process started.
   */
  record RemoteWrite(String service, long beginMillis, HttpClient http)
      implements SeriesSender.Protocol {

    private static final Set<Integer> AGAIN = Set.of(429, 500, 502, 503, 504);

    @Override
    public byte[] write(long fromMillis, long timeMillis, List<Counts> instances) {
      WriteRequest.Builder request = WriteRequest.newBuilder();
      for (Counts instance : instances) {
        String started = "process_start_time_seconds";
        request.addTimeseries(series(instance, started, beginMillis / 1e3, timeMillis));
        long below = 0;
        for (int bucket = 0; bucket <= Counts.BOUNDS.length; bucket++) {
          below += instance.total()[0][bucket] + instance.total()[1][bucket];
          String bound = bucket < Counts.BOUNDS.length ? "" + Counts.BOUNDS[bucket] : "+Inf";
          String name = "http_request_duration_seconds_bucket";
          request.addTimeseries(series(instance, name, (double) below, timeMillis, "le", bound));
        }
        for (int status = 0; status < Counts.STATUSES.length; status++) {
          String name = "http_requests_total";
          String code = "" + Counts.STATUSES[status];
          request.addTimeseries(
              series(instance, name, (double) instance.requests(status), timeMillis, "code", code));
        }
      }
      try {
        return Snappy.compress(request.build().toByteArray());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private TimeSeries.Builder series(
        Counts instance, String name, double value, long timeMillis, String... more) {
      TimeSeries.Builder series =
          TimeSeries.newBuilder()
              .addLabels(label("__name__", name))
              .addLabels(label("instance", instance.instance()))
              .addLabels(label("service", service))
              .addLabels(label("version", instance.arm()))
              .addSamples(Sample.newBuilder().setValue(value).setTimestamp(timeMillis));
      if (more.length > 0) {
        series.addLabels(label(more[0], more[1]));
      }
      return series;
    }

    private static Label.Builder label(String name, String value) {
      return Label.newBuilder().setName(name).setValue(value);
    }

    @Override
    public boolean send(ServerVictim server, byte[] request) throws InterruptedException {
      try {
        HttpResponse<String> answer =
            http.send(
                HttpRequest.newBuilder(URI.create(server.httpUrl() + "/api/v1/write"))
                    .header("Content-Type", "application/x-protobuf")
                    .header("Content-Encoding", "snappy")
                    .timeout(Duration.ofSeconds(60))
                    .POST(BodyPublishers.ofByteArray(request))
                    .build(),
                BodyHandlers.ofString());
        if (AGAIN.contains(answer.statusCode())) {
          return false;
        }
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
        return true;
      } catch (IOException _) {
        return false;
      }
    }
  }
}
