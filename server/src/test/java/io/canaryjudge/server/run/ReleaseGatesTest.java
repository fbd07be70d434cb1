package io.canaryjudge.server.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.CheckVerdict;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.Explanation;
import io.canaryjudge.analysis.verdict.Reason;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.store.RunRecord;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GO waits for its time and for an earlier environment; NO_GO does not. */
class ReleaseGatesTest {

  private static final Policy STAGING = TestPolicies.with("staging", "");
  private static final Policy PRODUCTION =
      TestPolicies.with("production", "require_go_in: {environment: staging, max_age: 1h}");

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

  /** A freeze from now on, for so many seconds. */
  private Policy frozen(long afterSeconds, long seconds) {
    long from = harness.clock.millis() + afterSeconds * 1_000;
    return TestPolicies.with(
        "frozen",
        "freezes: [{start_time: '%s', end_time: '%s', reason: audit}]"
            .formatted(Instant.ofEpochMilli(from), Instant.ofEpochMilli(from + seconds * 1_000)));
  }

  private Verdict verdict(RunRecord run) {
    return harness.runs.snapshot(run.id()).verdict();
  }

  private CheckVerdict check(RunRecord run) {
    return verdict(run).checks().getFirst();
  }

  @Test
  void aFreezeWithholdsGoAndSaysUntilWhen() throws Exception {
    Policy policy = frozen(0, 90);
    String end =
        Instant.ofEpochMilli(policy.releaseRules().freezes().getFirst().endMillis())
            .toString()
            .substring(0, 16);
    RunRecord run = harness.live(policy);
    Verdict waiting = harness.untilDecided(run, 0, 60);
    assertThat(waiting.judgedDecision()).isEqualTo(Decision.WAIT);
    assertThat(waiting.reason()).isEqualTo(Reason.DEPLOYMENT_WINDOW);
    assertThat(Explanation.of(waiting))
        .contains("no time for a deployment: Freeze: audit; opens", end);

    Verdict go = harness.untilDecided(run, 0, 60);
    assertThat(go.judgedDecision()).isEqualTo(Decision.GO);
    assertThat(check(run).outcome()).isEqualTo(CheckOutcome.PASSED);
    assertThat(go.sealedThroughMillis())
        .isGreaterThan(policy.releaseRules().freezes().getFirst().endMillis() - 10_000);
    harness.replay(run.id());
  }

  @Test
  void aFreezeThatBeginsMeanwhileIsInTime() throws Exception {
    RunRecord run = harness.live(frozen(2, 3_600));
    harness.round();
    assertThat(check(run).outcome()).isEqualTo(CheckOutcome.PASSED);
    assertThat(harness.untilDecided(run, 0, 40).reason()).isEqualTo(Reason.DEPLOYMENT_WINDOW);
  }

  @Test
  void harmDoesNotWait() throws Exception {
    RunRecord run = harness.live(frozen(0, 3_600));
    Verdict verdict = harness.untilDecided(run, 60, 60);
    assertThat(verdict.judgedDecision()).isEqualTo(Decision.NO_GO);
    assertThat(verdict.reason()).isEqualTo(Reason.BEYOND_TOLERANCE);
  }

  @Test
  void aPersonGoesThroughInAnEmergency() throws Exception {
    RunRecord run = harness.live(frozen(0, 3_600));
    harness.untilDecided(run, 0, 30);
    var answer = harness.runs.override(run.id(), Decision.GO, "Ada", "security fix", "ada");
    harness.round();
    Verdict verdict = answer.get(10, TimeUnit.SECONDS).verdict();
    assertThat(verdict.decision()).isEqualTo(Decision.GO);
    assertThat(verdict.judgedDecision()).isEqualTo(Decision.WAIT);
    assertThat(Explanation.of(verdict)).startsWith("GO by Ada: security fix. Judged: WAIT: ");
    harness.replay(run.id());
  }

  @Test
  void aRestartTellsNothingTwice() throws Exception {
    RunRecord run = harness.live(frozen(0, 3_600));
    harness.round();
    int entries = harness.log(run.id()).size();
    harness.restart();
    harness.round();
    assertThat(harness.log(run.id())).hasSize(entries);
    assertThat(check(run).reason()).startsWith("Freeze: audit");
  }

