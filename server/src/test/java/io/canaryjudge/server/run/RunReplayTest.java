package io.canaryjudge.server.run;

import static io.canaryjudge.server.run.TestStream.TestSample.counts;
import static io.canaryjudge.server.run.TestStream.TestSample.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.run.TestStream.TestSample;
import io.canaryjudge.server.store.DatabaseConfig;
import io.canaryjudge.server.store.RealPostgres;
import io.canaryjudge.server.store.RunRecord;
import io.canaryjudge.server.store.Sabotage;
import io.canaryjudge.server.store.StoredVerdict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The log of a run, judged again, gives every verdict on record to the bit. */
class RunReplayTest {

  /** Checkpoints often, and not in step with anything. */
  private static final RunSettings SETTINGS = settings();

  private static final long START = 1_700_000_000_000L;

  @TempDir Path directory;

  private final List<CompletableFuture<RunSnapshot>> reports = new ArrayList<>();

  enum Kind {
    SQLITE,
    POSTGRESQL
  }

  private RunHarness harness(Kind kind) {
    DatabaseConfig config =
        switch (kind) {
          case SQLITE -> DatabaseConfig.file(directory.resolve("judge.db"));
          case POSTGRESQL -> RealPostgres.newDatabase();
        };
    return new RunHarness(config, SETTINGS);
  }

