package io.canaryjudge.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import io.canaryjudge.client.JudgeChannel;
import io.canaryjudge.client.ProducerEnd;
import io.canaryjudge.client.ProportionSeries;
import io.canaryjudge.client.SampleProducer;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.GetVerdictRequest;
import io.canaryjudge.proto.v1.GetVerdictResponse;
import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.server.store.DatabaseConfig;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server process that is told to stop by SIGTERM while calls are in progress. */
class ServerStopTest {

  private static final long SEED = Long.getLong("crash.seed", 1);
  private static final int STOPS = 3;

  /** The default of {@code stop-timeout}, and as much again for a busy machine. */
  private static final long MOST_SECONDS = 20;

  @TempDir Path directory;

  private final Random random = new Random(SEED);

  @BeforeEach
  void prepare() throws Exception {
    Files.createDirectories(directory.resolve("policies"));
    Files.writeString(directory.resolve("policies/never.yaml"), JudgedRun.POLICY);
  }

  private DatabaseConfig database() {
    return DatabaseConfig.file(directory.resolve("judge.db"));
  }

  @Test
  void whatWasTakenIsAcknowledgedAndTheNextProcessGoesOn() throws Exception {
    Producing producing = new Producing();
    for (int stop = 0; stop < STOPS; stop++) {
      try (ServerVictim server = ServerVictim.start(database(), directory)) {
        if (stop == 0) {
          producing.add(JudgedRun.recorded(server, random));
        }
        JudgedRun run = producing.runs().getFirst();
        CompletableFuture<Status> held = new CompletableFuture<>();
        producing.sendUntil(
            server,
            () -> {
              run.history().check(server.judge());
              run.history().watch(server.channel());
              waitForVerdict(server, run, held);
              producing.awaitAcks(1 + random.nextInt(300));
              stopInTime(server);
            });
        assertThat(held.get(30, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      }
    }
    try (ServerVictim last = ServerVictim.start(database(), directory)) {
      producing.finish(last, 20);
      // After a graceful stop nothing is durable that the producer was not told of.
      assertThat(producing.producers()).allMatch(producer -> producer.unheard() == 0);
      producing.runs().getFirst().checkVerdict(last, 0);
      assertThat(last.complaints()).isEmpty();
      stopInTime(last);
    }
  }

  private static void stopInTime(ServerVictim server) throws InterruptedException {
    long start = System.nanoTime();
    assertThat(server.stop()).as("exit code").isZero();
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(MOST_SECONDS);
  }

  /** A call that is held back until the verdict is terminal. */
  private static void waitForVerdict(
      ServerVictim server, JudgedRun run, CompletableFuture<Status> end) {
    JudgeGrpc.newStub(server.channel())
        .getVerdict(
            GetVerdictRequest.newBuilder()
                .setAnalysisRun(run.history().run())
                .setWait(Durations.fromMinutes(4))
                .build(),
            new StreamObserver<GetVerdictResponse>() {
              @Override
              public void onNext(GetVerdictResponse answer) {}

              @Override
              public void onError(Throwable cause) {
                end.complete(Status.fromThrowable(cause));
              }

              @Override
              public void onCompleted() {
                end.complete(Status.OK);
              }
            });
  }

  /** The client that is shipped, over servers that are killed and stopped at the same port. */
  @Test
  void theShippedProducerCountsEverythingOnce() throws Exception {
    ServerVictim server = ServerVictim.start(database(), directory);
    try {
      int port = server.grpcPort();
      JudgedRun run = JudgedRun.live(server, random);
      ManagedChannel channel = JudgeChannel.to("127.0.0.1:" + port).open();
      SampleProducer producer =
          SampleProducer.builder(channel, run.history().run())
              .flushInterval(Duration.ofMillis(20))
              .backoff(Duration.ofMillis(20), Duration.ofMillis(200))
              .start();
      try {
        ProportionSeries baseline = producer.proportion(Arm.ARM_BASELINE, "b", "error_rate");
        ProportionSeries canary = producer.proportion(Arm.ARM_CANARY, "c", "error_rate");
        AtomicLong times = new AtomicLong();
        for (int life = 0; life < 3; life++) {
          long before = producer.stats().ackedBatches();
          Awaitility.await()
              .pollInterval(Duration.ofMillis(1))
              .atMost(Duration.ofMinutes(2))
              .until(
                  () -> {
                    baseline.record(3, 1);
                    canary.record(2, 0);
                    times.incrementAndGet();
                    return producer.stats().ackedBatches() >= before + 5;
                  });
          if (life == 1) {
            stopInTime(server);
          } else {
            server.killAfter(random.nextInt(20));
          }
          server.close();
          server = ServerVictim.start(database(), directory, port);
        }
        long newest = System.currentTimeMillis();
        assertThat(producer.close(Duration.ofMinutes(1))).isEqualTo(new ProducerEnd.Closed(true));
        assertThat(producer.stats().rejectedSamples()).isEmpty();
        assertThat(producer.stats().unsent()).isEmpty();
        MetricVerdict errors = run.awaitSealedThrough(server, newest).getMetrics(0);
        assertThat(errors.getBaselineSampleCount()).isEqualTo(3 * times.get());
        assertThat(errors.getCanarySampleCount()).isEqualTo(2 * times.get());
        assertThat(errors.getThresholds(1).getBaselineEstimate()).isEqualTo(1.0 / 3);
      } finally {
        producer.close(Duration.ZERO);
        channel.shutdownNow();
      }
    } finally {
      server.close();
    }
  }
}