  @Test
  void recordedSamplesAreNotAsked() throws Exception {
    Policy policy = frozen(0, 3_600);
    RunRecord run = harness.retrospective(policy, 1_700_000_000_000L, 1);
    harness.round();
    assertThat(check(run).outcome()).isEqualTo(CheckOutcome.PASSED);
    assertThat(check(run).reason()).isEqualTo("Not asked of recorded samples.");
  }

  @Test
  void productionWaitsForStaging() throws Exception {
    RunRecord production = harness.live(PRODUCTION, "sha256:1", "production");
    Verdict waiting = harness.untilDecided(production, 0, 30);
    assertThat(waiting.reason()).isEqualTo(Reason.EARLIER_GO);
    assertThat(Explanation.of(waiting)).contains("No GO of this artifact in staging.");

    RunRecord other = harness.live(STAGING, "sha256:2", "staging");
    assertThat(harness.untilDecided(other, 0, 60).judgedDecision()).isEqualTo(Decision.GO);
    harness.pass(3_000);
    assertThat(verdict(production).reason()).as("another artifact").isEqualTo(Reason.EARLIER_GO);

    RunRecord staging = harness.live(STAGING, "sha256:1", "staging");
    assertThat(harness.untilDecided(staging, 0, 60).judgedDecision()).isEqualTo(Decision.GO);
    assertThat(harness.untilDecided(production, 0, 30).judgedDecision()).isEqualTo(Decision.GO);
    assertThat(check(production).link()).isEqualTo("analysisRuns/" + staging.id());
    harness.replay(production.id());
  }

  @Test
  void anEarlierGoIsKnownFromTheBeginning() throws Exception {
    RunRecord staging = harness.live(STAGING, "sha256:1", "staging");
    harness.untilDecided(staging, 0, 60);
    RunRecord production = harness.live(PRODUCTION, "sha256:1", "production");
    harness.round();
    assertThat(check(production).outcome()).isEqualTo(CheckOutcome.PASSED);
    assertThat(production.attempt()).isEqualTo(1);
  }

  @Test
  void anOldGoIsNone() throws Exception {
    RunRecord staging = harness.live(STAGING, "sha256:1", "staging");
    harness.untilDecided(staging, 0, 60);
    harness.clock.advance(3_600_001);
    RunRecord production = harness.live(PRODUCTION, "sha256:1", "production");
    harness.round();
    assertThat(check(production).outcome()).isEqualTo(CheckOutcome.PENDING);
  }

  @Test
  void aPersonsGoCountsOnlyIfThePolicySaysSo() throws Exception {
    RunRecord staging = harness.live(STAGING, "sha256:1", "staging");
    var go = harness.runs.override(staging.id(), Decision.GO, "Ada", "no traffic there", "");
    harness.round();
    assertThat(go).succeedsWithin(10, TimeUnit.SECONDS);
    RunRecord strict = harness.live(PRODUCTION, "sha256:1", "production");
    RunRecord lenient =
        harness.live(
            TestPolicies.with(
                "lenient", "require_go_in: {environment: staging, accept_override: true}"),
            "sha256:1",
            "production");
    harness.round();
    assertThat(check(strict).outcome()).isEqualTo(CheckOutcome.PENDING);
    assertThat(check(lenient).outcome()).isEqualTo(CheckOutcome.PASSED);
    assertThat(check(lenient).reason()).isEqualTo("GO in staging by a person.");

    var noGo = harness.runs.override(staging.id(), Decision.NO_GO, "Ada", "on second thoughts", "");
    harness.pass(3_000);
    assertThat(noGo).succeedsWithin(10, TimeUnit.SECONDS);
    assertThat(check(lenient).outcome()).as("taken back").isEqualTo(CheckOutcome.PENDING);
  }

  @Test
  void aRunThatCouldNeverGetItIsRefused() {
    assertThatThrownBy(() -> harness.live(PRODUCTION))
        .hasMessageContaining("analysis_run.artifact_digest: empty (expected: a digest");
  }

  @Test
  void nobodyElseReportsForTheServer() {
    RunRecord run = harness.live(frozen(0, 3_600));
    assertThat(
            harness.runs.reportCheck(
                run.id(), "judge-deployment-window", CheckOutcome.PASSED, "", "", ""))
        .failsWithin(0, TimeUnit.SECONDS)
        .withThrowableThat()
        .withMessageContaining("expected: a name that does not begin with judge-");
  }
}
