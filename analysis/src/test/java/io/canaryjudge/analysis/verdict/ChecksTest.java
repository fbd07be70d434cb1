package io.canaryjudge.analysis.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.canaryjudge.analysis.policy.DeadlineFrom;
import io.canaryjudge.analysis.policy.RequiredCheck;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** Checks in time, and too late. Windows are of 5 s. */
class ChecksTest {

  private static TestRun run(RequiredCheck... checks) {
    TestPolicy policy = TestPolicy.errors();
    policy.checks = List.of(checks);
    return new TestRun(policy);
  }

  private static RequiredCheck due(String name, long millis, boolean isNoGo) {
    return new RequiredCheck(name, false, isNoGo, RequiredCheck.NO_STEP, millis, DeadlineFrom.RUN);
  }

  private static RequiredCheck before(int step, boolean isNoGo) {
    return new RequiredCheck("approval", false, isNoGo, step, 0, DeadlineFrom.RUN);
  }

  private static void well(TestRun run, int windows) {
    run.windows(windows, TestRun.errors(3, 3_000, 3, 3_000, 3));
  }

  private static void report(TestRun run, String name, CheckOutcome outcome) {
    run.apply(new LogEntry.CheckReported(7, name, outcome, "", ""));
  }

  private static CheckVerdict check(TestRun run) {
    return run.verdict().checks().getFirst();
  }

