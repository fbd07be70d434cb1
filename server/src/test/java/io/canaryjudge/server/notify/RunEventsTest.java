package io.canaryjudge.server.notify;

import static io.canaryjudge.server.notify.TestRuns.commit;
import static io.canaryjudge.server.notify.TestRuns.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.run.FakeClock;
import io.canaryjudge.server.store.NewNotification;
import io.canaryjudge.server.store.RunCommit;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What happened, as found in the verdicts that really follow. */
class RunEventsTest {

  private static final long NOW = 1_763_712_060_000L;

  private static final LogEntry STEP = new LogEntry.StepReported(NOW, 1, 25);
  private static final LogEntry FAILED =
      new LogEntry.CheckReported(NOW, "smoke", CheckOutcome.FAILED, "404", "https://ci/7");
  private static final LogEntry NOTE =
      new LogEntry.CheckReported(NOW, "other", CheckOutcome.PASSED, "", "");
  private static final LogEntry OVERRIDE =
      new LogEntry.Overridden(NOW, Decision.GO, "Sam", "known bug of the test");
  private static final LogEntry CANCEL = new LogEntry.Cancelled(NOW, "Kim", "wrong build");

  private static List<RunEvent> events(LogEntry... entries) {
    return RunEvents.of(run("a", "checkout"), null, commit("a", entries), NOW);
  }

  private static List<String> ids(List<RunEvent> events) {
    return events.stream().map(RunEvent::id).toList();
  }

  @Test
  void stepsAreToldOncePerStep() {
    assertThat(ids(events(STEP))).containsExactly("a-1-step");
    assertThat(ids(events(STEP, NOTE))).containsExactly("a-1-step");
    RunEvent step = events(STEP).getFirst();
    assertThat(step.facts().path("step").asInt()).isEqualTo(1);
    assertThat(step.facts().path("weight").asDouble()).isEqualTo(25);
    assertThat(step.facts().path("decision").asText()).isEqualTo("WAIT");
  }

  @Test
  void aRequiredCheckThatFailsDecides() {
    List<RunEvent> events = events(FAILED);
    assertThat(ids(events)).containsExactly("a-1-check-failed", "a-1-decided", "a-1-ended");
    assertThat(events.getFirst().facts().at("/check/link").asText()).isEqualTo("https://ci/7");
    assertThat(events.get(1).facts().path("decision").asText()).isEqualTo("NO_GO");
    assertThat(events.get(1).facts().path("reason").asText()).isEqualTo("CHECK_FAILED");
    assertThat(events.get(1).facts().path("explanation").asText())
        .isEqualTo("NO_GO: check smoke failed: 404");
    assertThat(events.get(1).facts().at("/metrics/0/metric").asText()).isEqualTo("error_rate");
  }

  /** Each as an event of its own, also where time runs out for several at once. */
  @Test
  void checksThatExpireAreTold() {
    LogEntry window = new LogEntry.WindowSealed(0, new WindowAggregate());
    LogEntry next = new LogEntry.WindowSealed(1, new WindowAggregate());
    RunCommit commit = commit(TestRuns.TIMED_POLICY, "a", STEP, window, next);
    List<RunEvent> events = RunEvents.of(run("a", "checkout"), null, commit, NOW);

    assertThat(ids(events))
        .containsExactly(
            "a-1-step",
            "a-1-check-expired-migration",
            "a-2-check-expired-approval",
            "a-2-check-expired-backup");
    assertThat(
            events.stream().skip(1).map(event -> event.facts().at("/check/explanation").asText()))
        .containsExactly(
            "check migration expired: it had to pass before step 1",
            "check approval expired: it had to pass by 2025-11-21T08:00:10Z",
            "check backup expired: it had to pass before step 3 and by 2025-11-21T08:00:10Z");
    assertThat(events.getLast().facts().at("/check/outcome").asText()).isEqualTo("EXPIRED");
    assertThat(events.getLast().facts().at("/check/before_step").asInt()).isEqualTo(3);
    assertThat(events.getLast().facts().at("/check/deadline").asText())
        .isEqualTo("2025-11-21T08:00:10Z");
    assertThat(events.getLast().facts().path("decision").asText()).isEqualTo("WAIT");
  }

