package io.canaryjudge.server.run;

import static io.canaryjudge.server.run.TestPolicies.PATIENT;
import static io.canaryjudge.server.run.TestStream.TestSample.baseline;
import static io.canaryjudge.server.run.TestStream.TestSample.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.server.run.FaultyRunStore.Fault;
import io.canaryjudge.server.run.TestStream.TestSample;
import io.canaryjudge.server.store.RunRecord;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The samples of all runs together hold so much memory, and the greedy run is the one to wait. */
class SampleMemoryTest {

  private static final long LIMIT = 256 << 10;

  @TempDir Path directory;

  private RunHarness harness;
  private int sent;

  @BeforeEach
  void start() {
    harness = new RunHarness(directory, RunSettings.DEFAULTS.withSampleMemory(LIMIT));
  }

  @AfterEach
  void stop() {
    harness.close();
  }

  /** A sample that needs memory of its own: in a window of its own. */
  private TestSample next() {
    return value(Arm.BASELINE, "b", ++sent * 1_000L, 1e-6 * sent);
  }

  /** Sends until memory stays scarce; one batch more may be read then. */
  private void fill(TestStream stream) throws Exception {
    do {
      while (stream.session().wantsMore()) {
        stream.send(next());
      }
      harness.round();
    } while (harness.runs.sampleMemoryHeld() < LIMIT / 2);
    assertThat(sent).isLessThan(RunSettings.DEFAULTS.limits().maxUnackedBatches());
    assertThat(harness.runs.sampleMemoryHeld()).isLessThan(LIMIT);
  }

  @Test
  void isFreeAgainOnceEveryWindowIsSealedAndDurable() throws Exception {
    RunRecord run = harness.retrospective(PATIENT, 0, 2);
    TestStream p = harness.open(run.id(), "p");
    TestStream q = harness.open(run.id(), "q");
    for (int i = 0; i < 20; i++) {
      p.sendUpTo(1_000L * i, next(), baseline(1_000L * i, 1, 0), baseline(-1, 1, 0));
      q.sendUpTo(1_000L * i, next(), baseline(1_000L * i, 1, 0));
      assertThat(harness.runs.sampleMemoryHeld()).isPositive();
      if (i % 3 == 0) {
        harness.round();
      }
    }
    p.sendLast();
    q.sendLast();
    harness.store.fail(Fault.BEFORE);
    harness.runs.round();
    assertThat(harness.runs.sampleMemoryHeld())
        .as("sealed windows count until they are durable")
        .isPositive();
    harness.store.heal();
    harness.clock.advance(10_000);
    harness.round();
    harness.round();
    assertThat(harness.runs.sampleMemoryHeld()).isZero();
  }

  @Test
  void isFreeAgainAfterTheEndOfARunThatHeldSome() throws Exception {
    RunRecord run = harness.live(PATIENT);
    TestStream stream = harness.open(run.id(), "p");
    stream.send(baseline(harness.clock.millis(), 1, 0));
    harness.round();
    var cancelled = harness.runs.cancel(run.id(), "", "", "");
    stream.send(value(Arm.CANARY, "c", harness.clock.millis(), 1));
    harness.round();
    assertThat(cancelled).isCompleted();
    harness.runs.awaitTerminal(run.id()).join();
    RunHarness.awaitUntil(() -> harness.runs.openRuns() == 0);
    assertThat(harness.runs.sampleMemoryHeld()).isZero();
  }

  @Test
  void aStreamIsReadByOneBatchForEachCommitWhileItIsScarce() throws Exception {
    RunRecord run = harness.retrospective(PATIENT, 0, 1);
    TestStream stream = harness.open(run.id(), "p");
    fill(stream);
    int before = stream.readOns();
    for (int i = 1; i <= 3; i++) {
      assertThat(stream.session().wantsMore()).isTrue();
      stream.send(next());
      assertThat(stream.session().wantsMore()).isFalse();
      harness.round();
      assertThat(stream.readOns()).isEqualTo(before + i);
    }
    // The watermark lets the windows be sealed, which frees their memory.
    long end = (sent + 1) * 1_000L;
    stream.sendUpTo(end);
    harness.round();
    harness.round();
    assertThat(stream.session().wantsMore()).isTrue();
    stream.send(value(Arm.BASELINE, "b", end, 1));
    assertThat(stream.session().wantsMore()).isTrue();
    assertThat(harness.samples.rejected()).isEmpty();
  }

  @Test
  void streamsThatWaitAreNotReadOnWhileTheDatabaseIsAway() throws Exception {
    RunRecord run = harness.retrospective(PATIENT, 0, 1);
    TestStream stream = harness.open(run.id(), "p");
    fill(stream);
    stream.send(next());
    assertThat(stream.session().wantsMore()).isFalse();
    int before = stream.readOns();
    harness.store.fail(Fault.BEFORE);
    for (int i = 0; i < 5; i++) {
      harness.runs.round();
      harness.clock.advance(500);
    }
    assertThat(stream.readOns()).isEqualTo(before);
    assertThat(stream.session().wantsMore()).isFalse();
    harness.store.heal();
    harness.clock.advance(10_000);
    harness.round();
    assertThat(stream.readOns()).isEqualTo(before + 1);
  }

  @Test
  void atTheBoundOnlyTheGreedyRunIsRefused() throws Exception {
    RunRecord greedy = harness.retrospective(PATIENT, 0, 1);
    RunRecord modest = harness.live(PATIENT);
    TestStream much = harness.open(greedy.id(), "p");
    TestStream little = harness.open(modest.id(), "p");
    for (int i = 0; i < 2_000; i++) { // a sender that minds nothing
      much.send(next());
    }
    assertThat(harness.runs.sampleMemoryHeld()).isBetween(LIMIT, LIMIT + LIMIT / 10);
    assertThat(much.session().wantsMore()).isFalse();
    assertThat(little.session().wantsMore()).isTrue();
    little.send(baseline(harness.clock.millis(), 1, 0));
    harness.round();
    assertThat(harness.samples.rejected()).containsOnlyKeys(Refusal.LIMIT);
    assertThat(much.rejections().getFirst().example()).contains("memory");
    assertThat(little.rejections()).isEmpty();
    assertThat(little.acked()).isEqualTo(1);
    harness.samples.assertBalanced(2_001);
  }
}
