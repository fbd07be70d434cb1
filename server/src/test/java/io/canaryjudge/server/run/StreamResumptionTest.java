package io.canaryjudge.server.run;

import static io.canaryjudge.server.run.TestPolicies.PATIENT;
import static io.canaryjudge.server.run.TestStream.TestSample.baseline;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.RunRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each batch has its effect once, whatever becomes of streams. */
class StreamResumptionTest {

  @TempDir Path directory;

  private RunHarness harness;
  private RunRecord run;

  @BeforeEach
  void start() {
    harness = new RunHarness(directory);
    run = harness.live(PATIENT);
  }

  @AfterEach
  void stop() {
    harness.close();
  }

  @Test
  void aRepeatHasNoEffect() throws Exception {
    TestStream stream = harness.open(run.id(), "p");
    stream.send(baseline(run.startMillis(), 10, 0));
    assertThat(stream.send(1, 0, false, baseline(run.startMillis(), 10, 0)))
        .as("before its commit")
        .isEqualTo(IngestSession.Outcome.REPEATED);
    harness.round();
    assertThat(stream.send(1, 0, false, baseline(run.startMillis(), 10, 0)))
        .as("after its commit")
        .isEqualTo(IngestSession.Outcome.REPEATED);
    assertThat(stream.session().committedSequence()).isEqualTo(1);
    harness.pass(10_000);

    assertThat(harness.sealedTotal(run.id(), Arm.BASELINE)).isEqualTo(10);
    assertThat(harness.samples.repeated()).isEqualTo(2);
    harness.samples.assertBalanced(3);
  }

  @Test
  void aListenerThatFailsDoesNotMakeSamplesCountTwice() throws Exception {
    CompletableFuture<IngestSession> opened = new CompletableFuture<>();
    harness.runs.openStream(run.id(), "p", Door.GRPC, new FailingListener(opened));
    opened
        .get(10, TimeUnit.SECONDS)
        .offer(1, 1, 0, false, sink -> sink.refuse(Refusal.NEGATIVE, () -> "-1"));

    harness.round();

    assertThat(harness.samples.rejected()).containsExactly(Map.entry(Refusal.NEGATIVE, 1L));
    harness.samples.assertBalanced(1);
  }

  private record FailingListener(CompletableFuture<IngestSession> session)
      implements IngestListener {

    @Override
    public void opened(IngestSession opened, long committedSequence) {
      session.complete(opened);
    }

    @Override
    public void acked(long committedSequence, List<Rejection> rejections) {
      throw new IllegalStateException("as the test wants it");
    }

    @Override
    public void finished() {}

    @Override
    public void ended(JudgeException reason) {}
  }

  @Test
  void aGapEndsTheStreamAndNamesTheExpectedSequence() throws Exception {
    TestStream stream = harness.open(run.id(), "p");
    stream.send(baseline(run.startMillis(), 10, 0));
    assertThatThrownBy(() -> stream.send(3, 0, false, baseline(run.startMillis(), 10, 0)))
        .isInstanceOfSatisfying(
            JudgeException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(ErrorReason.SEQUENCE_GAP);
              assertThat(e.metadata()).containsEntry("expected_sequence", "2");
            });
    assertThat(stream.send(2, 0, false, baseline(run.startMillis(), 10, 0)))
        .isEqualTo(IngestSession.Outcome.ENDED);
    harness.round();

