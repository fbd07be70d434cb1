package io.canaryjudge.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.store.EarlierAttempt;
import io.canaryjudge.server.store.RunRecord;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same artifact, tried again. */
class AttemptsTest {

  private static final Policy POLICY = TestPolicies.with("retried", "watch_after_go: 1m");

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

  private RunRecord attempt() {
    harness.clock.advance(1);
    return harness.live(POLICY, "sha256:1", "");
  }

  private static double safeLine(Verdict verdict) {
    return verdict.metrics().getFirst().thresholds().getFirst().safeLine();
  }

  @Test
  void aRetryIsToldOfAndHasToProveMore() throws Exception {
    RunRecord first = attempt();
    assertThat(harness.untilDecided(first, 60, 60).judgedDecision()).isEqualTo(Decision.NO_GO);
    RunRecord second = attempt();
    assertThat(second.attempt()).isEqualTo(2);
    assertThat(second.earlierAttempts())
        .containsExactly(
            new EarlierAttempt(
                first.id(), first.createMillis(), RunState.COMPLETED, Decision.NO_GO));
    Verdict begun = harness.runs.snapshot(second.id()).verdict();
    assertThat(safeLine(begun)).isEqualTo(StrictMath.log1p(1 / (0.05 * 0.1)));

    harness.pass(5_000);
    harness.restart();
    assertThat(safeLine(harness.runs.snapshot(second.id()).verdict())).isEqualTo(safeLine(begun));
    assertThat(harness.runs.find(second.id()).earlierAttempts())
        .isEqualTo(second.earlierAttempts());
    assertThat(harness.untilDecided(second, 0, 60).judgedDecision()).isEqualTo(Decision.GO);
    harness.replay(second.id());
    harness.replay(first.id());

    assertThat(attempt().attempt()).as("after a GO").isEqualTo(1);
  }

  @Test
  void withoutADigestALineIsWhatItAlwaysWas() {
    RunRecord run = harness.live(POLICY, "", "");
    assertThat(run.attempt()).isZero();
    assertThat(safeLine(harness.runs.snapshot(run.id()).verdict()))
        .isEqualTo(StrictMath.log1p(1 / 0.05));
  }
}
