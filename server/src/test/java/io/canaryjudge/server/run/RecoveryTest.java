package io.canaryjudge.server.run;

import static io.canaryjudge.server.run.TestStream.TestSample.baseline;
import static io.canaryjudge.server.run.TestStream.TestSample.counts;
import static io.canaryjudge.server.run.TestStream.TestSample.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.run.FaultyRunStore.Fault;
import io.canaryjudge.server.run.TestStream.TestSample;
import io.canaryjudge.server.store.RunRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After a crash everything that was acknowledged counts once, and the verdict is the same. */
class RecoveryTest {

  @TempDir Path directory;

  private RunHarness harness;

  @BeforeEach
  void start() {
    RunSettings defaults = RunSettings.DEFAULTS;
    harness =
        new RunHarness(
            directory,
            new RunSettings(
                defaults.limits(),
                defaults.sampleMemoryBytes(),
                defaults.maxOpenRuns(),
                defaults.commitIntervalMillis(),
                7, // checkpoints often, and not in step with anything
                defaults.maxWindowsPerCommit(),
                defaults.stallMillis(),
                defaults.graceMillis(),
                defaults.idleMillis(),
                defaults.quietMillis(),
                defaults.pulls(),
                defaults.maxMessages()));
  }

  @AfterEach
  void stop() {
    harness.close();
  }

  @Test
  void acknowledgedSamplesCountOnceWhateverTheMomentOfTheCrash() throws Exception {
    RunRecord run = harness.retrospective(TestPolicies.PATIENT, 0, 1);
    Random random = new Random(11);
    List<TestSample[]> batches = batches(random);
    int done = 0;
    int crashes = 0;
    TestStream stream = harness.open(run.id(), "p");
    while (done < batches.size()) {
      // Sends some of what is not acknowledged, then commits, crashes in between, or both.
      stream.session();
      for (int i = (int) stream.next() - 1;
          i < Math.min(batches.size(), done + 1 + random.nextInt(10));
          i++) {
        stream.sendUpTo(i * 250L, batches.get(i));
      }
      switch (random.nextInt(4)) {
        case 0 -> {
          crashes++;
          stream = crash(run);
        }
        case 1 -> {
          harness.store.fail(Fault.AFTER); // committed, but not heard of
          harness.runs.round();
          crashes++;
          stream = crash(run);
        }
        default -> harness.round();
      }
      done = (int) stream.acked();
    }
    stream.sendLast();
    harness.round();

    assertThat(crashes).isGreaterThan(20);
    long expectedBaseline = total(batches, Arm.BASELINE);
    long expectedCanary = total(batches, Arm.CANARY);
    assertThat(harness.sealedTotal(run.id(), Arm.BASELINE)).isEqualTo(expectedBaseline);
    assertThat(harness.sealedTotal(run.id(), Arm.CANARY)).isEqualTo(expectedCanary);
    RunReplay.Outcome replay = harness.replay(run.id());
    assertThat(replay.last()).isEqualTo(harness.runs.snapshot(run.id()).verdict());

    // A run that was never interrupted comes to the same.
    RunRecord calm = harness.retrospective(TestPolicies.PATIENT, 0, 1);
    TestStream whole = harness.open(calm.id(), "p");
    for (TestSample[] batch : batches) {
      whole.send(batch);
    }
    whole.sendLast();
    harness.round();
    assertThat(harness.windows(calm.id()))
        .extracting(RunHarness::text)
        .isEqualTo(harness.windows(run.id()).stream().map(RunHarness::text).toList());
    assertThat(harness.runs.snapshot(calm.id()).verdict())
        .isEqualTo(harness.runs.snapshot(run.id()).verdict());
  }

  private TestStream crash(RunRecord run) {
    harness.restart();
    return harness.open(run.id(), "p");
  }

