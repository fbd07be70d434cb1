package io.canaryjudge.server.run;

import io.canaryjudge.analysis.policy.ReleaseRules;
import io.canaryjudge.analysis.policy.RequiredGo;
import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.CheckVerdict;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.store.AuditRow;
import io.canaryjudge.server.store.RunRecord;
import io.canaryjudge.server.store.RunStore;
import io.canaryjudge.server.store.StoredGo;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Reports to one run what its release rules come to. The rules are looked at with the clock and the
 * store; the run hears of it as of any check, through its log. Used by one thread at a time.
 */
final class ReleaseGate {
  /** How often the store is asked for a GO that may have come. */
  private static final long ASK_MILLIS = 2_000;

  private static final String REPORTER = "canary-judge";

  private final RunOwner owner;
  private final RunRecord run;
  private final ReleaseRules rules;
  private final ReleaseCalendar calendar;
  private final RunStore store;

  private Told calendarTold;
  private Told goTold;
  private long calendarMillis = Long.MIN_VALUE; // up to when there is nothing new
  private long goMillis = Long.MIN_VALUE;

  /** What the run heard last of a check. */
  private record Told(CheckOutcome outcome, String reason, String link) {}

  ReleaseGate(RunOwner owner, ReleaseRules rules, RunStore store) {
    this.owner = owner;
    this.run = owner.openRun().run();
    this.rules = rules;
    this.calendar = new ReleaseCalendar(rules);
    this.store = store;
    this.calendarTold = told(ReleaseRules.DEPLOYMENT_WINDOW);
    this.goTold = told(ReleaseRules.EARLIER_GO);
  }

  /** As the run knows it, perhaps from before a restart. */
  private Told told(String name) {
    for (CheckVerdict check : owner.snapshot().verdict().checks()) {
      if (check.name().equals(name) && check.atMillis() > 0) {
        return new Told(check.outcome(), check.reason(), check.link());
      }
    }
    return new Told(CheckOutcome.PENDING, "", "");
  }

  /** Whether the run may still be said GO of, so that the rules matter. */
  boolean matters() {
    Verdict verdict = owner.snapshot().verdict();
    return verdict.open() && verdict.judgedDecision() == Decision.WAIT;
  }

  /** Whether the store has to be asked. */
  boolean wantsStore(long nowMillis) {
    return !run.retrospective() && rules.requiredGo().isPresent() && nowMillis >= goMillis;
  }

  /** Reports what the clock says, if that is new. */
  void lookAtClock(long nowMillis) {
    if (!rules.timed() || nowMillis < calendarMillis) {
      return;
    }
    ReleaseCalendar.State state = calendar.at(nowMillis);
    Told now =
        run.retrospective()
            ? notAsked()
            : new Told(
                state.open() ? CheckOutcome.PASSED : CheckOutcome.PENDING, state.words(), "");
    if (now.equals(calendarTold) || tell(ReleaseRules.DEPLOYMENT_WINDOW, now, nowMillis)) {
      calendarTold = now;
      calendarMillis = state.untilMillis();
    }
  }

  /** Reports what the store says, if that is new. */
  void lookAtStore(long nowMillis) {
    if (rules.requiredGo().isEmpty() || nowMillis < goMillis) {
      return;
    }
    goMillis = nowMillis + ASK_MILLIS; // also after a failure to ask
    Told now = run.retrospective() ? notAsked() : earlierGo(rules.requiredGo().get(), nowMillis);
    if (!now.equals(goTold) && tell(ReleaseRules.EARLIER_GO, now, nowMillis)) {
      goTold = now;
    }
  }

  private Told earlierGo(RequiredGo wanted, long nowMillis) {
    List<StoredGo> gos =
        store.gos(run.service(), run.artifactDigest(), wanted.environment()).stream()
            .filter(go -> !go.runId().equals(run.id()))
            .filter(go -> go.judged() || wanted.acceptOverride())
            .toList();
    // One that was young enough when it was found stays so.
    Optional<StoredGo> found = gos.stream().filter(go -> link(go).equals(goTold.link())).findAny();
    if (found.isEmpty()) {
      found = gos.stream().filter(go -> isYoung(go, wanted, nowMillis)).findFirst();
    }
    return found
        .map(
            go ->
                new Told(
                    CheckOutcome.PASSED,
                    "GO in " + wanted.environment() + (go.judged() ? "." : " by a person."),
                    link(go)))
        .orElseGet(
            () ->
                new Told(
                    CheckOutcome.PENDING,
                    "No GO of this artifact in " + wanted.environment() + ".",
                    ""));
  }

  private static boolean isYoung(StoredGo go, RequiredGo wanted, long nowMillis) {
    return go.endMillis() == 0
        || wanted.maxAgeMillis() == 0
        || nowMillis - go.endMillis() <= wanted.maxAgeMillis();
  }

  private static String link(StoredGo go) {
    return "analysisRuns/" + go.runId();
  }

  /** Recorded samples deploy nothing. */
  private static Told notAsked() {
    return new Told(CheckOutcome.PASSED, "Not asked of recorded samples.", "");
  }

  /** Returns whether the run will hear of it, unless it ends before. */
  private boolean tell(String check, Told told, long nowMillis) {
    CompletableFuture<RunSnapshot> answer = new CompletableFuture<>();
    LogEntry entry =
        new LogEntry.CheckReported(nowMillis, check, told.outcome(), told.reason(), told.link());
    AuditRow row =
        new AuditRow(
            nowMillis,
            REPORTER,
            "run.check",
            "analysisRuns/" + run.id(),
            check + " " + told.outcome());
    return owner.report(entry, row, answer) && !answer.isCompletedExceptionally();
  }
}
