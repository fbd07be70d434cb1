package io.canaryjudge.server.run;

import static io.canaryjudge.server.run.TestPolicies.PATIENT;
import static io.canaryjudge.server.run.TestPolicies.SHORT;
import static io.canaryjudge.server.run.TestStream.TestSample.baseline;
import static io.canaryjudge.server.run.TestStream.TestSample.canary;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.Reason;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.store.RunRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Live runs: sealed by the clock, acknowledged by commits. */
class LiveRunTest {

  @TempDir Path directory;

  private RunHarness harness;

  @BeforeEach
  void start() {
    harness = new RunHarness(directory);
  }

  @AfterEach
  void stop() {
    harness.close();
  }

  @Test
  void acknowledgesWhatIsCommittedAndNothingBefore() throws Exception {
    RunRecord run = harness.live(PATIENT);
    TestStream stream = harness.open(run.id(), "p");
    stream.send(baseline(run.startMillis(), 10, 1));
    stream.send(canary(run.startMillis(), 10, 1));

    assertThat(stream.acked()).isZero();
    harness.round();
    assertThat(stream.acked()).isEqualTo(2);
    harness.samples.assertBalanced(2);
    assertThat(harness.samples.accepted()).isEqualTo(2);
  }

  @Test
  void manyBatchesAreOneCommitWithOneSegment() throws Exception {
    RunRecord run = harness.live(PATIENT);
    TestStream stream = harness.open(run.id(), "p");
    stream.session();
    int before = harness.store.commits().size();
    for (int i = 0; i < 500; i++) {
      stream.send(baseline(run.startMillis() + i, 1, 0), canary(run.startMillis() + i, 1, 0));
    }
    harness.round();

    assertThat(stream.acked()).isEqualTo(500);
    assertThat(harness.store.commits()).hasSize(before + 1);
    assertThat(harness.store.load(run.id()).segments()).hasSize(1);
    assertThat(harness.store.load(run.id()).segments().getFirst().content().length).isLessThan(200);
  }

  @Test
  void sealsAWindowWhenItsLatenessIsOver() throws Exception {
    RunRecord run = harness.live(PATIENT);
    TestStream stream = harness.open(run.id(), "p");
    stream.send(baseline(run.startMillis() + 999, 7, 0));
    harness.pass(2_500); // the first window ends after 1 s, and takes samples for 2 s more
    assertThat(harness.runs.snapshot(run.id()).verdict().sealedWindows()).isZero();
    stream.send(canary(run.startMillis(), 5, 0));
    harness.pass(500);

    assertThat(harness.runs.snapshot(run.id()).verdict().sealedWindows()).isEqualTo(1);
    LogEntry.WindowSealed first = harness.windows(run.id()).getFirst();
    assertThat(RunHarness.total(first.content(), Arm.BASELINE)).isEqualTo(7);
    assertThat(RunHarness.total(first.content(), Arm.CANARY)).isEqualTo(5);
    assertThat(harness.store.load(run.id()).segments()).isEmpty();
    harness.replay(run.id());
  }