    TestStream again = harness.open(run.id(), "p");
    assertThat(again.next()).as("batch 1 was taken").isEqualTo(2);
    again.send(baseline(run.startMillis(), 10, 0));
    harness.pass(10_000);
    assertThat(harness.sealedTotal(run.id(), Arm.BASELINE)).isEqualTo(20);
    assertThat(harness.samples.rejected()).isEqualTo(Map.of(Refusal.STREAM_ENDED, 2L));
    harness.samples.assertBalanced(4);
  }

  @Test
  void refusesASequenceBelowOne() {
    TestStream stream = harness.open(run.id(), "p");
    assertThatThrownBy(() -> stream.send(0, 0, false))
        .hasMessage("batch.sequence: 0 (expected: at least 1)");
  }

  @Test
  void aSecondStreamReplacesTheFirstWithoutLosingWhatItTook() throws Exception {
    TestStream first = harness.open(run.id(), "p");
    first.send(baseline(run.startMillis(), 10, 0)); // in the first stream's partial
    harness.round();
    first.send(baseline(run.startMillis(), 10, 0));
    TestStream second = harness.open(run.id(), "p");
    assertThat(second.next()).as("only the first batch is durable").isEqualTo(2);
    assertThat(first.endedBecause()).isEqualTo(ErrorReason.STREAM_REPLACED);
    assertThat(first.send(3, 0, false, baseline(run.startMillis(), 10, 0)))
        .isEqualTo(IngestSession.Outcome.ENDED);

    assertThat(second.send(2, 0, false, baseline(run.startMillis(), 10, 0)))
        .as("taken by the first, but not yet acknowledged")
        .isEqualTo(IngestSession.Outcome.REPEATED);
    second.send(3, 0, false, baseline(run.startMillis(), 10, 0));
    harness.pass(10_000);
    assertThat(second.acked()).isEqualTo(3);
    assertThat(harness.sealedTotal(run.id(), Arm.BASELINE)).isEqualTo(30);
    harness.samples.assertBalanced(5);
  }

  @Test
  void producersDoNotKnowOfEachOther() throws Exception {
    TestStream p = harness.open(run.id(), "p");
    TestStream q = harness.open(run.id(), "q");
    p.send(baseline(run.startMillis(), 1, 0));
    p.send(baseline(run.startMillis(), 1, 0));
    q.send(baseline(run.startMillis(), 1, 0));
    harness.round();
    assertThat(p.acked()).isEqualTo(2);
    assertThat(q.acked()).isEqualTo(1);
    harness.samples.assertBalanced(3);
  }

  @Test
  void aHalfCloseIsAnsweredOnceEverythingIsAcked() throws Exception {
    TestStream stream = harness.open(run.id(), "p");
    stream.send(baseline(run.startMillis(), 10, 0));
    stream.session().halfClose();
    assertThat(stream.hasFinished()).isFalse();
    harness.round();
    stream.awaitFinished();
    assertThat(stream.acked()).isEqualTo(1);

    TestStream idle = harness.open(run.id(), "p");
    idle.session().halfClose();
    idle.awaitFinished();
  }

  @Test
  void whatALostStreamTookIsCommittedAllTheSame() throws Exception {
    TestStream stream = harness.open(run.id(), "p");
    stream.send(baseline(run.startMillis(), 10, 0));
    stream.session().abandon();
    harness.round();
    assertThat(stream.acked()).as("nobody listens").isZero();
    assertThat(harness.open(run.id(), "p").next()).isEqualTo(2);
    harness.samples.assertBalanced(1);
  }

  @Test
  void aBatchAtWhichTheServerFailsTakesNothingWithIt() throws Exception {
    TestStream stream = harness.open(run.id(), "p");
    stream.send(baseline(run.startMillis(), 10, 0));
    harness.round();
    stream.send(baseline(run.startMillis(), 10, 0));
    assertThatThrownBy(
            () ->
                stream
                    .session()
                    .offer(
                        3,
                        5,
                        0,
                        false,
                        _ -> {
                          throw new IllegalStateException("a defect");
                        }))
        .hasMessage("a defect");
    TestStream again = harness.open(run.id(), "p");
    assertThat(again.next()).isEqualTo(2);
    again.send(baseline(run.startMillis(), 10, 0));
    harness.pass(10_000);
    assertThat(harness.sealedTotal(run.id(), Arm.BASELINE)).isEqualTo(20);
    harness.samples.assertBalanced(1 + 1 + 5 + 1);
  }
}
