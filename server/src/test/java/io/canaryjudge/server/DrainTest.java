package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.util.Durations;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.GetVerdictRequest;
import io.canaryjudge.proto.v1.GetVerdictResponse;
import io.canaryjudge.proto.v1.ProportionSample;
import io.canaryjudge.proto.v1.SampleBatch;
import io.canaryjudge.proto.v1.SeriesDeclaration;
import io.canaryjudge.proto.v1.StreamOpen;
import io.canaryjudge.proto.v1.StreamSamplesRequest;
import io.canaryjudge.proto.v1.WatchVerdictRequest;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is told to stop, with calls of every kind in progress. */
class DrainTest {

  private static final int BATCHES = 200;

  @TempDir private Path directory;

  @Test
  void healthSaysSoFirstWhatWasSentIsAcknowledgedAndEverythingEnds() throws Exception {
    String run;
    long acknowledged;
    try (TestServer server = TestServer.start(directory)) {
      run = server.createRun();
      BlockingQueue<ServingStatus> health = new LinkedBlockingQueue<>();
      CompletableFuture<Void> healthEnd = new CompletableFuture<>();
      HealthGrpc.newStub(server.channel())
          .watch(
              HealthCheckRequest.newBuilder().setService("canary.judge.v1.Judge").build(),
              new Collector<>(answer -> health.add(answer.getStatus()), healthEnd));
      assertThat(health.poll(30, TimeUnit.SECONDS)).isEqualTo(ServingStatus.SERVING);

      CompletableFuture<Void> opened = new CompletableFuture<>();
      AtomicLong acked = new AtomicLong();
      CompletableFuture<Void> streamEnd = new CompletableFuture<>();
      StreamObserver<StreamSamplesRequest> samples =
          server
              .judgeAsync()
              .streamSamples(
                  new Collector<>(
                      answer -> {
                        if (answer.hasOpened()) {
                          opened.complete(null);
                        } else {
                          acked.set(answer.getAck().getCommittedSequence());
                        }
                      },
                      streamEnd));
      samples.onNext(
          StreamSamplesRequest.newBuilder()
              .setOpen(StreamOpen.newBuilder().setAnalysisRun(run).setProducer("p"))
              .build());
      opened.get(30, TimeUnit.SECONDS);
      samples.onNext(batch(1));
      Awaitility.await().atMost(30, TimeUnit.SECONDS).until(() -> acked.get() == 1);

      CompletableFuture<Void> watching = new CompletableFuture<>();
      CompletableFuture<Void> watchEnd = new CompletableFuture<>();
      server
          .judgeAsync()
          .watchVerdict(
              WatchVerdictRequest.newBuilder().setAnalysisRun(run).build(),
              new Collector<>(answer -> watching.complete(null), watchEnd));
      watching.get(30, TimeUnit.SECONDS);
      CompletableFuture<GetVerdictResponse> held = new CompletableFuture<>();
      server
          .judgeAsync()
          .getVerdict(
              GetVerdictRequest.newBuilder()
                  .setAnalysisRun(run)
                  .setWait(Durations.fromMinutes(4))
                  .build(),
              new Collector<>(held::complete, held));

      for (int sequence = 2; sequence <= BATCHES; sequence++) {
        samples.onNext(batch(sequence));
      }
      long start = System.nanoTime();
      server.server().close();

      assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(15);
      assertThat(health.poll(30, TimeUnit.SECONDS)).isEqualTo(ServingStatus.NOT_SERVING);
      assertEndsUnavailable(streamEnd);
      assertEndsUnavailable(watchEnd);
      assertEndsUnavailable(held);

      // Some of the batches came in time and some did not; the ack says which, to the last one.
      SampleTotals totals = server.samples();
      assertThat(totals.accepted()).isEqualTo(acked.get());
      assertThat(totals.received()).isLessThanOrEqualTo(BATCHES);
      assertThat(totals.rejected().keySet()).isSubsetOf("stream_ended");
      acknowledged = acked.get();
    }
    try (TestServer again = TestServer.start(directory)) {
      assertThat(
              again
                  .judge()
                  .getVerdict(GetVerdictRequest.newBuilder().setAnalysisRun(run).build())
                  .getVerdict()
                  .getOpen())
          .isTrue();
      CompletableFuture<Long> goesOnAfter = new CompletableFuture<>();
      again
          .judgeAsync()
          .streamSamples(
              new Collector<>(
                  answer -> goesOnAfter.complete(answer.getOpened().getCommittedSequence()),
                  goesOnAfter))
          .onNext(
              StreamSamplesRequest.newBuilder()
                  .setOpen(StreamOpen.newBuilder().setAnalysisRun(run).setProducer("p"))
                  .build());
      assertThat(goesOnAfter.get(30, TimeUnit.SECONDS)).isEqualTo(acknowledged);
    }
  }

  private static StreamSamplesRequest batch(long sequence) {
    return StreamSamplesRequest.newBuilder()
        .setBatch(
            SampleBatch.newBuilder()
                .setSequence(sequence)
                .addSeries(
                    SeriesDeclaration.newBuilder()
                        .setSeriesId(1)
                        .setArm(Arm.ARM_CANARY)
                        .setInstance("a")
                        .setMetric("error_rate"))
                .addProportions(
                    ProportionSample.newBuilder()
                        .setSeriesId(1)
                        .setTimeMillis(System.currentTimeMillis())
                        .setTotalCount(10)))
        .build();
  }

  private static void assertEndsUnavailable(CompletableFuture<?> end) {
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> end.get(30, TimeUnit.SECONDS))
        .satisfies(
            e ->
                assertThat(Status.fromThrowable(e.getCause()).getCode())
                    .isEqualTo(Status.Code.UNAVAILABLE));
  }
}
