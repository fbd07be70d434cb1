package io.canaryjudge.server.ingest.otlp;

import static io.canaryjudge.server.ingest.otlp.Exports.CUMULATIVE;
import static io.canaryjudge.server.ingest.otlp.Exports.counter;
import static io.canaryjudge.server.ingest.otlp.Exports.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.util.Durations;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.series.SeriesAnswer;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code MetricsService.Export} of a real gRPC door. */
class OtlpGrpcTest {

  private static OtlpDoors doors;
  private static ManagedChannel channel;

  @BeforeAll
  static void open() throws Exception {
    doors = OtlpDoors.open(Map.of("grpc.max-message-size", "64KiB"));
    channel = NettyChannelBuilder.forAddress("127.0.0.1", doors.grpcPort()).usePlaintext().build();
  }

  @AfterAll
  static void close() {
    channel.shutdownNow();
    doors.close();
  }

  @AfterEach
  void clear() {
    doors.intake.clear();
  }

  @Test
  void anExportIsAnsweredWithNothingIfAllOfItWasTaken() throws Exception {
    assertThat(stub().export(good())).isEqualTo(ExportMetricsServiceResponse.getDefaultInstance());
    assertThat(doors.intake.nextPoints()).hasSize(1);
  }

  @Test
  void refusedPointsAreCountedWithAnExample() throws Exception {
    ExportMetricsServiceResponse answer =
        stub()
            .export(
                Exports.of(
                    counter(CUMULATIVE, number().setAsInt(1), number().setAsDouble(Double.NaN))));

    assertThat(answer.getPartialSuccess().getRejectedDataPoints()).isEqualTo(1);
    assertThat(answer.getPartialSuccess().getErrorMessage())
        .isEqualTo("1 not_finite, first requests: as_double: NaN (expected: finite, at least 0)");
    assertThat(doors.intake.nextPoints()).hasSize(1);
  }

  @Test
  void gzipIsUnpacked() throws Exception {
    assertThat(stub().withCompression("gzip").export(good()))
        .isEqualTo(ExportMetricsServiceResponse.getDefaultInstance());
    assertThat(doors.intake.nextPoints()).hasSize(1);
  }

  @Test
  void whatIsNoExportIsTheSendersFault() {
    StatusRuntimeException refused = fails(() -> send(new byte[] {10, 100, 1}));

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(detail(refused, BadRequest.class).getFieldViolations(0).getField())
        .isEqualTo("message");
    assertThat(doors.intake.isEmpty()).isTrue();
  }

  @Test
  void aMessageOverItsLimitIsRefusedPackedOrNot() throws Exception {
    ExportMetricsServiceRequest large =
        Exports.of(counter(CUMULATIVE, number(Exports.attribute("a", "x".repeat(1 << 20)))));

    for (String encoding : List.of("identity", "gzip")) {
      StatusRuntimeException refused = fails(() -> stub().withCompression(encoding).export(large));
      assertThat(refused.getStatus().getCode())
          .as(encoding)
          .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }
    assertThat(doors.intake.isEmpty()).isTrue();
    stub().export(good());
  }

