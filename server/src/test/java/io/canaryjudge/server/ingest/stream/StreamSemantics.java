package io.canaryjudge.server.ingest.stream;

import static io.canaryjudge.server.run.TestPolicies.PATIENT;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Timestamps;
import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.proto.v1.SampleBatch;
import io.canaryjudge.proto.v1.StreamOpened;
import io.canaryjudge.proto.v1.StreamSamplesRequest;
import io.canaryjudge.server.store.RunRecord;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What judge.proto promises of StreamSamples. */
abstract class StreamSemantics extends WireTest {

  private RunRecord run;
  private long now;

  @BeforeEach
  void createRun() {
    run = harness.live(PATIENT);
    now = harness.clock.millis();
  }

  private WireStream open(String producer) {
    WireStream stream = WireStream.open(channel, run.id(), producer);
    stream.opened();
    return stream;
  }

  @Test
  void theHandshakeTellsWhereToGoOnAndWhatIsAllowed() {
    StreamOpened opened = WireStream.open(channel, run.id(), "p").opened();
    assertThat(opened.getCommittedSequence()).isZero();
    assertThat(opened.getMaxUnackedBatches())
        .isEqualTo(harness.settings.limits().maxUnackedBatches());
    assertThat(opened.getMaxSamplesPerBatch())
        .isEqualTo(harness.settings.limits().maxSamplesPerBatch());
    assertThat(opened.getMaxSeries()).isEqualTo(harness.settings.limits().maxSeriesPerStream());
    assertThat(Timestamps.toMillis(opened.getStartTime())).isEqualTo(run.startMillis());
    assertThat(opened.getWindowMillis()).isEqualTo(1_000);
  }

  @Test
  void acksAreCumulativeAndFollowTheCommit() {
    WireStream stream = open("p");
    stream.send(declaring(1).addProportions(counts(1, now, 10, 1)));
    stream.send(batch(2).addProportions(counts(1, now, 10, 1)));
    stream.send(batch(3).addDistributions(values(3, now, 0.5)));
    roundsUntil(() -> stream.acked() == 3);
    assertThat(stream.acks()).isSorted();
    stream.halfClose();
    assertThat(stream.ended().isOk()).isTrue();
    harness.samples.assertBalanced(3);
  }

  @Test
  void aHalfCloseWaitsForTheLastAck() {
    WireStream stream = open("p");
    stream.send(declaring(1).addProportions(counts(1, now, 10, 1)));
    stream.halfClose();
    roundsUntil(stream::hasEnded);
    assertThat(stream.ended().isOk()).isTrue();
    assertThat(stream.acked()).isEqualTo(1);
  }

  @Test
  void aRepeatIsAckedAgainWithoutEffect() throws Exception {
    WireStream stream = open("p");
    SampleBatch first = declaring(1).addProportions(counts(1, now, 10, 1)).build();
    stream.send(first);
    roundsUntil(() -> stream.acked() == 1);
    stream.send(first);
    stream.awaitAck(1);
    stream.send(batch(2).addProportions(counts(1, now, 10, 1)));
    roundsUntil(() -> stream.acked() == 2);
    assertThat(stream.acks()).startsWith(1L, 1L);
    harness.pass(10_000);
    assertThat(harness.sealedTotal(run.id(), Arm.BASELINE)).isEqualTo(20);
    harness.samples.assertBalanced(3);
  }

  @Test
  void aGapNamesTheExpectedSequence() {
    WireStream stream = open("p");
    stream.send(declaring(1).addProportions(counts(1, now, 10, 1)));
    stream.send(batch(3).addProportions(counts(1, now, 10, 1)));
    var error = stream.endedWith(Status.Code.OUT_OF_RANGE);
    assertThat(error.getReason()).isEqualTo("SEQUENCE_GAP");
    assertThat(error.getMetadataMap()).containsEntry("expected_sequence", "2");
    roundsUntil(() -> harness.samples.accepted() == 1);
    harness.samples.assertBalanced(2);
  }

  @Test
  void aSecondStreamReplacesTheFirst() {
    WireStream first = open("p");
    first.send(declaring(1).addProportions(counts(1, now, 10, 1)));
    roundsUntil(() -> first.acked() == 1);
    WireStream second = open("p");
    assertThat(first.endedWith(Status.Code.ABORTED).getReason()).isEqualTo("STREAM_REPLACED");
    assertThat(second.opened().getCommittedSequence()).isEqualTo(1);
    second.send(declaring(2).addProportions(counts(1, now, 10, 1)));
    roundsUntil(() -> second.acked() == 2);
    harness.samples.assertBalanced(2);
  }

