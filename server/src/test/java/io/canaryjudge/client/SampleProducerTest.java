package io.canaryjudge.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.canaryjudge.client.FakeJudge.Fault;
import io.canaryjudge.client.FakeJudge.Sum;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.SampleRejection;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SampleProducerTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final FakeJudge judge = new FakeJudge();
  private final AtomicLong nowMillis = new AtomicLong(1_000_000);
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    String name = InProcessServerBuilder.generateName();
    server = InProcessServerBuilder.forName(name).directExecutor().addService(judge).build();
    server.start();
    channel = InProcessChannelBuilder.forName(name).build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
    assertThat(judge.problems()).isEmpty();
  }

  private SampleProducer.Builder producer() {
    return SampleProducer.builder(channel, "analysisRuns/r1")
        .clock(() -> Instant.ofEpochMilli(nowMillis.get()))
        .flushInterval(Duration.ofMillis(5))
        .backoff(Duration.ofMillis(1), Duration.ofMillis(10))
        .answerTimeout(Duration.ofSeconds(10));
  }

  private static void assertLawHolds(ProducerStats stats) {
    assertThat(
            stats.pending()
                + stats.unacked()
                + stats.acked()
                + stats.unsent().values().stream().mapToLong(Long::longValue).sum())
        .as("%s", stats)
        .isEqualTo(stats.recorded());
  }

  @Test
  void whatWasRecordedArrivesPerSeries() {
    try (var producer = producer().start()) {
      var errors = producer.proportion(Arm.ARM_CANARY, "pod-1", "error_rate");
      var latency = producer.distribution(Arm.ARM_BASELINE, "pod-2", "latency");
      for (int i = 0; i < 100; i++) {
        errors.record(i % 10 == 0);
        latency.record(0.02 + i / 1e4);
      }
      errors.record(50, 7);
      assertThat(producer.close(LONG)).isEqualTo(new ProducerEnd.Closed(true));
      assertThat(judge.sums())
          .containsEntry("canary pod-1 error_rate", new Sum(150, 17))
          .containsEntry("baseline pod-2 latency", new Sum(100, 0))
          .hasSize(2);
      assertThat(producer.stats().acked()).isEqualTo(250);
      assertThat(producer.stats().connections()).isEqualTo(1);
      assertLawHolds(producer.stats());
    }
  }

  @Test
  void anIntervalNeverSpansTwoWindowsOfTheRun() {
    try (var producer = producer().flushInterval(Duration.ofSeconds(30)).start()) {
      await().until(() -> judge.messages() >= 1 && producer.stats().connections() == 1);
      var errors = producer.proportion(Arm.ARM_CANARY, "pod-1", "error_rate");
      // The first batch shows that the judge's windows are known: they begin at each full second.
      errors.record(1, 0);
      producer.flush();
      await().until(() -> judge.observations() == 1);
      errors.recordAt(2_000_999, 10, 0);
      errors.recordAt(2_001_000, 20, 0);
      errors.recordAt(2_001_999, 30, 0);
      assertThat(producer.close(LONG)).isEqualTo(new ProducerEnd.Closed(true));
    }
    assertThat(judge.observationsByTime())
        .containsEntry(2_000_999L, 10L)
        .containsEntry(2_001_000L, 50L)
        .doesNotContainKey(2_001_999L);
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"CUT_BEFORE", "CUT_UNCOMMITTED", "CUT_UNACKED", "CUT_AFTER"})
  void streamCutAtEachMessageCountsEverythingOnce(Fault fault) {
    for (int cutAt = 0; cutAt < 6; cutAt++) {
      var fresh = new FakeJudge();
      int at = cutAt;
      fresh.faults(message -> message == at ? fault : Fault.NONE).limits(2, 1);
      playOnce(fresh, producerOf(fresh));
    }
  }

  @Test
  void lostAcksAndSilenceAreFoundByTheTimeout() {
    for (Fault fault : List.of(Fault.ACK_LOST, Fault.SILENCE)) {
      for (int at = 0; at < 4; at++) {
        var fresh = new FakeJudge();
        int message = at;
        fresh.faults(number -> number == message ? fault : Fault.NONE).limits(2, 1);
        playOnce(fresh, producerOf(fresh).answerTimeout(Duration.ofMillis(100)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void anySequenceOfFaultsCountsEverythingOnce(long seed) {
    var random = new Random(seed);
    Fault[] all = Fault.values();
    var fresh = new FakeJudge();
    fresh
        .faults(
            message ->
                message > 40 || random.nextInt(3) > 0
                    ? Fault.NONE
                    : all[random.nextInt(all.length)])
        .limits(1 + random.nextInt(4), 1 + random.nextInt(3));
    playOnce(fresh, producerOf(fresh).answerTimeout(Duration.ofMillis(100)));
  }

  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<Server> servers = new ArrayList<>();

  @AfterEach
  void stopOthers() {
    channels.forEach(ManagedChannel::shutdownNow);
    servers.forEach(Server::shutdownNow);
  }

  private SampleProducer.Builder producerOf(FakeJudge fake) {
    String name = InProcessServerBuilder.generateName();
    try {
      servers.add(InProcessServerBuilder.forName(name).addService(fake).build().start());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    var own = InProcessChannelBuilder.forName(name).build();
    channels.add(own);
    return SampleProducer.builder(own, "analysisRuns/r1")
        .clock(() -> Instant.ofEpochMilli(nowMillis.get()))
        .flushInterval(Duration.ofMillis(2))
        .backoff(Duration.ofMillis(1), Duration.ofMillis(5))
        .answerTimeout(Duration.ofSeconds(10));
  }

  /** Two threads record on three series, while batches go out and break. */
  private void playOnce(FakeJudge fake, SampleProducer.Builder builder) {
    try (var producer = builder.start();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var baseline = producer.proportion(Arm.ARM_BASELINE, "b", "error_rate");
      var canary = producer.proportion(Arm.ARM_CANARY, "c", "error_rate");
      var latency = producer.distribution(Arm.ARM_CANARY, "c", "latency");
      var done = new CountDownLatch(2);
      for (int thread = 0; thread < 2; thread++) {
        threads.execute(
            () -> {
              for (int i = 0; i < 200; i++) {
                baseline.record(i % 4 == 0);
                canary.record(3, i % 2);
                latency.record(i / 1e3);
                if (i % 20 == 0) {
                  nowMillis.addAndGet(100);
                  producer.flush();
                }
              }
              done.countDown();
            });
      }
      assertThat(done.await(10, SECONDS)).isTrue();
      assertThat(producer.close(LONG)).isEqualTo(new ProducerEnd.Closed(true));
      assertThat(fake.sums())
          .containsExactlyInAnyOrderEntriesOf(
              Map.of(
                  "baseline b error_rate", new Sum(400, 100),
                  "canary c error_rate", new Sum(1200, 200),
                  "canary c latency", new Sum(400, 0)));
      assertThat(fake.problems()).isEmpty();
      assertThat(producer.stats().acked()).isEqualTo(2000);
      assertThat(producer.stats().unsent()).isEmpty();
      assertLawHolds(producer.stats());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void closedRunEndsTheProducerAndCountsWhatIsLeft() {
    judge.close(FakeJudge.error(Status.Code.FAILED_PRECONDITION, "RUN_CLOSED"));
    try (var producer = producer().start()) {
      var errors = producer.proportion(Arm.ARM_CANARY, "pod-1", "error_rate");
      errors.record(10, 0);
      assertThat(producer.ended().orTimeout(10, SECONDS).join())
          .isInstanceOfSatisfying(
              ProducerEnd.RunClosed.class, end -> assertThat(end.message()).contains("as told"));
      errors.record(5, 0);
      var stats = producer.stats();
      assertThat(stats.unsent()).containsEntry(UnsentReason.CLOSED, 5L);
      assertThat(stats.acked()).isZero();
      assertThat(stats.pending()).isZero();
      assertLawHolds(stats);
    }
  }

  @Test
  void refusalThatCannotPassEndsTheProducer() {
    judge.refuse(FakeJudge.error(Status.Code.NOT_FOUND, "RUN_NOT_FOUND"));
    try (var producer = producer().start()) {
      assertThat(producer.ended().orTimeout(10, SECONDS).join())
          .isInstanceOfSatisfying(
              ProducerEnd.Refused.class,
              end -> assertThat(end.message()).contains("RUN_NOT_FOUND"));
      assertThat(judge.streams()).isEqualTo(1);
    }
  }

  @Test
  void identityThatWasUsedBeforeIsRefusedInsteadOfLosingBatches() {
    judge.pretendCommitted("pod-1", 3);
    try (var producer = producer().producerId("pod-1").start()) {
      assertThat(producer.ended().orTimeout(10, SECONDS).join())
          .isInstanceOfSatisfying(
              ProducerEnd.Refused.class,
              end -> assertThat(end.message()).contains("used before in this run"));
    }
  }

  @Test
  void fullBufferDropsTheOldestAndCountsIt() {
    judge.refuse(Status.UNAVAILABLE.asRuntimeException());
    try (var producer = producer().buffer(3, WhenFull.DROP_OLDEST).start()) {
      var errors = producer.proportion(Arm.ARM_CANARY, "pod-1", "error_rate");
      for (int second = 0; second < 5; second++) {
        errors.recordAt(2_000_000 + second * 1_000L, 10, 0);
      }
      assertThat(producer.stats().unsent()).containsEntry(UnsentReason.BUFFER_FULL, 20L);
      assertThat(producer.stats().pending()).isEqualTo(30);
      judge.refuse(null);
      assertThat(producer.close(LONG)).isEqualTo(new ProducerEnd.Closed(true));
      assertThat(judge.observationsByTime())
          .containsExactly(
              Map.entry(2_002_000L, 10L), Map.entry(2_003_000L, 10L), Map.entry(2_004_000L, 10L));
      assertLawHolds(producer.stats());
    }
  }

  @Test
  void fullBufferMayMergeInsteadAndLoseNothing() {
    judge.refuse(Status.UNAVAILABLE.asRuntimeException());
    try (var producer = producer().buffer(3, WhenFull.MERGE_INTO_NEWEST).start()) {
      var errors = producer.proportion(Arm.ARM_CANARY, "pod-1", "error_rate");
      for (int second = 0; second < 5; second++) {
        errors.recordAt(2_000_000 + second * 1_000L, 10, 0);
      }
      assertThat(producer.stats().unsent()).isEmpty();
      judge.refuse(null);
      assertThat(producer.close(LONG)).isEqualTo(new ProducerEnd.Closed(true));
      assertThat(judge.observationsByTime())
          .containsExactly(
              Map.entry(2_000_000L, 10L), Map.entry(2_001_000L, 10L), Map.entry(2_002_000L, 30L));
      assertLawHolds(producer.stats());
    }
  }

  @Test
  void slowJudgeHoldsBatchesBackWithinTheCredit() {
    judge.limits(4, 1).reading(false);
    try (var producer = producer().start()) {
      var errors = producer.proportion(Arm.ARM_CANARY, "pod-1", "error_rate");
      for (int second = 0; second < 20; second++) {
        errors.recordAt(2_000_000 + second * 1_000L, 1, 0);
      }
      producer.flush();
      await().until(() -> producer.stats().connections() == 1);
      assertThat(producer.stats().unacked()).isLessThanOrEqualTo(4);
      assertThat(producer.stats().recorded()).isEqualTo(20);
      judge.reading(true);
      assertThat(producer.close(LONG)).isEqualTo(new ProducerEnd.Closed(true));
      assertThat(judge.observations()).isEqualTo(20);
    }
  }

  @Test
  void rejectionsAreToldAndCounted() {
    judge.reject(SampleRejection.Reason.REASON_LATE);
    List<SampleRejection> told = new ArrayList<>();
    var listener =
        new ProducerListener() {
          @Override
          public void onRejected(SampleRejection rejection) {
            told.add(rejection);
            throw new IllegalStateException("a listener's own failure harms nobody");
          }
        };
    try (var producer = producer().listener(listener).start()) {
      producer.proportion(Arm.ARM_CANARY, "pod-1", "error_rate").record(10, 1);
      assertThat(producer.close(LONG)).isEqualTo(new ProducerEnd.Closed(true));
      assertThat(producer.stats().rejectedSamples())
          .containsExactly(Map.entry(SampleRejection.Reason.REASON_LATE, 1L));
      assertThat(told).hasSize(1);
    }
  }

  @Test
  void numbersThatMakeNoSenseAreCountedAndNeverThrown() {
    try (var producer = producer().start()) {
      var errors = producer.proportion(Arm.ARM_CANARY, "pod-1", "error_rate");
      var latency = producer.distribution(Arm.ARM_CANARY, "pod-1", "latency");
      errors.record(5, 6);
      errors.record(-1, 0);
      latency.record(Double.NaN);
      latency.record(Double.POSITIVE_INFINITY);
      latency.record(-0.1);
      latency.record(0.1);
      assertThat(producer.close(LONG)).isEqualTo(new ProducerEnd.Closed(true));
      assertThat(producer.stats().unsent()).containsExactly(Map.entry(UnsentReason.INVALID, 9L));
      assertThat(judge.sums()).containsExactly(Map.entry("canary pod-1 latency", new Sum(1, 0)));
      assertLawHolds(producer.stats());
    }
  }

  @Test
  void closingGivesUpAfterItsTimeoutAndSaysWhatIsMissing() {
    judge.refuse(Status.UNAVAILABLE.asRuntimeException());
    try (var producer = producer().start()) {
      producer.proportion(Arm.ARM_CANARY, "pod-1", "error_rate").record(10, 1);
      assertThat(producer.close(Duration.ofMillis(50))).isEqualTo(new ProducerEnd.Closed(false));
      assertThat(producer.stats().unsent()).containsExactly(Map.entry(UnsentReason.ENDED, 10L));
      assertLawHolds(producer.stats());
    }
  }

  @Test
  void refusesSettingsThatMakeNoSense() {
    assertThatThrownBy(() -> producer().producerId("no spaces"))
        .hasMessageContaining("producer: 'no spaces' (expected: ");
    assertThatThrownBy(() -> SampleProducer.builder(channel, "r1"))
        .hasMessage("run: 'r1' (expected: analysisRuns/{analysis_run})");
    try (var producer = producer().maxSeries(1).start()) {
      producer.proportion(Arm.ARM_CANARY, "pod-1", "error_rate");
      assertThatThrownBy(() -> producer.proportion(Arm.ARM_CANARY, "pod-2", "error_rate"))
          .hasMessageContaining("maxSeries = 1");
      assertThatThrownBy(() -> producer.proportion(Arm.ARM_UNSPECIFIED, "pod-2", "error_rate"))
          .hasMessageContaining("expected: ARM_BASELINE or ARM_CANARY");
    }
  }
}