  private static List<TestSample[]> batches(Random random) {
    List<TestSample[]> batches = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      TestSample[] batch = new TestSample[1 + random.nextInt(5)];
      for (int j = 0; j < batch.length; j++) {
        Arm arm = random.nextBoolean() ? Arm.BASELINE : Arm.CANARY;
        long time = i * 250L + random.nextInt(250);
        batch[j] =
            random.nextBoolean()
                ? counts(arm, "i" + random.nextInt(3), time, 10, random.nextInt(2))
                : value(arm, "i" + random.nextInt(3), time, random.nextDouble());
      }
      batches.add(batch);
    }
    return batches;
  }

  private static long total(List<TestSample[]> batches, Arm arm) {
    long total = 0;
    for (TestSample[] batch : batches) {
      for (TestSample sample : batch) {
        if (sample.arm() == arm) {
          total += sample.isProportion() ? sample.total() : 1;
        }
      }
    }
    return total;
  }

  @Test
  void aLiveRunGoesOnWithItsOpenWindowsAndItsVerdict() throws Exception {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    TestStream stream = harness.open(run.id(), "p");
    for (int i = 0; i < 20; i++) {
      stream.send(baseline(harness.clock.millis(), 1, 0));
      harness.pass(500);
    }
    var reported = harness.runs.reportStep(run.id(), 1, 5, "ci");
    harness.round();
    assertThat(reported).isCompleted();
    Verdict before = harness.runs.snapshot(run.id()).verdict();
    assertThat(before.revision()).isPositive();

    harness.restart();
    assertThat(harness.runs.snapshot(run.id()).verdict()).isEqualTo(before);
    assertThat(harness.open(run.id(), "p").next()).isEqualTo(21);
    harness.pass(20_000);
    assertThat(harness.sealedTotal(run.id(), Arm.BASELINE)).isEqualTo(20);
    harness.replay(run.id());
  }

  @Test
  void silenceDuringAnOutageOfOursIsMarked() throws Exception {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    TestStream stream = harness.open(run.id(), "p");
    for (int i = 0; i < 40; i++) {
      stream.send(
          baseline(harness.clock.millis(), 1, 0),
          counts(Arm.CANARY, "c", harness.clock.millis(), 1, 0));
      harness.pass(500);
    }
    long died = harness.clock.millis();
    harness.clock.advance(120_000);
    harness.restart();

    // Only the producer of the baseline comes back in time, and brings what it kept.
    TestStream again = harness.open(run.id(), "p");
    for (long time = died; time < harness.clock.millis(); time += 1_000) {
      again.send(baseline(time, 1, 0));
    }
    assertThat(again.send(baseline(harness.clock.millis(), 1, 0)))
        .isEqualTo(IngestSession.Outcome.TAKEN);
    harness.pass(3_000);
    again.send(counts(Arm.CANARY, "c", harness.clock.millis(), 1, 0));
    harness.pass(20_000);

    assertThat(harness.samples.late()).isZero();
    for (LogEntry.WindowSealed window : harness.windows(run.id())) {
      long canary = RunHarness.total(window.content(), Arm.CANARY);
      long baseline = RunHarness.total(window.content(), Arm.BASELINE);
      if (canary == 0 && baseline > 0) {
        assertThat(window.interrupted()).as("window %d", window.index()).isTrue();
      }
    }
    harness.replay(run.id());
  }

  @Test
  void theGraceBeginsAsTheDoorsOpen() throws Exception {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    harness.open(run.id(), "p").send(baseline(run.startMillis(), 1, 0));
    harness.pass(500);
    harness.restart();
    harness.pass(4_500); // recovery, and all else that comes before
    harness.runs.serve();
    harness.pass(4_500);
    TestStream again = harness.open(run.id(), "p");
    again.send(baseline(run.startMillis(), 1, 0));
    harness.pass(500);
    assertThat(harness.samples.late()).isZero();
    harness.pass(500);
    assertThat(harness.sealedTotal(run.id(), Arm.BASELINE)).isEqualTo(2);
  }

  @Test
  void runsThatEndedStayEnded() throws Exception {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    var cancelled = harness.runs.cancel(run.id(), "me", "enough", "");
    harness.round();
    assertThat(cancelled).isCompleted();
    RunSnapshot last = harness.runs.snapshot(run.id());
    harness.restart();
    assertThat(harness.runs.openRuns()).isZero();
    assertThat(harness.runs.snapshot(run.id())).isEqualTo(last);
    assertThat(harness.open(run.id(), "p").endedBecause()).isEqualTo(ErrorReason.RUN_CLOSED);
  }

  @Test
  void reportsSurviveACrashOnceTheyWereAnswered() throws Exception {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    var answered =
        harness.runs.reportCheck(run.id(), "smoke", CheckOutcome.PASSED, "fine", "http://x", "ci");
    harness.round();
    assertThat(answered).isCompleted();
    var unanswered = harness.runs.reportCheck(run.id(), "load", CheckOutcome.FAILED, "", "", "ci");
    harness.restart();
    assertThat(unanswered).isNotDone();
    assertThat(harness.runs.snapshot(run.id()).verdict().checks())
        .extracting(check -> check.name() + " " + check.outcome())
        .containsExactly("smoke PASSED");
  }

  @Test
  void aRunThatCannotBeReadDoesNotKeepTheOthersFromStarting() throws Exception {
    RunRecord good = harness.live(TestPolicies.PATIENT);
    RunRecord bad = harness.live(TestPolicies.policy("gone", 0.01, 0, 0));
    harness.policies.remove("gone");
    harness.restart();
    assertThat(harness.runs.openRuns()).isEqualTo(1);
    assertThat(harness.open(good.id(), "p").next()).isEqualTo(1);
    assertThat(harness.open(bad.id(), "p").endedBecause()).isEqualTo(ErrorReason.INTERNAL);
  }
}