  @Test
  void aCheckThatDoesNotPassInTimeExpires() {
    TestRun run = run(due("smoke", 12_000, false)); // three windows, rounded up
    well(run, 2);
    assertThat(check(run).outcome()).isEqualTo(CheckOutcome.PENDING);
    assertThat(check(run).deadlineMillis()).isEqualTo(TestRun.START + 15_000);
    well(run, 1);
    assertThat(check(run).outcome()).isEqualTo(CheckOutcome.EXPIRED);
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.WAIT);
    assertThat(run.verdict().reason()).isEqualTo(Reason.CHECK_EXPIRED);
    assertThat(Explanation.of(run.verdict()))
        .isEqualTo("WAIT: check smoke expired: it had to pass by 2023-11-14T22:13:35Z");
  }

  @Test
  void thatItIsStillUnderWayDoesNotStopTheClock() {
    TestRun run = run(due("smoke", 15_000, false));
    well(run, 2);
    report(run, "smoke", CheckOutcome.PENDING);
    well(run, 1);
    assertThat(check(run).outcome()).isEqualTo(CheckOutcome.EXPIRED);
  }

  @Test
  void aLateReportStillCounts() {
    TestRun run = run(due("smoke", 5_000, false));
    well(run, 150);
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.WAIT);
    report(run, "smoke", CheckOutcome.PASSED);
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.GO);
  }

  @Test
  void whatFailedInTimeDoesNotExpire() {
    TestRun run = run(due("smoke", 5_000, true));
    report(run, "smoke", CheckOutcome.FAILED);
    well(run, 3);
    assertThat(check(run).outcome()).isEqualTo(CheckOutcome.FAILED);
    assertThat(run.verdict().reason()).isEqualTo(Reason.CHECK_FAILED);
    assertThat(run.verdict().open()).isTrue();
  }

  @Test
  void expiryMayDecideByItself() {
    TestRun run = run(due("smoke", 5_000, true));
    well(run, 1);
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.NO_GO);
    assertThat(run.verdict().reason()).isEqualTo(Reason.CHECK_EXPIRED);
    assertThat(run.verdict().open()).isFalse();
  }

  @Test
  void aFailureThatDecidesGoesBeforeAnExpiryThatWaits() {
    TestRun run =
        run(due("slow", 5_000, false), new RequiredCheck("smoke", true), before(2, false));
    well(run, 1);
    assertThat(run.verdict().reason()).isEqualTo(Reason.CHECK_EXPIRED);
    report(run, "smoke", CheckOutcome.FAILED);
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.NO_GO);
    assertThat(run.verdict().reason()).isEqualTo(Reason.CHECK_FAILED);
  }

  @Test
  void theNextStepWaitsForItsChecks() {
    TestRun run = run(before(2, false), new RequiredCheck("smoke", false));
    run.apply(new LogEntry.StepReported(1, 0, 5));
    assertThat(run.verdict().checksBeforeNextStep()).isEmpty();
    run.apply(new LogEntry.StepReported(2, 1, 25));
    assertThat(run.verdict().checksBeforeNextStep()).containsExactly("approval");
    report(run, "approval", CheckOutcome.PASSED);
    assertThat(run.verdict().checksBeforeNextStep()).isEmpty();
    run.apply(new LogEntry.StepReported(3, 2, 50));
    assertThat(check(run).outcome()).isEqualTo(CheckOutcome.PASSED);
  }

  @Test
  void aStepThatIsTakenBeforeItsCheckMakesItExpire() {
    TestRun run = run(before(1, false));
    run.apply(new LogEntry.StepReported(1, 0, 5));
    assertThat(check(run).outcome()).isEqualTo(CheckOutcome.PENDING);
    run.apply(new LogEntry.StepReported(2, 2, 50));
    assertThat(check(run).outcome()).isEqualTo(CheckOutcome.EXPIRED);
    assertThat(Explanation.of(run.verdict()))
        .isEqualTo("WAIT: an arm has sent nothing that can be judged yet");
    well(run, 150);
    assertThat(Explanation.of(run.verdict()))
        .isEqualTo("WAIT: check approval expired: it had to pass before step 1");
    report(run, "approval", CheckOutcome.PASSED);
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.GO);
  }

  @Test
  void goWaitsForTheChecksOfLaterStepsToo() {
    TestRun run = run(before(3, false));
    run.apply(new LogEntry.StepReported(1, 0, 5));
    well(run, 150);
    assertThat(run.verdict().reason()).isEqualTo(Reason.CHECK_PENDING);
  }

  @Test
  void aDeadlineMayCountFromTheStepBefore() {
    TestRun run = run(new RequiredCheck("approval", false, false, 2, 10_000, DeadlineFrom.STEP));
    run.apply(new LogEntry.StepReported(1, 0, 5));
    well(run, 4);
    assertThat(check(run).outcome()).isEqualTo(CheckOutcome.PENDING);
    assertThat(check(run).deadlineMillis()).isZero();
    run.apply(new LogEntry.StepReported(2, 1, 25));
    assertThat(check(run).deadlineMillis()).isEqualTo(TestRun.START + 30_000);
    well(run, 1);
    assertThat(check(run).outcome()).isEqualTo(CheckOutcome.PENDING);
    well(run, 1);
    assertThat(check(run).outcome()).isEqualTo(CheckOutcome.EXPIRED);
    assertThat(Explanation.of(run.verdict()))
        .contains("had to pass before step 2 and by 2023-11-14T22:13:50Z");
  }

  @Test
  void nobodyReportsAnExpiry() {
    TestRun run = run(due("smoke", 5_000, false));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> report(run, "smoke", CheckOutcome.EXPIRED))
        .withMessage("outcome: EXPIRED (expected: PENDING, PASSED or FAILED)");
    assertThat(run.verdict().revision()).isZero();
  }

  @Test
  void aCheckpointKeepsWhatIsLate() throws IOException {
    TestPolicy policy = TestPolicy.errors();
    policy.checks =
        List.of(
            before(1, false), new RequiredCheck("b", false, false, 3, 60_000, DeadlineFrom.STEP));
    TestRun run = new TestRun(policy);
    well(run, 3);
    run.apply(new LogEntry.StepReported(1, 2, 5));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    run.analysis.write(new DataOutputStream(bytes));
    RunAnalysis restored =
        RunAnalysis.restore(policy.build(), TestRun.START, in(bytes.toByteArray()));
    assertThat(restored.verdict()).isEqualTo(run.verdict());
    assertThat(restored.verdict().checks())
        .extracting(CheckVerdict::outcome)
        .containsExactly(CheckOutcome.EXPIRED, CheckOutcome.PENDING);
    assertThat(restored.verdict().checks().getLast().deadlineMillis())
        .isEqualTo(TestRun.START + 75_000);
  }

  /**
   * Written before checks could expire: three windows of 100 requests and one error in each arm,
   * step 0 at 25 %, and the passed check, under the policy of this test.
   */
  @Test
  void aCheckpointOfBeforeThatIsGoneOnWith() throws IOException {
    TestPolicy policy = TestPolicy.errors();
    policy.checks = List.of(new RequiredCheck("smoke", false));
    byte[] old;
    try (InputStream in = ChecksTest.class.getResourceAsStream("checkpoint-1.base64")) {
      String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      old =
          new GZIPInputStream(new ByteArrayInputStream(Base64.getMimeDecoder().decode(text)))
              .readAllBytes();
    }
    RunAnalysis restored = RunAnalysis.restore(policy.build(), TestRun.START, in(old));

    TestRun run = new TestRun(policy);
    run.windows(3, TestRun.errors(2, 100, 1, 100, 1));
    run.apply(new LogEntry.StepReported(3, 0, 25));
    run.apply(new LogEntry.CheckReported(7, "smoke", CheckOutcome.PASSED, "fine", "https://ci/7"));
    assertThat(restored.verdict()).isEqualTo(run.verdict());
  }

  private static DataInputStream in(byte[] bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes));
  }
}