  @Test
  void aCheckThatCameAfterAllMayExpireAgain() {
    LogEntry late = new LogEntry.CheckReported(NOW, "migration", CheckOutcome.PASSED, "", "");
    LogEntry undone = new LogEntry.CheckReported(NOW, "migration", CheckOutcome.PENDING, "", "");
    RunCommit commit =
        commit(
            TestRuns.TIMED_POLICY, "a", STEP, late, undone, new LogEntry.StepReported(NOW, 2, 50));

    assertThat(ids(RunEvents.of(run("a", "checkout"), null, commit, NOW)))
        .containsExactly(
            "a-1-step", "a-1-check-expired-migration", "a-4-step", "a-4-check-expired-migration");
  }

  @Test
  void aPersonsDecisionIsToldAsThat() {
    List<RunEvent> events = events(FAILED, OVERRIDE);
    assertThat(ids(events)).endsWith("a-2-overridden");
    RunEvent override = events.getLast();
    assertThat(override.facts().path("decision").asText()).isEqualTo("GO");
    assertThat(override.facts().path("judged_decision").asText()).isEqualTo("NO_GO");
    assertThat(override.facts().at("/override/by").asText()).isEqualTo("Sam");
  }

  @Test
  void aCancellationIsNoDecision() {
    List<RunEvent> events = events(STEP, CANCEL);
    assertThat(ids(events)).containsExactly("a-1-step", "a-2-cancelled", "a-2-ended");
    assertThat(events.get(1).facts().at("/cancelled/by").asText()).isEqualTo("Kim");
    assertThat(events.get(1).facts().at("/cancelled/reason").asText()).isEqualTo("wrong build");
  }

  /** Wherever a commit is cut off, together they tell the same. */
  @Test
  void whatWasOnRecordIsNotToldAgain() {
    LogEntry[] entries = {STEP, NOTE, FAILED, OVERRIDE};
    RunCommit all = commit("a", entries);
    List<String> expected = ids(RunEvents.of(run("a", "checkout"), null, all, NOW));
    for (int cut = 1; cut < entries.length; cut++) {
      int told = cut;
      Verdict before = all.verdicts().get(cut - 1).verdict();
      RunCommit rest =
          new RunCommit(
              "a",
              2,
              null,
              all.revision(),
              0,
              all.entries().subList(cut, entries.length),
              all.verdicts().subList(cut - 1, entries.length), // a checkpoint keeps one twice
              null,
              all.producers(),
              all.notes(),
              null,
              List.of());
      List<String> later = ids(RunEvents.of(run("a", "checkout"), before, rest, NOW));
      assertThat(later).as("cut at %d", cut).isNotEmpty();
      assertThat(expected).endsWith(later.toArray(String[]::new));
      // One entry makes one revision here.
      assertThat(later)
          .containsExactlyElementsOf(
              expected.stream().filter(id -> Integer.parseInt(id.split("-")[1]) > told).toList());
    }
  }

  @Test
  void targetsChooseEventsAndServices() {
    NotifySettings settings =
        TestTargets.settings(
            TestTargets.choosing("all", EnumSet.allOf(EventKind.class)),
            TestTargets.choosing("decided", Set.of(EventKind.DECIDED), "checkout"),
            TestTargets.choosing("some", Set.of(EventKind.DECIDED), "check*", "search"),
            TestTargets.choosing("other", Set.of(EventKind.DECIDED), "search"));
    NotificationQueue queue =
        new NotificationQueue(settings, new FakeClock(), NotifyAccounting.NONE);
    assertThat(queue.created(run("a", "checkout")))
        .extracting(NewNotification::target)
        .containsExactly("all");
    assertThat(queue.committed(run("a", "checkout"), null, commit("a", FAILED)))
        .filteredOn(each -> each.kind().equals("decided"))
        .extracting(NewNotification::target)
        .containsExactly("all", "decided", "some");
  }

  @Test
  void textsFromOutsideHaveABound() {
    LogEntry endless =
        new LogEntry.CheckReported(NOW, "smoke", CheckOutcome.FAILED, "x".repeat(9_000), "");
    assertThat(events(endless))
        .allSatisfy(event -> assertThat(event.facts().toString()).hasSizeLessThan(6_000));
  }
}
