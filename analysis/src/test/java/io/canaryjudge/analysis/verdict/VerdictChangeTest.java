package io.canaryjudge.analysis.verdict;

import static io.canaryjudge.analysis.verdict.TestRun.errors;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VerdictChangeTest {

  @Test
  void numbersAloneAreNothingNew() {
    TestRun run = new TestRun(TestPolicy.errors());
    Verdict first = run.windows(2, errors(3, 60, 0, 60, 0));
    Verdict second = run.window(errors(3, 90, 0, 60, 0));
    assertThat(second).isNotEqualTo(first);
    assertThat(VerdictChange.isMaterial(first, second)).isFalse();
  }

  @Test
  void everythingElseIs() {
    TestPolicy policy = TestPolicy.errors();
    policy.minimumStepMillis = 600_000;
    TestRun run = new TestRun(policy);
    run.window(errors(3, 60, 0, 60, 0));
    for (LogEntry entry :
        new LogEntry[] {
          new LogEntry.StepReported(1, 0, 5),
          new LogEntry.CheckReported(1, "smoke", CheckOutcome.PASSED, "", ""),
          new LogEntry.CheckReported(2, "smoke", CheckOutcome.PASSED, "", ""),
          new LogEntry.Overridden(3, Decision.GO, "ann", "known"),
          new LogEntry.DataEnded(4)
        }) {
      Verdict before = run.verdict();
      assertThat(VerdictChange.isMaterial(before, run.apply(entry))).as(entry + "").isTrue();
    }
  }

  @Test
  void soIsAReasonOfAThreshold() {
    TestPolicy policy = TestPolicy.errors();
    policy.minimumStepMillis = 600_000;
    TestRun run = new TestRun(policy);
    int changes = 0;
    for (int i = 0; i < 60; i++) {
      Verdict before = run.verdict();
      changes += VerdictChange.isMaterial(before, run.window(errors(3, 300, 0, 299, 0))) ? 1 : 0;
    }
    // The first samples; then, at once, the threshold is safe and only the time is missing.
    assertThat(changes).isEqualTo(2);
  }
}