  @Test
  void refusesSamplesOfSealedWindowsAndCountsThem() throws Exception {
    RunRecord run = harness.live(PATIENT);
    harness.pass(6_000);
    TestStream stream = harness.open(run.id(), "p");
    long now = harness.clock.millis();
    stream.send(
        baseline(run.startMillis() + 1, 10, 0),
        baseline(now - 2_000, 10, 0),
        baseline(run.startMillis() - 1, 10, 0),
        baseline(now + 60_000, 10, 0),
        baseline(now + 59_999, 10, 0),
        canary(now, 10, 0));
    harness.round();

    assertThat(stream.rejections())
        .extracting(Rejection::reason, Rejection::samples)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(Refusal.LATE, 1L),
            org.assertj.core.groups.Tuple.tuple(Refusal.BEFORE_START, 1L),
            org.assertj.core.groups.Tuple.tuple(Refusal.IN_FUTURE, 1L));
    assertThat(harness.samples.accepted()).isEqualTo(3);
    assertThat(harness.samples.late()).isEqualTo(1);
    harness.samples.assertBalanced(6);
  }

  @Test
  void everyWindowTakesSamplesUntilTheMomentItIsSealed() throws Exception {
    RunRecord run = harness.live(PATIENT);
    TestStream stream = harness.open(run.id(), "p");
    long accepted = 0;
    for (int i = 0; i < 60; i++) {
      harness.clock.advance(500);
      // As late as it may be: the window that is sealed by the very next round.
      long oldest = Math.max(run.startMillis(), harness.clock.millis() - 3_000);
      stream.send(baseline(oldest, 1, 0));
      harness.round();
      accepted = harness.samples.accepted();
      assertThat(accepted + harness.samples.late()).isEqualTo(i + 1);
    }
    harness.pass(10_000);

    assertThat(accepted).isPositive();
    assertThat(harness.sealedTotal(run.id(), Arm.BASELINE)).isEqualTo(accepted);
    harness.samples.assertBalanced(60);
  }

  @Test
  void endsAtItsDeadlineAndThenClosesItsStreams() throws Exception {
    RunRecord run = harness.live(SHORT);
    TestStream stream = harness.open(run.id(), "p");
    stream.send(baseline(run.startMillis(), 10, 0), canary(run.startMillis(), 10, 0));
    harness.pass(61_500);
    assertThat(stream.hasEnded()).isFalse();
    harness.clock.advance(500);
    stream.send(baseline(harness.clock.millis(), 10, 0)); // acked although never judged
    harness.round();

    assertThat(stream.acked()).isEqualTo(2);
    assertThat(stream.endedBecause()).isEqualTo(ErrorReason.RUN_CLOSED);
    RunSnapshot last = harness.runs.snapshot(run.id());
    assertThat(last.verdict().judgedDecision()).isEqualTo(Decision.INCONCLUSIVE);
    assertThat(last.verdict().reason()).isEqualTo(Reason.DEADLINE);
    assertThat(last.verdict().sealedWindows()).isEqualTo(60);
    assertThat(last.run().state()).isEqualTo(RunState.COMPLETED);
    assertThat(last.run().endMillis()).isEqualTo(harness.clock.millis());
    assertThat(harness.runs.openRuns()).isZero();
    assertThat(stream.send(baseline(harness.clock.millis(), 10, 0)))
        .isEqualTo(IngestSession.Outcome.ENDED);
    assertThat(harness.open(run.id(), "q").endedBecause()).isEqualTo(ErrorReason.RUN_CLOSED);
    assertThat(harness.samples.rejected()).containsEntry(Refusal.RUN_CLOSED, 1L);
    harness.samples.assertBalanced(4);
    harness.replay(run.id());
  }

  @Test
  void tellsWatchersOfEachStateInOrderAndOfTheLast() throws Exception {
    RunRecord run = harness.live(SHORT);
    List<Long> revisions = new ArrayList<>();
    List<Boolean> open = new ArrayList<>();
    try (Subscription subscription =
        harness.runs.watch(
            run.id(),
            -1,
            snapshot -> {
              revisions.add(snapshot.verdict().revision());
              open.add(snapshot.verdict().open());
            })) {
      assertThat(subscription).isNotNull();
      harness.pass(63_000);
    }
    assertThat(revisions).isSorted().doesNotHaveDuplicates().startsWith(0L).endsWith(60L);
    assertThat(open.getLast()).isFalse();
    assertThat(harness.runs.awaitTerminal(run.id())).isCompleted();

    List<Long> afterwards = new ArrayList<>();
    harness.runs.watch(run.id(), 59, snapshot -> afterwards.add(snapshot.verdict().revision()));
    harness.runs.watch(run.id(), 60, snapshot -> afterwards.add(snapshot.verdict().revision()));
    assertThat(afterwards).containsExactly(60L);
  }

  @Test
  void whoStopsWaitingIsForgotten() {
    RunRecord run = harness.live(PATIENT);
    var waiting = harness.runs.awaitTerminal(run.id());
    RunOwner owner = harness.runs.owners().iterator().next();
    assertThat(owner.watching()).isEqualTo(1);
    assertThat(waiting.cancel(false)).isTrue();
    assertThat(owner.watching()).isZero();
  }

  @Test
  void unknownRunsAreRefused() {
    assertThat(harness.open("nobody", "p").endedBecause()).isEqualTo(ErrorReason.RUN_NOT_FOUND);
  }
}