  @Test
  void whatPassesByItselfIsToBeTriedAgain() {
    doors.intake.failNext(
        JudgeException.of(ErrorReason.LIMIT_REACHED, "too much to write").retryAfter(1_500));
    StatusRuntimeException full = fails(() -> stub().export(good()));
    assertThat(full.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(detail(full, RetryInfo.class).getRetryDelay()).isEqualTo(Durations.fromMillis(1500));
    assertThat(detail(full, ErrorInfo.class).getReason()).isEqualTo("LIMIT_REACHED");

    doors.intake.failNext(JudgeException.of(ErrorReason.STORE_UNAVAILABLE, "no database"));
    StatusRuntimeException down = fails(() -> stub().export(good()));
    assertThat(down.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(detail(down, RetryInfo.class).getRetryDelay()).isEqualTo(Durations.fromSeconds(1));
  }

  /** More exports than the transport has threads wait for the disk, and others pass them by. */
  @Test
  void waitingExportsHoldNoThread() throws Exception {
    CompletableFuture<SeriesAnswer> durable = new CompletableFuture<>();
    List<CompletableFuture<ExportMetricsServiceResponse>> waiting = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      doors.intake.answerNext(durable);
      waiting.add(exportAsync());
    }
    SeriesAnswer answer = RecordingIntake.answer(doors.intake.next());
    for (int i = 1; i < 64; i++) {
      doors.intake.next();
    }

    stub().export(good());
    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    durable.complete(answer);

    for (CompletableFuture<ExportMetricsServiceResponse> call : waiting) {
      assertThat(call.get(60, TimeUnit.SECONDS))
          .isEqualTo(ExportMetricsServiceResponse.getDefaultInstance());
    }
  }

  @Test
  void aCallThatItsSenderGaveUpHarmsNothing() throws Exception {
    CompletableFuture<SeriesAnswer> durable = new CompletableFuture<>();
    doors.intake.answerNext(durable);
    Context.CancellableContext patience = Context.current().withCancellation();
    CompletableFuture<ExportMetricsServiceResponse> givenUp =
        patience.wrap(OtlpGrpcTest::exportAsync).call();
    SeriesAnswer answer = RecordingIntake.answer(doors.intake.next());
    patience.cancel(null);
    assertThat(givenUp.handle((_, error) -> Status.fromThrowable(error).getCode()).get())
        .isEqualTo(Status.Code.CANCELLED);

    durable.complete(answer);

    stub().export(good());
    assertThat(doors.intake.nextPoints()).hasSize(1);
  }

  private static MetricsServiceGrpc.MetricsServiceBlockingStub stub() {
    return MetricsServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  private static ExportMetricsServiceRequest good() {
    return Exports.of(counter(CUMULATIVE, number().setAsInt(1)));
  }

  private static CompletableFuture<ExportMetricsServiceResponse> exportAsync() {
    CompletableFuture<ExportMetricsServiceResponse> answer = new CompletableFuture<>();
    MetricsServiceGrpc.newStub(channel)
        .withDeadlineAfter(60, TimeUnit.SECONDS)
        .export(
            good(),
            new StreamObserver<>() {
              @Override
              public void onNext(ExportMetricsServiceResponse value) {
                answer.complete(value);
              }

              @Override
              public void onError(Throwable error) {
                answer.completeExceptionally(error);
              }

              @Override
              public void onCompleted() {}
            });
    return answer;
  }

  /** Sends any bytes as a request. */
  private static void send(byte[] request) {
    MethodDescriptor<byte[], ExportMetricsServiceResponse> method =
        MetricsServiceGrpc.getExportMethod().toBuilder(
                new MethodDescriptor.Marshaller<byte[]>() {
                  @Override
                  public InputStream stream(byte[] bytes) {
                    return new ByteArrayInputStream(bytes);
                  }

                  @Override
                  public byte[] parse(InputStream stream) {
                    try {
                      return stream.readAllBytes();
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  }
                },
                MetricsServiceGrpc.getExportMethod().getResponseMarshaller())
            .build();
    ClientCalls.blockingUnaryCall(
        channel, method, CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS), request);
  }

  private static StatusRuntimeException fails(Runnable call) {
    StatusRuntimeException error = catchThrowableOfType(StatusRuntimeException.class, call::run);
    assertThat(error).isNotNull();
    return error;
  }

  private static <T extends com.google.protobuf.Message> T detail(
      StatusRuntimeException error, Class<T> type) {
    com.google.rpc.Status status = StatusProto.fromThrowable(error);
    assertThat(status).isNotNull();
    for (Any detail : status.getDetailsList()) {
      if (detail.is(type)) {
        try {
          return detail.unpack(type);
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
          throw new AssertionError(e);
        }
      }
    }
    throw new AssertionError("no " + type.getSimpleName() + " in " + status);
  }
}
