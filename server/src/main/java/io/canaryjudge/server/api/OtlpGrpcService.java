package io.canaryjudge.server.api;

import io.canaryjudge.server.ingest.otlp.OtlpIngest;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;

/**
 * OpenTelemetry's {@code MetricsService} over gRPC. Answers when the points are durable and blocks
 * no thread until then.
 */
public final class OtlpGrpcService extends MetricsServiceGrpc.MetricsServiceImplBase {

  private final OtlpIngest ingest;

  /** Serves what {@code ingest} takes. */
  public OtlpGrpcService(OtlpIngest ingest) {
    this.ingest = ingest;
  }

  @Override
  public void export(
      ExportMetricsServiceRequest request, StreamObserver<ExportMetricsServiceResponse> observer) {
    if (observer instanceof ServerCallStreamObserver<ExportMetricsServiceResponse> call) {
      // Without a handler, answering a call that its client has given up would throw.
      call.setOnCancelHandler(() -> {});
    }
    var _ =
        ingest
            .take(request)
            .whenComplete(
                (answer, error) -> {
                  if (error != null) {
                    observer.onError(GrpcErrors.toStatus(error));
                  } else {
                    observer.onNext(answer);
                    observer.onCompleted();
                  }
                });
  }
}
