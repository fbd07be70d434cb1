package io.canaryjudge.server.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.run.CreateRun;
import io.canaryjudge.server.run.RunHarness;
import io.canaryjudge.server.run.TestPolicies;
import io.canaryjudge.server.store.ArmSelection;
import io.canaryjudge.server.store.RunRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ToolRunsTest {

  @TempDir Path directory;

  private RunHarness harness;
  private ToolRuns runs;

  @BeforeEach
  void start() {
    harness = new RunHarness(directory);
    runs = new ToolRuns(harness.runs);
  }

  @AfterEach
  void stop() {
    harness.close();
  }

  /** A request about a rollout, by somebody who says more or less about it. */
  private static CreateRun about(String rollout, String said, Optional<RunRecord> before) {
    return new CreateRun(
        ToolRuns.requestId("tool", List.of(rollout), before),
        "shop",
        "1.0",
        "1.1",
        false,
        ArmSelection.DEFAULT,
        TestPolicies.PATIENT.name(),
        OptionalLong.empty(),
        "{}",
        new TreeMap<>(Map.of("rollout", rollout, "said", said)),
        "",
        Optional.empty(),
        "",
        "");
  }

  private static boolean isAbout(RunRecord run, String rollout) {
    return rollout.equals(run.labels().get("rollout"));
  }

  private RunRecord begin(String rollout, String said, Optional<RunRecord> before) {
    return runs.begin(about(rollout, said, before), run -> isAbout(run, rollout) && run.open());
  }

  private void cancel(RunRecord run) throws Exception {
    CompletableFuture<Void> cancelled =
        CompletableFuture.runAsync(() -> runs.cancel(run.id(), "tool", "over", ""));
    Awaitility.await()
        .atMost(30, TimeUnit.SECONDS)
        .until(
            () -> {
              harness.round();
              return cancelled.isDone();
            });
    cancelled.get();
  }

  @Test
  void whatIsAskedForAgainIsBegunOnce() {
    RunRecord first = begin("r1", "", Optional.empty());
    assertThat(begin("r1", "", Optional.empty()).id()).isEqualTo(first.id());
    assertThat(begin("r1", "more", Optional.empty()).id())
        .as("by somebody who says something else of it")
        .isEqualTo(first.id());
    assertThat(begin("r2", "", Optional.empty()).id()).isNotEqualTo(first.id());
    assertThat(begin("r1", "", Optional.of(first)).id()).as("after it").isNotEqualTo(first.id());
  }

  @Test
  void whoComesTooLateIsToldToAskAgain() throws Exception {
    RunRecord first = begin("r1", "", Optional.empty());
    cancel(first);
    assertThatThrownBy(() -> begin("r1", "more", Optional.empty()))
        .isInstanceOfSatisfying(
            JudgeException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(ErrorReason.LIMIT_REACHED);
              assertThat(e.retryAfterMillis()).isPresent();
            });
    assertThat(begin("r1", "more", Optional.of(first)).open()).isTrue();
  }

  @Test
  void otherErrorsAreNotHidden() {
    CreateRun request = about("r1", "", Optional.empty());
    harness.policies.remove(request.policyName());
    assertThatThrownBy(() -> begin("r1", "", Optional.empty()))
        .isInstanceOfSatisfying(
            JudgeException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.POLICY_NOT_FOUND));
    assertThatThrownBy(() -> runs.cancel("none", "", "", ""))
        .rootCause()
        .isInstanceOfSatisfying(
            JudgeException.class, e -> assertThat(e.reason()).isEqualTo(ErrorReason.RUN_NOT_FOUND));
  }

  @Test
  void runsAreFoundNewestFirst() {
    RunRecord first = begin("r1", "", Optional.empty());
    begin("r2", "", Optional.empty());
    harness.clock.advance(1_000);
    RunRecord second = begin("r1", "", Optional.of(first));
    assertThat(runs.of("shop", run -> isAbout(run, "r1")).map(RunRecord::id))
        .containsExactly(second.id(), first.id());
    assertThat(runs.of("other", _ -> true)).isEmpty();
  }

  @Test
  void whatHasEndedStaysAsItIs() throws Exception {
    RunRecord run = begin("r1", "", Optional.empty());
    cancel(run);
    cancel(run);
    assertThat(harness.runs.find(run.id()).state()).isEqualTo(RunState.CANCELLED);

    RunRecord decided = harness.live(TestPolicies.QUICK);
    harness.untilDecided(decided, 400, 120);
    assertThat(harness.runs.find(decided.id()).state()).isEqualTo(RunState.COMPLETED);
    cancel(decided);
    assertThat(harness.runs.find(decided.id()).state()).isEqualTo(RunState.COMPLETED);
  }

  @Test
  void requestIdsDifferWhereverPartsDo() {
    assertThat(
            List.of(
                ToolRuns.requestId("a", List.of("b", "c"), Optional.empty()),
                ToolRuns.requestId("a", List.of("b", "d"), Optional.empty()),
                ToolRuns.requestId("a", List.of("b\n1:c"), Optional.empty()),
                ToolRuns.requestId("e", List.of("b", "c"), Optional.empty())))
        .doesNotHaveDuplicates();
  }
}
