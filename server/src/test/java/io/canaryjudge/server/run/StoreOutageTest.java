package io.canaryjudge.server.run;

import static io.canaryjudge.server.run.TestPolicies.PATIENT;
import static io.canaryjudge.server.run.TestStream.TestSample.baseline;
import static io.canaryjudge.server.run.TestStream.TestSample.canary;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.run.FaultyRunStore.Fault;
import io.canaryjudge.server.store.RunRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A database that does not answer: nobody is told anything, and nothing is lost. */
class StoreOutageTest {

  @TempDir Path directory;

  private RunHarness harness;

  @BeforeEach
  void start() throws Exception {
    harness = new RunHarness(directory);
    harness.pass(10_000); // long after the start
  }

  @AfterEach
  void stop() {
    harness.close();
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsAcknowledgedUntilItIsDurable(Fault fault) throws Exception {
    RunRecord run = harness.live(PATIENT);
    TestStream stream = harness.open(run.id(), "p");
    stream.send(baseline(harness.clock.millis(), 1, 0));
    harness.round();
    List<RunSnapshot> told = new ArrayList<>();
    harness.runs.watch(run.id(), 0, told::add);
    CompletableFuture<RunSnapshot> report =
        harness.runs.reportCheck(run.id(), "smoke", CheckOutcome.PASSED, "", "", "");
    harness.store.fail(fault);
    long sent = 1;
    for (int i = 0; i < 40; i++) { // 20 s
      stream.send(baseline(harness.clock.millis(), 1, 0), canary(harness.clock.millis(), 1, 0));
      sent += 2;
      harness.clock.advance(500);
      harness.runs.round();
    }
    assertThat(stream.acked()).isEqualTo(1);
    assertThat(told).isEmpty();
    assertThat(report).isNotDone();
    assertThat(harness.runs.snapshot(run.id()).verdict().revision()).isZero();
    assertThat(harness.store.commits().size()).as("backs off").isLessThan(15);

    harness.store.heal();
    harness.pass(30_000);
    assertThat(report).isCompleted();
    assertThat(stream.acked()).isEqualTo(41);
    assertThat(told).isNotEmpty();
    assertThat(harness.samples.accepted()).as("the grace lets all of it in").isEqualTo(sent);
    harness.samples.assertBalanced(sent);
    assertThat(harness.sealedTotal(run.id(), Arm.BASELINE)).isEqualTo(41);
    assertThat(harness.sealedTotal(run.id(), Arm.CANARY)).isEqualTo(40);
    harness.replay(run.id());
  }

  @Test
  void windowsOfAnOutageAreMarked() throws Exception {
    RunRecord run = harness.live(PATIENT);
    TestStream stream = harness.open(run.id(), "p");
    for (int i = 0; i < 10; i++) {
      stream.send(baseline(harness.clock.millis(), 1, 0));
      harness.pass(1_000);
    }
    harness.store.fail(Fault.BEFORE);
    for (int i = 0; i < 10; i++) {
      stream.send(baseline(harness.clock.millis(), 1, 0));
      harness.clock.advance(1_000);
      harness.runs.round();
    }
    harness.store.heal();
    for (int i = 0; i < 20; i++) {
      stream.send(baseline(harness.clock.millis(), 1, 0));
      harness.pass(1_000);
    }
    List<Boolean> marks =
        harness.windows(run.id()).stream().map(LogEntry.WindowSealed::interrupted).toList();
    assertThat(marks.subList(0, 6)).as("sealed before").containsOnly(false);
    assertThat(marks.subList(10, 20)).as("while the database was away").containsOnly(true);
    assertThat(marks.getLast()).as("long after").isFalse();
    harness.samples.assertBalanced(40);
  }

  @Test
  void aRunThatCannotBeCommittedDoesNotHoldUpTheOthers() throws Exception {
    RunRecord good = harness.live(PATIENT);
    RunRecord bad = harness.live(PATIENT);
    TestStream first = harness.open(good.id(), "p");
    TestStream second = harness.open(bad.id(), "p");
    first.send(baseline(harness.clock.millis(), 1, 0));
    second.send(baseline(harness.clock.millis(), 1, 0));
    harness.store.poison(bad.id());
    harness.round();

    assertThat(first.acked()).isEqualTo(1);
    assertThat(second.endedBecause()).isEqualTo(ErrorReason.INTERNAL);
    assertThat(second.acked()).isZero();
    assertThat(harness.open(bad.id(), "q").endedBecause()).isEqualTo(ErrorReason.INTERNAL);
    assertThat(harness.runs.snapshot(bad.id()).verdict().decision())
        .isEqualTo(io.canaryjudge.analysis.verdict.Decision.WAIT);
    assertThat(harness.runs.cancel(bad.id(), "", "", "")).failsWithin(Duration.ofSeconds(10));
    first.send(baseline(harness.clock.millis(), 1, 0));
    harness.round();
    assertThat(first.acked()).isEqualTo(2);
    harness.samples.assertBalanced(3);
  }

  @Test
  void aStandstillOfTheProcessIsAnInterruption() throws Exception {
    RunRecord run = harness.live(PATIENT);
    TestStream stream = harness.open(run.id(), "p");
    for (int i = 0; i < 5; i++) {
      stream.send(baseline(harness.clock.millis(), 1, 0));
      harness.pass(1_000);
    }
    long stopped = harness.clock.millis();
    harness.clock.advance(60_000); // as when the machine sleeps
    harness.round();
    // The producer is back and sends what it kept.
    for (long time = stopped; time < harness.clock.millis(); time += 1_000) {
      stream.send(baseline(time, 1, 0));
    }
    harness.pass(20_000);
    harness.samples.assertBalanced(65);
    assertThat(harness.samples.accepted()).isEqualTo(65);
    List<LogEntry.WindowSealed> windows = harness.windows(run.id());
    assertThat(windows.subList(5, 64)).allMatch(LogEntry.WindowSealed::interrupted);
    harness.replay(run.id());
  }
}
