package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.util.Durations;
import io.canaryjudge.proto.v1.GetVerdictRequest;
import io.canaryjudge.proto.v1.GetVerdictResponse;
import io.canaryjudge.proto.v1.LintPolicyRequest;
import io.canaryjudge.proto.v1.ListAnalysisRunsRequest;
import io.canaryjudge.proto.v1.WatchVerdictRequest;
import io.canaryjudge.proto.v1.WatchVerdictResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Callers that send too much, or too often, and the good ones beside them. */
class LimitsTest {

  @TempDir private static Path directory;

  private static TestServer server;

  @BeforeAll
  static void start() {
    server =
        TestServer.start(
            directory,
            Map.of(
                "grpc.max-message-size", "16KiB",
                "grpc.max-resets", "20",
                "grpc.max-watches", "2",
                "grpc.heartbeat", "100ms"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aMessageFarOverItsLimitIsRefusedByTheTransport() {
    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                server
                    .policies()
                    .lintPolicy(
                        LintPolicyRequest.newBuilder().setText("#".repeat(100_000)).build()));

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(server.createRun()).isNotEmpty();
  }

  @Test
  void aConnectionThatKeepsResettingCallsIsCutOff() throws Exception {
    try (TestServer attacked =
        TestServer.start(
            Files.createDirectory(directory.resolve("resets")), Map.of("grpc.max-resets", "20"))) {
      String run = attacked.createRun();
      CompletableFuture<Void> cutOff = new CompletableFuture<>();
      attacked
          .judgeAsync()
          .watchVerdict(
              WatchVerdictRequest.newBuilder().setAnalysisRun(run).build(),
              new Collector<>(answer -> {}, cutOff));
      for (int i = 0; i < 200 && !cutOff.isDone(); i++) {
        CompletableFuture<Void> began = new CompletableFuture<>();
        Context.CancellableContext call = Context.current().withCancellation();
        call.run(
            () ->
                attacked
                    .judgeAsync()
                    .watchVerdict(
                        WatchVerdictRequest.newBuilder().setAnalysisRun(run).build(),
                        new Collector<>(answer -> began.complete(null), began)));
        began.handle((_, _) -> true).get(30, TimeUnit.SECONDS);
        call.cancel(null);
      }

      assertThat(
              cutOff
                  .handle((_, error) -> Status.fromThrowable(error).getCode())
                  .get(30, TimeUnit.SECONDS))
          .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(attacked.get("/health/ready").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void moreWatchesThanPlacesAreRefusedWithAdviceAndPlacesComeBack() throws Exception {
    String run = server.createRun();
    BlockingQueue<WatchVerdictResponse> messages = new LinkedBlockingQueue<>();
    Context.CancellableContext watches = Context.current().withCancellation();
    for (int i = 0; i < 2; i++) {
      watches.run(
          () ->
              server
                  .judgeAsync()
                  .watchVerdict(
                      WatchVerdictRequest.newBuilder().setAnalysisRun(run).build(),
                      new Collector<>(messages::add, new CompletableFuture<>())));
    }
    Awaitility.await()
        .atMost(30, TimeUnit.SECONDS)
        .until(() -> messages.stream().filter(WatchVerdictResponse::hasVerdict).count() == 2);
    Awaitility.await()
        .atMost(30, TimeUnit.SECONDS)
        .until(() -> messages.contains(WatchVerdictResponse.getDefaultInstance()));

    StatusRuntimeException refused =
        catchThrowableOfType(StatusRuntimeException.class, () -> poll(run));
    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refused.getStatus().getDescription()).contains("grpc.max-watches");
    server.judge().listAnalysisRuns(ListAnalysisRunsRequest.getDefaultInstance());

    watches.cancel(null);
    Awaitility.await()
        .atMost(30, TimeUnit.SECONDS)
        .ignoreExceptions()
        .until(() -> poll(run).hasVerdict());
  }

  private static GetVerdictResponse poll(String run) {
    return server
        .judge()
        .getVerdict(
            GetVerdictRequest.newBuilder()
                .setAnalysisRun(run)
                .setWait(Durations.fromMillis(10))
                .build());
  }
}
