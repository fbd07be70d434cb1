package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.canaryjudge.proto.v1.ListAnalysisRunsRequest;
import io.canaryjudge.proto.v1.WatchVerdictRequest;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the gRPC port does with connections that are too old, too idle, too busy or dead. */
class ConnectionLimitsTest {

  @TempDir private Path directory;

  private TestServer start(Map<String, String> settings) {
    return TestServer.start(directory, settings);
  }

  private static Http2Peer connect(TestServer server) throws Exception {
    return Http2Peer.connect(server.server().grpcPort());
  }

  @Test
  void aPeerThatDoesNotAnswerAPingIsGivenUp() throws Exception {
    try (TestServer server =
            start(Map.of("grpc.keepalive-time", "10s", "grpc.keepalive-timeout", "1s"));
        Http2Peer peer = connect(server)) {
      peer.await(Http2Peer.PING);
      peer.awaitEnd();
    }
  }

  @Test
  void aPeerThatPingsTooOftenIsCutOff() throws Exception {
    try (TestServer server = start(Map.of("grpc.min-keepalive-time", "1h"));
        Http2Peer peer = connect(server)) {
      for (int i = 0; i < 10; i++) {
        peer.ping();
      }
      assertThat(peer.awaitGoAway()).isEqualTo("too_many_pings");
      peer.awaitEnd();
    }
  }

  @Test
  void anIdleConnectionIsAskedToEnd() throws Exception {
    try (TestServer server = start(Map.of("grpc.max-connection-idle", "1s"));
        Http2Peer peer = connect(server)) {
      assertThat(peer.awaitGoAway()).isEqualTo("max_idle");
    }
  }

  @Test
  void anOldConnectionIsAskedToEndAndItsCallsEndAfterAGrace() throws Exception {
    try (TestServer server =
            start(
                Map.of(
                    "grpc.max-connection-age", "1s",
                    "grpc.max-connection-age-grace", "100ms"));
        Http2Peer peer = connect(server)) {
      CompletableFuture<Void> watchEnd = watch(server, server.createRun());

      assertThat(peer.awaitGoAway()).isEqualTo("max_age");
      assertThat(codeOf(watchEnd)).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(server.createRun()).as("over another connection").isNotEmpty();
    }
  }

  @Test
  void aConnectionHasSoManyCallsInFlightAndLeavesOthersAlone() throws Exception {
    try (TestServer server = start(Map.of("grpc.max-calls-per-connection", "1"));
        Http2Peer other = connect(server)) {
      assertThat(other.awaitSettings()).containsEntry(Http2Peer.MAX_CONCURRENT_STREAMS, 1);
      String run = server.createRun();
      Context.CancellableContext first = Context.current().withCancellation();
      CompletableFuture<Void> watching = new CompletableFuture<>();
      first.run(
          () ->
              server
                  .judgeAsync()
                  .watchVerdict(
                      WatchVerdictRequest.newBuilder().setAnalysisRun(run).build(),
                      new Collector<>(answer -> watching.complete(null), watching)));
      watching.get(30, TimeUnit.SECONDS);

      StatusRuntimeException held =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () ->
                  server
                      .judge()
                      .withDeadlineAfter(500, TimeUnit.MILLISECONDS)
                      .listAnalysisRuns(ListAnalysisRunsRequest.getDefaultInstance()));
      assertThat(held.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);

      first.cancel(null);
      Awaitility.await()
          .atMost(60, TimeUnit.SECONDS)
          .ignoreExceptions()
          .until(
              () ->
                  server
                      .judge()
                      .withDeadlineAfter(5, TimeUnit.SECONDS)
                      .listAnalysisRuns(ListAnalysisRunsRequest.getDefaultInstance())
                      .isInitialized());
    }
  }

  @Test
  void headersOverTheirLimitAreRefusedAndThoseFarOverItEndTheConnection() throws Exception {
    try (TestServer server = start(Map.of("grpc.max-metadata-size", "1KiB"));
        Http2Peer peer = connect(server)) {
      assertThat(peer.awaitSettings()).containsEntry(Http2Peer.MAX_HEADER_LIST_SIZE, 1 << 10);
      peer.sendHeader(1, "x-large", "x".repeat(1_100));
      peer.await(Http2Peer.HEADERS); // status 431, as RFC 6585 has it

      peer.ping();
      peer.await(Http2Peer.PING);

      peer.sendHeader(3, "x-large", "x".repeat(2_000));
      peer.awaitEnd();
      assertThat(server.createRun()).isNotEmpty();
    }
  }

  /** Watches a run, and waits until the watch has begun. */
  private static CompletableFuture<Void> watch(TestServer server, String run) throws Exception {
    CompletableFuture<Void> began = new CompletableFuture<>();
    CompletableFuture<Void> end = new CompletableFuture<>();
    server
        .judgeAsync()
        .watchVerdict(
            WatchVerdictRequest.newBuilder().setAnalysisRun(run).build(),
            new Collector<>(answer -> began.complete(null), end));
    began.get(30, TimeUnit.SECONDS);
    return end;
  }

  private static Status.Code codeOf(CompletableFuture<?> end) throws Exception {
    return end.handle((_, error) -> Status.fromThrowable(error).getCode())
        .get(30, TimeUnit.SECONDS);
  }
}