  @Test
  void streamsThatAreNotOpenedProperlyAreRefused() {
    assertThat(WireStream.open(channel, "nobody", "p").endedWith(Status.Code.NOT_FOUND).getReason())
        .isEqualTo("RUN_NOT_FOUND");

    WireStream badName = WireStream.begin(channel);
    badName.sendOpen("runs/7", "p");
    assertInvalid(badName, "open.analysis_run: runs/7 (expected: analysisRuns/{analysis_run})");
    WireStream badProducer = WireStream.open(channel, run.id(), "-p");
    assertInvalid(badProducer, "open.producer: -p (expected: [A-Za-z0-9][A-Za-z0-9_.-]{0,63})");
    WireStream tooEarly = WireStream.begin(channel);
    tooEarly.send(declaring(1).addProportions(counts(1, now, 1, 0)));
    assertInvalid(tooEarly, "frame: batch (expected: open first)");
    WireStream empty = WireStream.begin(channel);
    empty.send(StreamSamplesRequest.getDefaultInstance());
    assertInvalid(empty, "frame: nothing that is known (expected: open or batch)");
    WireStream silent = WireStream.begin(channel);
    silent.halfClose();
    assertInvalid(silent, "frame: the end of the stream (expected: open first)");
    WireStream twice = open("p");
    twice.sendOpen("analysisRuns/" + run.id(), "p");
    assertInvalid(twice, "frame: open again (expected: batch)");
    WireStream zero = open("q");
    zero.send(batch(0));
    assertInvalid(zero, "batch.sequence: 0 (expected: at least 1)");
    harness.samples.assertBalanced(1);
  }

  private static void assertInvalid(WireStream stream, String message) {
    assertThat(stream.endedWith(Status.Code.INVALID_ARGUMENT).getReason())
        .isEqualTo("INVALID_FIELD");
    assertThat(stream.ended().getDescription()).isEqualTo(message);
  }

  @Test
  void seriesAreDeclaredInOrderAndOnce() {
    WireStream skipping = open("p");
    skipping.send(
        batch(1)
            .addSeries(series(2, io.canaryjudge.proto.v1.Arm.ARM_CANARY, "c", "latency"))
            .addDistributions(values(2, now, 1)));
    assertInvalid(skipping, "batch.series[0].series_id: 2 (expected: 1, the next)");

    WireStream changing = open("q");
    changing.send(declaring(1));
    changing.send(
        batch(2).addSeries(series(1, io.canaryjudge.proto.v1.Arm.ARM_CANARY, "c", "latency")));
    assertThat(changing.endedWith(Status.Code.INVALID_ARGUMENT).getReason())
        .isEqualTo("INVALID_FIELD");

    WireStream repeating = open("r");
    repeating.send(declaring(1).addProportions(counts(1, now, 1, 0)));
    repeating.send(declaring(2).addProportions(counts(1, now, 1, 0)));
    roundsUntil(() -> repeating.acked() == 2);
    harness.samples.assertBalanced(3);
  }

