package io.canaryjudge.server.notify;

import static io.canaryjudge.analysis.verdict.CheckOutcome.EXPIRED;
import static io.canaryjudge.analysis.verdict.CheckOutcome.FAILED;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.CheckVerdict;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.store.RunCommit;
import io.canaryjudge.server.store.RunRecord;
import io.canaryjudge.server.store.StoredEntry;
import io.canaryjudge.server.store.StoredVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds what happened to a run in what is on record of it: from one recorded verdict to the next.
 * Its identity is the position in the run's log, so that whoever looks again finds the same.
 */
final class RunEvents {

  private RunEvents() {}

  /** The run was opened. */
  static RunEvent opened(RunRecord run, long atMillis) {
    return new RunEvent(
        run.id() + "-0-" + EventKind.OPENED.word(),
        EventKind.OPENED,
        EventFacts.opened(run, atMillis));
  }

  /**
   * What a commit brings, in order.
   *
   * @param before the newest verdict on record before it; null if there is none
   */
  static List<RunEvent> of(
      RunRecord run, @Nullable Verdict before, RunCommit commit, long atMillis) {
    List<RunEvent> events = new ArrayList<>();
    Verdict last = before;
    for (StoredVerdict next : commit.verdicts()) {
      Verdict verdict = next.verdict();
      for (EventKind kind : kinds(last, verdict)) {
        String id = run.id() + "-" + next.revision() + "-" + kind.word();
        ObjectNode facts = EventFacts.of(run, verdict, kind, atMillis);
        switch (kind) {
          case CHECK_FAILED ->
              EventFacts.addCheck(facts, turnedTo(FAILED, last, verdict).getFirst());
          case CHECK_EXPIRED -> {
            events.addAll(expired(turnedTo(EXPIRED, last, verdict), id, facts));
            continue;
          }
          case CANCELLED -> EventFacts.addCancellation(facts, cancellation(commit));
          case OPENED, STEP, DECIDED, OVERRIDDEN, ENDED -> {}
        }
        events.add(new RunEvent(id, kind, facts));
      }
      last = verdict;
    }
    return events;
  }

  private static List<EventKind> kinds(@Nullable Verdict before, Verdict verdict) {
    List<EventKind> kinds = new ArrayList<>();
    if (stepped(before, verdict)) {
      kinds.add(EventKind.STEP);
    }
    if (!turnedTo(FAILED, before, verdict).isEmpty()) {
      kinds.add(EventKind.CHECK_FAILED);
    }
    if (!turnedTo(EXPIRED, before, verdict).isEmpty()) {
      kinds.add(EventKind.CHECK_EXPIRED);
    }
    boolean cancelled = verdict.state() == RunState.CANCELLED;
    Decision judged = before == null ? Decision.WAIT : before.judgedDecision();
    if (!cancelled
        && verdict.judgedDecision() != judged
        && verdict.judgedDecision() != Decision.WAIT) {
      kinds.add(EventKind.DECIDED);
    }
    if (verdict.override() != null
        && !Objects.equals(verdict.override(), before == null ? null : before.override())) {
      kinds.add(EventKind.OVERRIDDEN);
    }
    if (cancelled && (before == null || before.state() != RunState.CANCELLED)) {
      kinds.add(EventKind.CANCELLED);
    }
    if (!verdict.open() && (before == null || before.open())) {
      kinds.add(EventKind.ENDED);
    }
    return kinds;
  }

  private static boolean stepped(@Nullable Verdict before, Verdict verdict) {
    if (verdict.step() < 0) {
      return false;
    }
    return before == null
        || before.step() != verdict.step()
        || Double.compare(before.weight(), verdict.weight()) != 0;
  }

  /** Checks of which this holds now and did not before; one report brings at most one failure. */
  private static List<CheckVerdict> turnedTo(
      CheckOutcome outcome, @Nullable Verdict before, Verdict verdict) {
    return verdict.checks().stream()
        .filter(check -> check.outcome() == outcome)
        .filter(check -> before == null || !was(outcome, before, check.name()))
        .toList();
  }

  private static boolean was(CheckOutcome outcome, Verdict before, String check) {
    return before.checks().stream()
        .anyMatch(each -> each.name().equals(check) && each.outcome() == outcome);
  }

  /** An event for each, since time runs out for several at once. */
  private static List<RunEvent> expired(List<CheckVerdict> checks, String id, ObjectNode facts) {
    List<RunEvent> events = new ArrayList<>();
    for (CheckVerdict check : checks) {
      ObjectNode ofCheck = facts.deepCopy();
      EventFacts.addCheck(ofCheck, check);
      events.add(new RunEvent(id + "-" + check.name(), EventKind.CHECK_EXPIRED, ofCheck));
    }
    return events;
  }

  private static LogEntry.@Nullable Cancelled cancellation(RunCommit commit) {
    for (StoredEntry entry : commit.entries()) {
      if (entry.entry() instanceof LogEntry.Cancelled cancelled) {
        return cancelled;
      }
    }
    return null;
  }
}
