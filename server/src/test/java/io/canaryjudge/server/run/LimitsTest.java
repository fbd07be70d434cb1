package io.canaryjudge.server.run;

import static io.canaryjudge.server.run.TestPolicies.PATIENT;
import static io.canaryjudge.server.run.TestStream.TestSample.baseline;
import static io.canaryjudge.server.run.TestStream.TestSample.counts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.run.FaultyRunStore.Fault;
import io.canaryjudge.server.store.RunRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything is bounded, and reaching a bound is told. */
class LimitsTest {

  private static final IngestLimits SMALL =
      new IngestLimits(8, 100, 100, 3, 4, 20, 6, 6, 60_000, 86_400_000L);

  @TempDir Path directory;

  private RunHarness harness;
  private RunRecord run;

  @BeforeEach
  void start() {
    harness = new RunHarness(directory, RunSettings.DEFAULTS.with(SMALL).with(100, 3));
    run = harness.live(PATIENT);
  }

  @AfterEach
  void stop() {
    harness.close();
  }

  @Test
  void aStreamIsNotReadWhileTooMuchIsUnacked() throws Exception {
    TestStream stream = harness.open(run.id(), "p");
    int read = 0;
    while (stream.session().wantsMore()) {
      stream.send(baseline(harness.clock.millis(), 1, 0));
      read++;
    }
    assertThat(read).isEqualTo(8);
    harness.round();
    assertThat(stream.session().wantsMore()).isTrue();
    harness.samples.assertBalanced(8);
  }

  @Test
  void memoryStaysBoundedWhileTheDatabaseIsAway() throws Exception {
    TestStream stream = harness.open(run.id(), "p");
    stream.send(baseline(harness.clock.millis(), 1, 0));
    harness.round();
    harness.store.fail(Fault.BEFORE);
    int read = 0;
    for (int i = 0; i < 100; i++) {
      if (stream.session().wantsMore()) {
        stream.send(baseline(harness.clock.millis(), 1, 0));
        read++;
      }
      harness.runs.round();
      harness.clock.advance(500);
    }
    assertThat(read).isEqualTo(8);
    harness.store.heal();
    harness.pass(10_000);
    assertThat(stream.acked()).isEqualTo(9);
    harness.samples.assertBalanced(9);
  }

  @Test
  void takesSoManyInstancesOfAnArm() throws Exception {
    TestStream stream = harness.open(run.id(), "p");
    for (int i = 0; i < 6; i++) {
      stream.send(counts(Arm.CANARY, "c" + i, harness.clock.millis(), 1, 0));
    }
    stream.send(counts(Arm.BASELINE, "b", harness.clock.millis(), 1, 0));
    harness.round();
    assertThat(stream.rejections()).extracting(Rejection::sequence).containsExactly(5L, 6L);
    assertThat(stream.rejections()).extracting(Rejection::reason).containsOnly(Refusal.LIMIT);
    assertThat(harness.samples.accepted()).isEqualTo(5);
    harness.samples.assertBalanced(7);
  }

  @Test
  void takesSoManyAggregatesInOpenWindowsAndAsManyAgainWhenTheyAreSealed() throws Exception {
    TestStream stream = harness.open(run.id(), "p");
    long start = harness.clock.millis();
    // What streams collect counts too, until it is merged: so nothing finds room once it is full.
    for (int i = 0; i < 3; i++) {
      for (int window = 0; window < 24; window++) {
        if (!stream.session().wantsMore()) {
          harness.round();
        }
        stream.send(baseline(start + window * 1_000L, 1, 0));
      }
    }
    harness.round();
    assertThat(harness.samples.rejected()).isEqualTo(Map.of(Refusal.LIMIT, 52L));
    harness.pass(20_000);
    harness.samples.assertBalanced(72);
    long before = harness.samples.accepted();
    for (int i = 0; i < 8; i++) {
      stream.send(baseline(harness.clock.millis() + i * 1_000L, 1, 0));
    }
    harness.round();
    assertThat(harness.samples.accepted()).isEqualTo(before + 8);
  }

  @Test
  void sumsThatCannotBeHeldAreRefusedNotWrapped() throws Exception {
    TestStream p = harness.open(run.id(), "p");
    TestStream q = harness.open(run.id(), "q");
    long most = 1_000_000_000_000_000L;
    p.send(baseline(harness.clock.millis(), most - 5, 0));
    q.send(
        baseline(harness.clock.millis(), 10, 0),
        counts(Arm.CANARY, "c", harness.clock.millis(), 7, 0));
    harness.round();
    assertThat(harness.samples.rejected()).isEqualTo(Map.of(Refusal.LIMIT, 1L));
    harness.pass(10_000);
    assertThat(harness.sealedTotal(run.id(), Arm.CANARY)).isEqualTo(7);
    assertThat(harness.sealedTotal(run.id(), Arm.BASELINE)).isIn(10L, most - 5);
    harness.samples.assertBalanced(3);
  }

  @Test
  void takesSoManyProducers() {
    for (int i = 0; i < 3; i++) {
      harness.open(run.id(), "p" + i).session();
    }
    assertThat(harness.open(run.id(), "p3").endedBecause()).isEqualTo(ErrorReason.LIMIT_REACHED);
    harness.open(run.id(), "p0").session();
  }

  @Test
  void takesSoManyOpenRuns() throws Exception {
    harness.live(PATIENT);
    harness.live(PATIENT);
    assertThatThrownBy(() -> harness.live(PATIENT))
        .isInstanceOfSatisfying(
            JudgeException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(ErrorReason.LIMIT_REACHED);
              assertThat(e.retryAfterMillis()).isPresent();
            });
    var cancelled = harness.runs.cancel(run.id(), "", "", "");
    harness.round();
    assertThat(cancelled).isCompleted();
    assertThat(harness.live(PATIENT).open()).isTrue();
  }

  @Test
  void holdsSoManyRejections() throws Exception {
    RunSettings roomy = RunSettings.DEFAULTS;
    assertThat(roomy.limits().maxUnackedBatches()).isGreaterThan(2_000);
    try (RunHarness other = new RunHarness(directory.resolve("other"), roomy)) {
      RunRecord live = other.live(PATIENT);
      TestStream stream = other.open(live.id(), "p");
      int sent = 0;
      while (stream.session().wantsMore()) {
        stream.send(baseline(live.startMillis() - 1, 1, 0));
        sent++;
      }
      assertThat(sent).isEqualTo(1_000);
      other.round();
      assertThat(stream.session().wantsMore()).isTrue();
      assertThat(stream.rejections()).hasSize(1_000);
      other.samples.assertBalanced(1_000);
    }
  }

  @Test
  void keepsSoManyHistogramLayouts() {
    LayoutSet layouts = new LayoutSet();
    List<double[]> admitted = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      double[] layout = {i + 1.0};
      assertThat(layouts.admit(layout)).isTrue();
      admitted.add(layout);
    }
    assertThat(layouts.admit(new double[] {9.0})).isFalse();
    assertThat(admitted).allMatch(layouts::admit);
  }
}
