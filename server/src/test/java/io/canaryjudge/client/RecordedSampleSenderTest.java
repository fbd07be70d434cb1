package io.canaryjudge.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.client.FakeJudge.Fault;
import io.canaryjudge.client.FakeJudge.Sum;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.ExplicitHistogram;
import io.canaryjudge.proto.v1.ExponentialHistogram;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RecordedSampleSenderTest {

  private static final SeriesSpec ERRORS = SeriesSpec.of(Arm.ARM_BASELINE, "pod-1", "error_rate");
  private static final SeriesSpec LATENCY = SeriesSpec.of(Arm.ARM_CANARY, "pod-2", "latency");

  private final FakeJudge judge = new FakeJudge().limits(3, 7);
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    String name = InProcessServerBuilder.generateName();
    server = InProcessServerBuilder.forName(name).addService(judge).build().start();
    channel = InProcessChannelBuilder.forName(name).build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
    assertThat(judge.problems()).isEmpty();
  }

  private RecordedSampleSender sender() {
    return new RecordedSampleSender(channel, "analysisRuns/r1")
        .backoff(Duration.ofMillis(1), Duration.ofMillis(5));
  }

  private static Iterator<RecordedSample> errors(int count) {
    return IntStream.range(0, count)
        .<RecordedSample>mapToObj(
            i -> new RecordedSample.Proportion(ERRORS, 1_000_000 + i * 1_000L, 10, 1))
        .iterator();
  }

  @Test
  void sendsEveryFormAndDeclaresTheEnd() throws InterruptedException {
    List<RecordedSample> samples =
        List.of(
            new RecordedSample.Proportion(ERRORS, 1_000_000, 10, 3),
            new RecordedSample.Values(LATENCY, 1_001_000, List.of(0.1, 0.2)),
            new RecordedSample.Exponential(
                LATENCY,
                1_002_000,
                ExponentialHistogram.newBuilder().setZeroCount(1).addBucketCounts(4).build()),
            new RecordedSample.Explicit(
                LATENCY,
                1_003_000,
                ExplicitHistogram.newBuilder()
                    .addUpperBounds(0.5)
                    .addBucketCounts(6)
                    .addBucketCounts(7)
                    .build()));
    var sent = sender().send(samples.iterator());
    assertThat(sent.end()).isEqualTo(new ProducerEnd.Closed(true));
    assertThat(judge.sums())
        .containsEntry("baseline pod-1 error_rate", new Sum(10, 3))
        .containsEntry("canary pod-2 latency", new Sum(20, 0));
    assertThat(judge.sawLast()).isTrue();
    assertThat(sent.stats().acked()).isEqualTo(30);
  }

  @Test
  void readsNoFasterThanTheJudgeTakes() throws InterruptedException {
    judge.limits(2, 10).faults(message -> message == 2 ? Fault.SILENCE : Fault.NONE);
    var read = new AtomicInteger();
    Iterator<RecordedSample> counted =
        IntStream.iterate(0, i -> i + 1)
            .<RecordedSample>mapToObj(
                i -> {
                  read.incrementAndGet();
                  return new RecordedSample.Proportion(ERRORS, 1_000_000 + i, 1, 0);
                })
            .iterator();
    var thread =
        Thread.startVirtualThread(
            () -> {
              try {
                sender().send(counted);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    // One batch is acked, two are unacked, two wait in the queue, one is being filled.
    org.awaitility.Awaitility.await().until(() -> read.get() >= 50);
    thread.interrupt();
    thread.join();
    assertThat(read.get()).isLessThanOrEqualTo(61);
  }

  @Test
  void watermarksRiseAndAllowTheStatedDisorder() throws InterruptedException {
    sender().disorder(Duration.ofSeconds(5)).send(errors(50));
    assertThat(judge.watermarks()).isSorted().last().isEqualTo(1_000_000 + 49_000L - 5_000);
  }

  @Test
  void refusesASampleFromBeforeTheWatermark() {
    List<RecordedSample> backwards =
        List.of(
            new RecordedSample.Proportion(ERRORS, 1_001_000, 10, 3),
            new RecordedSample.Proportion(ERRORS, 1_000_000, 10, 3));
    assertThatThrownBy(() -> sender().send(backwards.iterator()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "timeMillis: 1000000 after 1001000 (expected: in order, up to a disorder of 0 ms)");
  }

  @Test
  void anySequenceOfFaultsCountsEverythingOnce() throws InterruptedException {
    for (long seed = 1; seed <= 10; seed++) {
      var random = new Random(seed);
      long before = judge.observations();
      Fault[] faults = {
        Fault.CUT_BEFORE, Fault.CUT_UNCOMMITTED, Fault.CUT_UNACKED, Fault.CUT_AFTER
      };
      judge.faults(_ -> random.nextInt(4) > 0 ? Fault.NONE : faults[random.nextInt(faults.length)]);
      var sent = sender().send(errors(100));
      assertThat(sent.end()).isEqualTo(new ProducerEnd.Closed(true));
      assertThat(judge.observations() - before).isEqualTo(1_000);
    }
  }

  @Test
  void anEarlyDecisionEndsTheSending() throws InterruptedException {
    judge.close(FakeJudge.error(Status.Code.FAILED_PRECONDITION, "RUN_CLOSED"));
    var sent = sender().send(errors(100));
    assertThat(sent.end()).isInstanceOf(ProducerEnd.RunClosed.class);
    assertThat(sent.stats().acked()).isZero();
    assertThat(sent.stats().recorded())
        .isEqualTo(
            sent.stats().unacked() + sent.stats().unsent().getOrDefault(UnsentReason.ENDED, 0L));
  }
}
