package io.canaryjudge.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.JsonFormat;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.remotewrite.v1.TimeSeries;
import io.canaryjudge.server.ingest.pull.RecordedPrometheus;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsPartialSuccess;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.xerial.snappy.Snappy;

/** A service of versions 1 and 2 that tells by one way what it served, as it would anyway. */
final class ForeignService {

  private final TestServer server;
  private final ForeignWay way;
  private final String name;
  private final Map<String, Instance> processes = new TreeMap<>();

  ForeignService(TestServer server, ForeignWay way, String name) {
    this.server = server;
    this.way = way;
    this.name = name;
  }

  /**
   * A process and what it has counted since its start.
   *
   * @param failed requests that failed
   * @param good all others
   */
  record Instance(Arm arm, String instance, long startMillis, Latencies good, Latencies failed) {

    String version() {
      return arm == Arm.ARM_BASELINE ? "1" : "2";
    }
  }

  /** Starts a process, in the place of the one of that name. */
  void start(Arm arm, String instance, long startMillis, List<Double> bounds) {
    processes.put(
        arm + instance,
        new Instance(arm, instance, startMillis, new Latencies(bounds), new Latencies(bounds)));
  }

  /** Tells what was served, in one request that has to be taken as a whole. */
  void send(List<Served> intervals) throws Exception {
    switch (way) {
      case OTLP_GRPC_DELTA, OTLP_HTTP_CUMULATIVE, OTLP_JSON_CUMULATIVE ->
          assertThat(export(OtlpExports.of(name, way, count(intervals))))
              .isEqualTo(ExportMetricsServiceResponse.getDefaultInstance());
      case REMOTE_WRITE_1 ->
          write(
              "application/x-protobuf",
              RemoteWrites.version1(name, count(intervals)).toByteArray());
      case REMOTE_WRITE_2 ->
          write(
              "application/x-protobuf;proto=io.prometheus.write.v2.Request",
              RemoteWrites.version2(name, count(intervals)).toByteArray());
    }
  }

  /** Has a Prometheus scrape it: a sample of each series at the end of each interval. */
  void scrapedBy(RecordedPrometheus prometheus, List<Served> intervals) {
    for (TimeSeries series : RemoteWrites.version1(name, count(intervals)).getTimeseriesList()) {
      Map<String, String> labels = new TreeMap<>();
      series.getLabelsList().forEach(label -> labels.put(label.getName(), label.getValue()));
      series
          .getSamplesList()
          .forEach(
              sample ->
                  prometheus.add(
                      labels,
                      sample.getTimestamp(),
                      BigDecimal.valueOf(sample.getValue()).toPlainString()));
    }
  }

  /** Exports what was served; which of it is refused. */
  ExportMetricsPartialSuccess refused(List<Served> intervals) throws Exception {
    return export(OtlpExports.of(name, way, count(intervals))).getPartialSuccess();
  }

  /**
   * A process at the end of an interval.
   *
   * @param good what it has counted: in the interval if deltas are sent, else since its start
   * @param failed likewise
   */
  record Scrape(
      Instance process, long fromMillis, long endMillis, Latencies good, Latencies failed) {}

  private List<Scrape> count(List<Served> intervals) {
    List<Scrape> scrapes = new ArrayList<>();
    for (Served served : intervals) {
      Instance process = processes.get(served.arm() + served.instance());
      Latencies failed = served.latencies().slowest(served.failures());
      Latencies good = served.latencies().without(failed);
      process.failed().add(failed);
      process.good().add(good);
      boolean delta = way == ForeignWay.OTLP_GRPC_DELTA;
      scrapes.add(
          delta
              ? new Scrape(process, served.endMillis() - 5_000, served.endMillis(), good, failed)
              : new Scrape(
                  process,
                  process.startMillis(),
                  served.endMillis(),
                  copy(process.good()),
                  copy(process.failed())));
    }
    return scrapes;
  }

  private static Latencies copy(Latencies some) {
    return some.without(new Latencies(some.bounds()));
  }

  private ExportMetricsServiceResponse export(ExportMetricsServiceRequest export) throws Exception {
    return switch (way) {
      case OTLP_GRPC_DELTA ->
          MetricsServiceGrpc.newBlockingStub(server.channel())
              .withDeadlineAfter(60, TimeUnit.SECONDS)
              .export(export);
      case OTLP_HTTP_CUMULATIVE ->
          ExportMetricsServiceResponse.parseFrom(
              post("/v1/metrics", "application/x-protobuf", "identity", export.toByteArray(), 200));
      case OTLP_JSON_CUMULATIVE -> {
        byte[] json = JsonFormat.printer().print(export).getBytes(UTF_8);
        byte[] answer = post("/v1/metrics", "application/json", "identity", json, 200);
        ExportMetricsServiceResponse.Builder read = ExportMetricsServiceResponse.newBuilder();
        JsonFormat.parser().merge(new String(answer, UTF_8), read);
        yield read.build();
      }
      case REMOTE_WRITE_1, REMOTE_WRITE_2 -> throw new IllegalStateException(way + " is no export");
    };
  }

  private void write(String type, byte[] plain) throws IOException, InterruptedException {
    post("/api/v1/write", type, "snappy", Snappy.compress(plain), 204);
  }

  private byte[] post(String path, String type, String encoding, byte[] body, int expected)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.uri(path))
            .header("Content-Type", type)
            .POST(BodyPublishers.ofByteArray(body));
    if (!encoding.equals("identity")) {
      request.header("Content-Encoding", encoding);
    }
    HttpResponse<byte[]> response = server.http().send(request.build(), BodyHandlers.ofByteArray());
    assertThat(response.statusCode())
        .as(() -> new String(response.body(), UTF_8))
        .isEqualTo(expected);
    return response.body();
  }
}
