package io.canaryjudge.server.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.Reason;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.ArmSelection;
import io.canaryjudge.server.store.RunRecord;
import io.canaryjudge.server.store.StoredVerdict;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people and tools tell a run. */
class ReportsTest {

  @TempDir Path directory;

  private RunHarness harness;
  private RunRecord run;

  @BeforeEach
  void start() {
    harness = new RunHarness(directory);
    run = harness.live(TestPolicies.PATIENT);
  }

  @AfterEach
  void stop() {
    harness.close();
  }

  /** The answer to a report, which comes with the next round. */
  private RunSnapshot answer(CompletableFuture<RunSnapshot> report) throws Exception {
    harness.round();
    return report.get(10, TimeUnit.SECONDS);
  }

  private ErrorReason refusal(CompletableFuture<RunSnapshot> report) throws Exception {
    harness.round();
    try {
      throw new AssertionError("answered: " + report.get(10, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      return ((JudgeException) e.getCause()).reason();
    }
  }

  @Test
  void aStepIsInTheVerdictThatAnswers() throws Exception {
    Verdict verdict = answer(harness.runs.reportStep(run.id(), 1, 25, "ci")).verdict();
    assertThat(verdict.step()).isEqualTo(1);
    assertThat(verdict.weight()).isEqualTo(25);
    assertThat(verdict.revision()).isEqualTo(1);
    assertThat(harness.store.verdict(run.id(), 1)).contains(new StoredVerdict(1, verdict));
  }

  @Test
  void thePresentStepAgainChangesNothing() throws Exception {
    Verdict first = answer(harness.runs.reportStep(run.id(), 1, 25, "ci")).verdict();
    assertThat(answer(harness.runs.reportStep(run.id(), 1, 25, "ci")).verdict()).isEqualTo(first);
    assertThat(harness.log(run.id())).hasSize(1);
  }

  /** Whoever reads the history wants to know that traffic was changed. */
  @Test
  void theSameStepWithAnotherWeightIsOnRecord() throws Exception {
    answer(harness.runs.reportStep(run.id(), 1, 25, "ci"));
    Verdict verdict = answer(harness.runs.reportStep(run.id(), 1, 30, "ci")).verdict();
    assertThat(harness.store.verdict(run.id(), 2)).contains(new StoredVerdict(2, verdict));
  }

  @Test
  void stepsDoNotFall() throws Exception {
    answer(harness.runs.reportStep(run.id(), 2, 50, "ci"));
    assertThat(refusal(harness.runs.reportStep(run.id(), 1, 25, "ci")))
        .isEqualTo(ErrorReason.INVALID_FIELD);
    assertThat(harness.runs.snapshot(run.id()).verdict().step()).isEqualTo(2);
  }

  @Test
  void refusesMalformedReportsAtOnce() {
    assertThat(harness.runs.reportStep(run.id(), -1, Double.NaN, ""))
        .failsWithin(0, TimeUnit.SECONDS)
        .withThrowableOfType(ExecutionException.class)
        .havingCause()
        .withMessage(
            "step.index: -1 (expected: at least 0); step.weight: NaN (expected: in [0, 100])");
    assertThat(
            harness.runs.reportCheck(
                run.id(), "Smoke!", CheckOutcome.PASSED, "x".repeat(2_001), "", ""))
        .failsWithin(0, TimeUnit.SECONDS)
        .withThrowableOfType(ExecutionException.class)
        .havingCause()
        .withMessageContaining("check: Smoke! (expected: [a-z][a-z0-9-]{0,62})")
        .withMessageContaining("reason: 2001 characters (expected: at most 2000 characters)");
    assertThat(harness.runs.override(run.id(), Decision.WAIT, "", "", ""))
        .failsWithin(0, TimeUnit.SECONDS)
        .withThrowableOfType(ExecutionException.class)
        .havingCause()
        .withMessageContaining("decision: WAIT (expected: GO or NO_GO)")
        .withMessageContaining("author: empty")
        .withMessageContaining("reason: empty");
    assertThat(harness.runs.cancel(run.id(), "x".repeat(201), "", ""))
        .failsWithin(0, TimeUnit.SECONDS);
  }

  @Test
  void theLastReportOfACheckCounts() throws Exception {
    answer(harness.runs.reportCheck(run.id(), "smoke", CheckOutcome.PENDING, "", "", ""));
    Verdict verdict =
        answer(
                harness.runs.reportCheck(
                    run.id(), "smoke", CheckOutcome.PASSED, "200 OK", "https://ci/1", "ci"))
            .verdict();
    assertThat(verdict.checks())
        .singleElement()
        .satisfies(
            check -> {
              assertThat(check.outcome()).isEqualTo(CheckOutcome.PASSED);
              assertThat(check.reason()).isEqualTo("200 OK");
              assertThat(check.link()).isEqualTo("https://ci/1");
            });
  }

  @Test
  void aCheckThatIsTooLateIsToldWithoutAReport() throws Exception {
    RunRecord late =
        harness.live(
            TestPolicies.with(
                "late", "checks: [{name: approval, deadline: 10s, expiry_is_no_go: true}]"));
    harness.pass(30_000);
    Verdict verdict = harness.runs.snapshot(late.id()).verdict();
    assertThat(verdict.judgedDecision()).isEqualTo(Decision.NO_GO);
    assertThat(verdict.reason()).isEqualTo(Reason.CHECK_EXPIRED);
    assertThat(verdict.checks().getFirst().outcome()).isEqualTo(CheckOutcome.EXPIRED);
    assertThat(verdict.checks().getFirst().deadlineMillis()).isEqualTo(late.startMillis() + 10_000);
    harness.replay(late.id());
  }

  @Test
  void aRunKeepsSixtyFourChecks() throws Exception {
    for (int i = 0; i < 64; i++) {
      answer(harness.runs.reportCheck(run.id(), "c" + i, CheckOutcome.PASSED, "", "", ""));
    }
    assertThat(refusal(harness.runs.reportCheck(run.id(), "d", CheckOutcome.PASSED, "", "", "")))
        .isEqualTo(ErrorReason.LIMIT_REACHED);
    answer(harness.runs.reportCheck(run.id(), "c7", CheckOutcome.FAILED, "", "", ""));
  }

  @Test
  void aCancelledRunIsNeverAGo() throws Exception {
    TestStream stream = harness.open(run.id(), "p");
    stream.session();
    RunSnapshot cancelled = answer(harness.runs.cancel(run.id(), "Ada", "wrong build", "ci"));
    assertThat(cancelled.verdict().judgedDecision()).isEqualTo(Decision.INCONCLUSIVE);
    assertThat(cancelled.run().state()).isEqualTo(RunState.CANCELLED);
    assertThat(cancelled.terminal()).isTrue();
    assertThat(stream.endedBecause()).isEqualTo(ErrorReason.RUN_CLOSED);

    assertThat(answer(harness.runs.cancel(run.id(), "Bob", "again", ""))).isEqualTo(cancelled);
    assertThat(refusal(harness.runs.reportStep(run.id(), 1, 50, "")))
        .isEqualTo(ErrorReason.RUN_CLOSED);
    assertThat(refusal(harness.runs.reportCheck(run.id(), "c", CheckOutcome.PASSED, "", "", "")))
        .isEqualTo(ErrorReason.RUN_CLOSED);
    assertThat(harness.runs.openRuns()).as("nothing of it stays in memory").isZero();
  }

  @Test
  void aPersonMayDecideDuringTheRunAndAfterItsEnd() throws Exception {
    RunSnapshot during =
        answer(harness.runs.override(run.id(), Decision.GO, "Ada", "hotfix", "ada"));
    assertThat(during.verdict().decision()).isEqualTo(Decision.GO);
    assertThat(during.verdict().judgedDecision()).isEqualTo(Decision.WAIT);
    assertThat(during.verdict().open()).as("judging goes on").isTrue();
    assertThat(during.run().decision()).isEqualTo(Decision.GO);
    answer(harness.runs.cancel(run.id(), "", "", ""));
    assertThat(harness.runs.openRuns()).isZero();

    RunSnapshot after =
        answer(harness.runs.override(run.id(), Decision.NO_GO, "Bob", "customers call", "bob"));
    assertThat(after.verdict().decision()).isEqualTo(Decision.NO_GO);
    assertThat(after.verdict().judgedDecision()).isEqualTo(Decision.INCONCLUSIVE);
    assertThat(after.run().state()).isEqualTo(RunState.CANCELLED);
    assertThat(after.run().endMillis()).isPositive();
    assertThat(harness.runs.snapshot(run.id())).isEqualTo(after);
    assertThat(harness.runs.find(run.id()).decision()).isEqualTo(Decision.NO_GO);
    assertThat(harness.runs.openRuns()).isZero();
    harness.replay(run.id());
  }

  @Test
  void unknownRunsAreRefused() throws Exception {
    assertThat(refusal(harness.runs.cancel("nobody", "", "", "")))
        .isEqualTo(ErrorReason.RUN_NOT_FOUND);
    assertThatThrownBy(() -> harness.runs.snapshot("nobody"))
        .isInstanceOfSatisfying(
            JudgeException.class, e -> assertThat(e.reason()).isEqualTo(ErrorReason.RUN_NOT_FOUND));
    assertThatThrownBy(() -> harness.runs.verdicts("nobody", 10, ""))
        .hasMessageContaining("nobody");
    assertThatThrownBy(() -> harness.runs.verdict(run.id(), 17)).hasMessageContaining("17");
  }

  @Test
  void creationIsIdempotent() {
    CreateRun request = RunHarness.request("patient", Optional.empty());
    RunRecord first = harness.runs.create(request);
    harness.clock.advance(5_000);
    assertThat(harness.runs.create(request)).isEqualTo(first);
    assertThatThrownBy(() -> harness.runs.create(with(request, "1.2", false, new TreeMap<>())))
        .isInstanceOfSatisfying(
            JudgeException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.REQUEST_ID_REUSED));
  }

  @Test
  void refusesTheSameVersionUnlessThatIsMeant() {
    CreateRun request = RunHarness.request("patient", Optional.empty());
    assertThatThrownBy(() -> harness.runs.create(with(request, "1.0", false, new TreeMap<>())))
        .isInstanceOfSatisfying(
            JudgeException.class, e -> assertThat(e.reason()).isEqualTo(ErrorReason.SAME_VERSION))
        .hasMessageContaining("analysis_run.canary_version: 1.0");
    assertThat(harness.runs.create(with(request, "1.0", true, new TreeMap<>())).canaryVersion())
        .isEqualTo("1.0");
  }

  @Test
  void namesEveryFieldThatIsWrong() {
    SortedMap<String, String> labels = new TreeMap<>();
    labels.put("Team", "x".repeat(201));
    CreateRun request =
        new CreateRun(
            "7",
            "",
            "x".repeat(201),
            "",
            false,
            ArmSelection.DEFAULT,
            "",
            OptionalLong.empty(),
            "{}",
            labels,
            "x".repeat(201),
            Optional.of(new CreateRun.Retrospective(-1, 0)),
            "",
            "");
    assertThatThrownBy(() -> harness.runs.create(request))
        .isInstanceOfSatisfying(
            JudgeException.class,
            e ->
                assertThat(e.violations())
                    .extracting(violation -> violation.field())
                    .containsExactly(
                        "request_id",
                        "analysis_run.service",
                        "analysis_run.baseline_version",
                        "analysis_run.canary_version",
                        "analysis_run.artifact_digest",
                        "analysis_run.policy",
                        "analysis_run.labels.key",
                        "analysis_run.labels.value",
                        "analysis_run.retrospective.start_time",
                        "analysis_run.retrospective.producer_count"));
  }

  private static CreateRun with(
      CreateRun request,
      String canaryVersion,
      boolean allowSameVersion,
      SortedMap<String, String> labels) {
    return new CreateRun(
        request.requestId(),
        request.service(),
        request.baselineVersion(),
        canaryVersion,
        allowSameVersion,
        request.arms(),
        request.policyName(),
        request.policyRevision(),
        request.overrides(),
        labels,
        request.artifactDigest(),
        request.retrospective(),
        request.creator(),
        "");
  }
}