  @ParameterizedTest
  @EnumSource
  void aLiveRunThatWasSteeredInterruptedAndOverridden(Kind kind) throws Exception {
    try (RunHarness harness = harness(kind)) {
      Random random = new Random(21);
      RunRecord run = harness.live(TestPolicies.PATIENT);
      TestStream stream = harness.open(run.id(), "p");
      for (int second = 0; second < 90; second++) {
        switch (second) {
          case 10 -> reports.add(harness.runs.reportStep(run.id(), 0, 5, "ci"));
          case 25 -> check(harness, run, CheckOutcome.FAILED);
          case 31 -> check(harness, run, CheckOutcome.PASSED);
          case 40 -> reports.add(harness.runs.reportStep(run.id(), 1, 50, "ci"));
          case 50 -> {
            harness.restart(); // what was not committed is gone, the rest goes on
            stream = harness.open(run.id(), "p");
            stream.session();
          }
          case 70 ->
              reports.add(harness.runs.override(run.id(), Decision.GO, "ann", "known", "ann"));
          default -> {}
        }
        if (second < 60 || second > 64) { // some windows are empty
          stream.send(window(random, harness.clock.millis(), 0.02));
        }
        harness.pass(1_000);
      }
      reports.add(harness.runs.cancel(run.id(), "ann", "enough", "ann"));
      harness.round();

      isReproduced(harness, run, 12);
      assertThat(harness.store.load(run.id()).checkpoint()).isNotNull();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRetrospectiveRunThatIsDecided(Kind kind) throws Exception {
    try (RunHarness harness = harness(kind)) {
      Random random = new Random(22);
      Policy policy = TestPolicies.policy("decides", 0.01, 0, 0);
      RunRecord run = harness.retrospective(policy, START, 1);
      TestStream stream = harness.open(run.id(), "p");
      int second = 0;
      while (harness.runs.snapshot(run.id()).verdict().open() && second < 1_000) {
        long time = START + second * 1_000L;
        stream.sendUpTo(time, window(random, time, second < 60 ? 0.02 : 0.2));
        if (random.nextInt(3) == 0) {
          harness.round();
        }
        second++;
      }
      harness.round();

      Verdict last = isReproduced(harness, run, 4);
      assertThat(last.judgedDecision()).isEqualTo(Decision.NO_GO);
      // What a person says of a run that has ended is part of its log too.
      reports.add(harness.runs.override(run.id(), Decision.GO, "ann", "the test was wrong", "ann"));
      harness.round();
      assertThat(isReproduced(harness, run, 5).decision()).isEqualTo(Decision.GO);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aVerdictThatWasAlteredIsFound(Kind kind) throws Exception {
    try (RunHarness harness = harness(kind)) {
      RunRecord run = harness.live(TestPolicies.PATIENT);
      reports.add(harness.runs.reportStep(run.id(), 0, 5, "ci"));
      harness.round();
      check(harness, run, CheckOutcome.PASSED);
      harness.round();
      harness.replay(run.id());

      Sabotage.of(
          harness.database, "update verdicts set content = replace(content, 'PASSED', 'FAILED')");
      RunReplay.Outcome outcome = new RunReplay(harness.store, harness.policies).replay(run.id());
      assertThat(outcome.compared()).isEqualTo(2);
      assertThat(outcome.differences())
          .singleElement()
          .satisfies(
              difference -> {
                assertThat(difference.revision()).isEqualTo(2);
                assertThat(difference.stored().checks().getFirst().outcome())
                    .isEqualTo(CheckOutcome.FAILED);
                assertThat(difference.replayed()).isEqualTo(outcome.last());
              });
    }
  }

  @Test
  void theLastBitCounts() throws Exception {
    try (RunHarness harness = harness(Kind.SQLITE)) {
      RunRecord run = harness.live(TestPolicies.PATIENT);
      reports.add(harness.runs.reportStep(run.id(), 0, 5, "ci"));
      harness.round();
      Verdict stored = harness.store.verdict(run.id(), 1).orElseThrow().verdict();
      double line = stored.harmLine();

      Sabotage.of(
          harness.database,
          "update verdicts set content = replace(content, '"
              + line
              + "', '"
              + Math.nextUp(line)
              + "')");
      RunReplay.Outcome outcome = new RunReplay(harness.store, harness.policies).replay(run.id());
      assertThat(outcome.differences()).hasSize(1);
      assertThat(outcome.last()).isEqualTo(stored);
    }
  }

  @Test
  void anUnknownRunIsRefused() {
    try (RunHarness harness = harness(Kind.SQLITE)) {
      assertThatThrownBy(() -> new RunReplay(harness.store, harness.policies).replay("none"))
          .isInstanceOfSatisfying(
              JudgeException.class,
              e -> assertThat(e.reason()).isEqualTo(ErrorReason.RUN_NOT_FOUND));
    }
  }

  private void check(RunHarness harness, RunRecord run, CheckOutcome outcome) {
    reports.add(
        harness.runs.reportCheck(run.id(), "smoke", outcome, "r", "https://example.com/1", "ci"));
  }

  /** Replays a run; the newest verdict on record is the one that callers are told. */
  private Verdict isReproduced(RunHarness harness, RunRecord run, int atLeast) {
    assertThat(reports).allSatisfy(report -> assertThat(report).isCompleted());
    RunReplay.Outcome outcome = harness.replay(run.id());
    assertThat(outcome.compared()).isGreaterThanOrEqualTo(atLeast);
    assertThat(outcome.last()).isEqualTo(harness.runs.snapshot(run.id()).verdict());
    List<StoredVerdict> newest = harness.store.verdicts(run.id(), 1, "").items();
    assertThat(newest).containsExactly(new StoredVerdict(outcome.entries(), outcome.last()));
    return outcome.last();
  }

  /** Both arms in one window; the canary fails with a probability, and is slower by as much. */
  private static TestSample[] window(Random random, long timeMillis, double harm) {
    List<TestSample> samples = new ArrayList<>();
    for (Arm arm : Arm.values()) {
      for (int i = 0; i < 3; i++) {
        double risk = arm == Arm.CANARY ? harm : 0.02;
        int failures = 0;
        for (int request = 0; request < 20; request++) {
          failures += random.nextDouble() < risk ? 1 : 0;
        }
        samples.add(counts(arm, "i" + i, timeMillis, 20, failures));
        samples.add(value(arm, "i" + i, timeMillis, Math.exp(random.nextGaussian() + risk)));
      }
    }
    return samples.toArray(TestSample[]::new);
  }

  private static RunSettings settings() {
    RunSettings defaults = RunSettings.DEFAULTS;
    return new RunSettings(
        defaults.limits(),
        defaults.sampleMemoryBytes(),
        defaults.maxOpenRuns(),
        defaults.commitIntervalMillis(),
        7,
        defaults.maxWindowsPerCommit(),
        defaults.stallMillis(),
        defaults.graceMillis(),
        defaults.idleMillis(),
        defaults.quietMillis(),
        defaults.pulls(),
        defaults.maxMessages());
  }
}
