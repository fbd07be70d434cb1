package io.canaryjudge.server.api;

import io.canaryjudge.remotewrite.v1.WriteRequest;
import io.canaryjudge.remotewrite.v2.Request;
import io.canaryjudge.server.ingest.remotewrite.WriteMessage;
import io.helidon.http.Status;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import java.io.IOException;
import java.util.List;
import org.xerial.snappy.Snappy;

/**
 * What any receiver of these protocols has to do at least: unpack a body, read it into generated
 * classes, answer. Used by benchmarks as a yardstick.
 */
public final class EmptyRoutes implements RouteGroup {

  @Override
  public List<HttpRoute> routes() {
    return List.of(
        route("/v1/metrics", EmptyRoutes::export), route("/api/v1/write", EmptyRoutes::write));
  }

  private static HttpRoute route(String path, HttpRoute.Handler handler) {
    return new HttpRoute("POST", new PathTemplate(path), "POST " + path, false, handler);
  }

  private static void export(HttpCall call) throws IOException {
    ExportMetricsServiceRequest request =
        ExportMetricsServiceRequest.parseFrom(call.unpackedMetricsBody());
    if (request.getResourceMetricsCount() == 0) {
      throw new IOException("nothing came");
    }
    call.answer(
        Status.OK_200,
        "application/x-protobuf",
        ExportMetricsServiceResponse.getDefaultInstance().toByteArray());
  }

  private static void write(HttpCall call) throws IOException {
    byte[] plain = Snappy.uncompress(call.metricsBody());
    WriteMessage message = WriteMessage.of(call.header("Content-Type").orElse("")).orElseThrow();
    int series =
        switch (message) {
          case V1 -> WriteRequest.parseFrom(plain).getTimeseriesCount();
          case V2 -> Request.parseFrom(plain).getTimeseriesCount();
        };
    if (series == 0) {
      throw new IOException("nothing came");
    }
    call.answerNothing();
  }
}
