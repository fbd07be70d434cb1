package io.canaryjudge.bench;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.xerial.snappy.Snappy;

/** A server, as senders of foreign series see it. Anything but full success ends a benchmark. */
final class ForeignTarget implements AutoCloseable {

  private static final MethodDescriptor<byte[], ExportMetricsServiceResponse> EXPORT =
      MetricsServiceGrpc.getExportMethod().toBuilder(
              new BytesMarshaller(), MetricsServiceGrpc.getExportMethod().getResponseMarshaller())
          .build();

  private final Wire wire;
  private final Target target;
  private final URI base;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  ForeignTarget(Wire wire, ServerProcess server, Target target) {
    this.wire = wire;
    this.target = target;
    this.base = URI.create("http://127.0.0.1:" + server.httpPort());
  }

  /** Sends a request, and waits until it is acknowledged. */
  void send(int sender, byte[] plain) {
    try {
      if (wire == Wire.OTLP_GRPC) {
        check(export(target.channel(sender), plain));
      } else {
        post(plain);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static ExportMetricsServiceResponse export(ManagedChannel channel, byte[] plain) {
    return ClientCalls.blockingUnaryCall(
        channel, EXPORT, CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.MINUTES), plain);
  }

  private void post(byte[] plain) throws IOException, InterruptedException {
    boolean write = wire.isRemoteWrite();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(wire.path()))
            .timeout(Duration.ofMinutes(1))
            .header("Content-Type", wire.contentType())
            .POST(BodyPublishers.ofByteArray(write ? Snappy.compress(plain) : plain));
    if (write) {
      request.header("Content-Encoding", "snappy");
    }
    HttpResponse<byte[]> answer = http.send(request.build(), BodyHandlers.ofByteArray());
    if (answer.statusCode() != (write ? 204 : 200)) {
      throw new IOException(
          answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8));
    }
    if (!write) {
      check(ExportMetricsServiceResponse.parseFrom(answer.body()));
    }
  }

  /** How many points of foreign series the server has counted so far, by its own account. */
  long pointsTaken() throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(base.resolve("/metrics")).build();
    return http.send(request, BodyHandlers.ofString())
        .body()
        .lines()
        .filter(line -> line.startsWith("canary_judge_points_taken_total{"))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static void check(ExportMetricsServiceResponse answer) {
    if (answer.hasPartialSuccess()) {
      throw new IllegalStateException("points were refused: " + answer.getPartialSuccess());
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