  @Test
  void aBatchOverItsLimitIsNotTakenAtAll() {
    WireStream stream = open("p");
    stream.send(declaring(1).addProportions(counts(1, now, 1, 0)));
    SampleBatch.Builder large = batch(2);
    int samples = harness.settings.limits().maxSamplesPerBatch() + 1;
    for (int i = 0; i < samples; i++) {
      large.addProportions(counts(1, now, 1, 0));
    }
    stream.send(large);
    var error = stream.endedWith(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(error.getReason()).isEqualTo("LIMIT_REACHED");
    assertThat(error.getMetadataMap()).containsKey("max_samples_per_batch");
    roundsUntil(() -> harness.samples.accepted() == 1);
    WireStream again = open("p");
    assertThat(again.opened().getCommittedSequence()).isEqualTo(1);
    harness.samples.assertBalanced(1 + samples);
  }

  @Test
  void aRunThatEndsClosesItsStreamsAfterTheAcks() {
    WireStream stream = open("p");
    stream.send(declaring(1).addProportions(counts(1, now, 1, 0)));
    roundsUntil(() -> stream.acked() == 1);
    var cancelled = harness.runs.cancel(run.id(), "", "", "");
    roundsUntil(cancelled::isDone);
    assertThat(stream.endedWith(Status.Code.FAILED_PRECONDITION).getReason())
        .isEqualTo("RUN_CLOSED");
    assertThat(
            WireStream.open(channel, run.id(), "p")
                .endedWith(Status.Code.FAILED_PRECONDITION)
                .getReason())
        .isEqualTo("RUN_CLOSED");
    harness.samples.assertBalanced(1);
  }

  /** Cuts the stream after each number of messages, with and without a commit in between. */
  @Test
  void cutAnywhereNothingIsLostAndNothingCountsTwice() throws Exception {
    int batches = 6;
    long expected = 0;
    long sent = 0;
    for (int cut = 0; cut <= batches; cut++) {
      for (int commitAfter = 0; commitAfter <= cut; commitAfter++) {
        String producer = "p-" + cut + "-" + commitAfter;
        WireStream first = open(producer);
        for (int i = 1; i <= cut; i++) {
          first.send(declaring(i).addProportions(counts(1, now, 1L << i, 0)));
          if (i == commitAfter) {
            int upTo = i;
            roundsUntil(() -> first.acked() == upTo);
          }
        }
        first.cut();
        WireStream second = open(producer);
        long from = second.opened().getCommittedSequence() + 1;
        assertThat(from).isBetween(commitAfter + 1L, cut + 1L);
        for (long i = from; i <= batches; i++) {
          second.send(declaring(i).addProportions(counts(1, now, 1L << i, 0)));
        }
        second.halfClose();
        roundsUntil(second::hasEnded);
        assertThat(second.ended().isOk()).isTrue();
        for (int i = 1; i <= batches; i++) {
          expected += 1L << i;
        }
        sent += batches;
      }
    }
    harness.pass(10_000);
    assertThat(harness.sealedTotal(run.id(), Arm.BASELINE)).isEqualTo(expected);
    assertThat(harness.samples.accepted()).isEqualTo(sent);
    harness.samples.assertBalanced(harness.samples.received());
    harness.replay(run.id());
  }

  @Test
  void severalProducersInAnyOrderComeToTheSame() throws Exception {
    long start = now - 3_600_000;
    List<SampleBatch.Builder> batches = new ArrayList<>();
    Random random = new Random(5);
    for (int i = 0; i < 60; i++) {
      long time = start + i * 500L;
      batches.add(
          SampleBatch.newBuilder()
              .addProportions(counts(1, time, 100, random.nextInt(3)))
              .addProportions(counts(2, time, 100, random.nextInt(3)))
              .addDistributions(values(3, time, random.nextDouble(), random.nextDouble())));
    }
    List<String> logs = new ArrayList<>();
    for (int producers = 1; producers <= 3; producers++) {
      RunRecord other = harness.retrospective(PATIENT, start, producers);
      List<WireStream> streams = new ArrayList<>();
      long[] sequences = new long[producers];
      for (int p = 0; p < producers; p++) {
        WireStream stream = WireStream.open(channel, other.id(), "p" + p);
        stream.opened();
        stream.send(declaring(++sequences[p]));
        streams.add(stream);
      }
      List<SampleBatch.Builder> shuffled = new ArrayList<>(batches);
      java.util.Collections.shuffle(shuffled, random);
      for (SampleBatch.Builder batch : shuffled) {
        int p = random.nextInt(producers);
        streams.get(p).send(batch.clone().setSequence(++sequences[p]));
      }
      for (int p = 0; p < producers; p++) {
        streams.get(p).send(batch(++sequences[p]).setLast(true));
        streams.get(p).halfClose();
      }
      roundsUntil(() -> streams.stream().allMatch(WireStream::hasEnded));
      assertThat(streams).allMatch(stream -> stream.ended().isOk());
      // Durable samples are acknowledged, and judged in a moment.
      roundsUntil(() -> !harness.runs.snapshot(other.id()).verdict().open());
      logs.add(
          String.join("\n", harness.log(other.id())).replaceAll("atMillis=\\d+", "")
              + withoutId(harness.runs.snapshot(other.id()).verdict().toString()));
    }
    assertThat(logs).allMatch(log -> log.equals(logs.getFirst()));
    harness.samples.assertBalanced(3 * 60 * 3);
  }

  private static String withoutId(String text) {
    return text.replaceAll("atMillis=\\d+", "");
  }
}
