package io.canaryjudge.bench;

import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.SampleBatch;
import io.canaryjudge.proto.v1.StreamAck;
import io.canaryjudge.proto.v1.StreamOpened;
import io.canaryjudge.proto.v1.StreamSamplesRequest;
import io.canaryjudge.proto.v1.StreamSamplesResponse;
import io.canaryjudge.server.api.Availability;
import io.canaryjudge.server.api.EmptyRoutes;
import io.canaryjudge.server.api.GrpcDoor;
import io.canaryjudge.server.api.HttpDoor;
import io.canaryjudge.server.config.ServerConfig;
import io.canaryjudge.server.config.ServerConfigLoader;
import io.canaryjudge.server.log.Logging;
import io.canaryjudge.server.run.IngestLimits;
import io.canaryjudge.server.security.Access;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * What no server can beat: the same ports, limits and messages, and handlers that parse what comes
 * into generated classes and acknowledge it. Nothing is checked, kept or durable.
 */
public final class EmptyServer extends JudgeGrpc.JudgeImplBase {

  /** One ack for so many batches: an ack for each would make the yardstick cheaper to reach. */
  private static final int BATCHES_PER_ACK = 1_000;

  private EmptyServer() {}

  /** Serves until the process is ended. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Logging.install();
    ServerConfig config =
        ServerConfigLoader.load(
                Optional.empty(), Map.of(), Map.of("grpc.port", "0", "http.port", "0"))
            .config();
    Availability availability = new Availability();
    GrpcDoor door =
        GrpcDoor.open(
            config,
            Optional.empty(),
            Access.open(),
            availability,
            List.of(new EmptyServer(), new EmptyMetricsService()),
            new NothingCounted());
    HttpDoor http =
        HttpDoor.open(
            config,
            Optional.empty(),
            Access.open(),
            availability,
            List.of(new EmptyRoutes()),
            (_, _) -> {});
    availability.ready();
    door.serve();
    System.out.printf(
        "READY grpc=%s:%d http=%s:%d%n",
        config.listen(), door.port(), config.listen(), http.port());
    new CountDownLatch(1).await(); // the transport's threads alone keep no process alive
  }

  @Override
  public StreamObserver<StreamSamplesRequest> streamSamples(
      StreamObserver<StreamSamplesResponse> responses) {
    return new Stream(responses);
  }

  /** Takes exports of OpenTelemetry: parsed, and nothing else. */
  private static final class EmptyMetricsService extends MetricsServiceGrpc.MetricsServiceImplBase {

    @Override
    public void export(
        ExportMetricsServiceRequest request,
        StreamObserver<ExportMetricsServiceResponse> responses) {
      if (request.getResourceMetricsCount() == 0) {
        responses.onError(Status.INVALID_ARGUMENT.asException());
        return;
      }
      responses.onNext(ExportMetricsServiceResponse.getDefaultInstance());
      responses.onCompleted();
    }
  }

  /** In place of the server's metrics of calls. */
  private static final class NothingCounted implements ServerInterceptor {

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return next.startCall(call, headers);
    }
  }

  private static final class Stream implements StreamObserver<StreamSamplesRequest> {

    private final StreamObserver<StreamSamplesResponse> responses;
    private long samples;
    private long sequence;

    Stream(StreamObserver<StreamSamplesResponse> responses) {
      this.responses = responses;
    }

    @Override
    public void onNext(StreamSamplesRequest request) {
      switch (request.getFrameCase()) {
        case OPEN -> responses.onNext(opened());
        case BATCH -> {
          SampleBatch batch = request.getBatch();
          samples += batch.getProportionsCount() + batch.getDistributionsCount();
          sequence = batch.getSequence();
          if (sequence % BATCHES_PER_ACK == 0) {
            ack();
          }
        }
        case FRAME_NOT_SET -> throw new IllegalArgumentException("frame: not set");
      }
    }

    @Override
    public void onError(Throwable cause) {
      System.out.println("a stream broke after " + samples + " samples: " + cause);
    }

    @Override
    public void onCompleted() {
      ack();
      responses.onCompleted();
    }

    private void ack() {
      responses.onNext(
          StreamSamplesResponse.newBuilder()
              .setAck(StreamAck.newBuilder().setCommittedSequence(sequence))
              .build());
    }

    private static StreamSamplesResponse opened() {
      return StreamSamplesResponse.newBuilder()
          .setOpened(
              StreamOpened.newBuilder()
                  .setMaxUnackedBatches(IngestLimits.DEFAULTS.maxUnackedBatches())
                  .setMaxSamplesPerBatch(IngestLimits.DEFAULTS.maxSamplesPerBatch())
                  .setMaxSeries(IngestLimits.DEFAULTS.maxSeriesPerStream()))
          .build();
    }
  }
}
