package io.canaryjudge.analysis.verdict;

import io.canaryjudge.analysis.policy.DeadlineFrom;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.ReleaseRules;
import io.canaryjudge.analysis.policy.RequiredCheck;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the checks of a run last said, and which of them are too late. Time is counted in sealed
 * windows. Owned by its {@link RunAnalysis}.
 */
final class CheckBook {
  /** The most names, required ones included, that a run keeps. */
  static final int MOST = 64;

  /** In checkpoints of before this, no check could expire. */
  private static final int WITH_EXPIRY = 2;

  /** A required check, and where its time is. */
  private static final class Entry {
    final RequiredCheck check;
    long countedFrom; // windows sealed when its deadline began to count; -1 before that
    boolean overtaken; // the step that it is needed before was reported, and it had not passed

    Entry(RequiredCheck check) {
      this.check = check;
      this.countedFrom = check.deadlineFrom() == DeadlineFrom.RUN ? 0 : -1;
    }
  }

  private final long startMillis;
  private final long windowMillis;
  private final List<Entry> required;
  private final Map<String, LogEntry.CheckReported> reports = new TreeMap<>();

  /**
   * Begins with no report.
   *
   * @param startMillis start of window 0, epoch milliseconds
   */
  CheckBook(Policy policy, long startMillis) {
    this.startMillis = startMillis;
    this.windowMillis = policy.windowMillis();
    this.required =
        Stream.concat(policy.checks().stream(), policy.releaseRules().checks().stream())
            .map(Entry::new)
            .toList();
  }

  /**
   * Whether a report can be taken.
   *
   * @throws IllegalArgumentException if it says that it is expired, or if its name would be one too
   *     many
   */
  void check(LogEntry.CheckReported report) {
    if (report.outcome() == CheckOutcome.EXPIRED) {
      throw new IllegalArgumentException("outcome: EXPIRED (expected: PENDING, PASSED or FAILED)");
    }
    if (!reports.containsKey(report.name())
        && !isRequired(report.name())
        && others() >= MOST - required.size()) {
      throw new IllegalArgumentException(
          "name: " + report.name() + " (expected: at most " + MOST + " different checks)");
    }
  }

  void take(LogEntry.CheckReported report) {
    reports.put(report.name(), report);
    if (report.outcome() == CheckOutcome.PASSED) {
      for (Entry entry : required) {
        if (entry.check.name().equals(report.name())) {
          entry.overtaken = false;
        }
      }
    }
  }

  /** Traffic is at a step. */
  void moveTo(int step, long sealedWindows) {
    for (Entry entry : required) {
      int beforeStep = entry.check.beforeStep();
      if (beforeStep == RequiredCheck.NO_STEP) {
        continue;
      }
      if (entry.countedFrom < 0 && step >= beforeStep - 1) {
        entry.countedFrom = sealedWindows;
      }
      if (step >= beforeStep && reported(entry.check.name()) != CheckOutcome.PASSED) {
        entry.overtaken = true;
      }
    }
  }

  /**
   * What the required checks say: NO_GO if one failed or expired that decides by itself, WAIT while
   * one failed, expired or is pending, GO if all passed.
   */
  Finding finding(boolean begun, long sealedWindows) {
    Finding worst = new Finding(Decision.GO, Reason.WITHIN_TOLERANCE, begun);
    int worstRank = 0;
    for (Entry entry : required) {
      CheckOutcome outcome = outcome(entry, sealedWindows);
      int rank = rank(entry.check, outcome);
      if (rank > worstRank) {
        worstRank = rank;
        worst =
            new Finding(
                isNoGo(entry.check, outcome) ? Decision.NO_GO : Decision.WAIT,
                reason(entry.check, outcome),
                begun);
      }
    }
    return worst;
  }

  /** Which of two to tell: what decides before what waits, a failure before silence. */
  private static int rank(RequiredCheck check, CheckOutcome outcome) {
    int rank =
        switch (outcome) {
          case PASSED -> 0;
          case PENDING -> 1;
          case EXPIRED -> 2;
          case FAILED -> 3;
        };
    return isNoGo(check, outcome) ? rank + 10 : rank;
  }

  private static boolean isNoGo(RequiredCheck check, CheckOutcome outcome) {
    return (outcome == CheckOutcome.FAILED && check.failureIsNoGo())
        || (outcome == CheckOutcome.EXPIRED && check.expiryIsNoGo());
  }

  private static Reason reason(RequiredCheck check, CheckOutcome outcome) {
    if (check.name().equals(ReleaseRules.EARLIER_GO)) {
      return Reason.EARLIER_GO;
    }
    if (check.name().equals(ReleaseRules.DEPLOYMENT_WINDOW)) {
      return Reason.DEPLOYMENT_WINDOW;
    }
    return switch (outcome) {
      case PASSED -> Reason.WITHIN_TOLERANCE;
      case PENDING -> Reason.CHECK_PENDING;
      case EXPIRED -> Reason.CHECK_EXPIRED;
      case FAILED -> Reason.CHECK_FAILED;
    };
  }

  /** Required checks in the order of the policy, then others by name. */
  List<CheckVerdict> verdicts(long sealedWindows) {
    List<CheckVerdict> verdicts = new ArrayList<>();
    for (Entry entry : required) {
      LogEntry.CheckReported report = reports.get(entry.check.name());
      verdicts.add(
          new CheckVerdict(
              entry.check.name(),
              true,
              outcome(entry, sealedWindows),
              report == null ? "" : report.reason(),
              report == null ? "" : report.link(),
              report == null ? 0 : report.atMillis(),
              entry.check.beforeStep(),
              dueWindows(entry) == Long.MAX_VALUE
                  ? 0
                  : startMillis + dueWindows(entry) * windowMillis));
    }
    for (LogEntry.CheckReported other : reports.values()) {
      if (!isRequired(other.name())) {
        verdicts.add(
            new CheckVerdict(
                other.name(),
                false,
                other.outcome(),
                other.reason(),
                other.link(),
                other.atMillis()));
      }
    }
    return verdicts;
  }

  void write(DataOutput out) throws IOException {
    out.writeInt(reports.size());
    for (LogEntry.CheckReported report : reports.values()) {
      out.writeLong(report.atMillis());
      out.writeUTF(report.name());
      Constants.write(report.outcome(), out);
      out.writeUTF(report.reason());
      out.writeUTF(report.link());
    }
    for (Entry entry : required) {
      out.writeLong(entry.countedFrom);
      out.writeBoolean(entry.overtaken);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param version of the checkpoint
   */
  void read(DataInput in, int version) throws IOException {
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      take(
          new LogEntry.CheckReported(
              in.readLong(),
              in.readUTF(),
              Constants.read(CheckOutcome.class, in),
              in.readUTF(),
              in.readUTF()));
    }
    if (version >= WITH_EXPIRY) {
      for (Entry entry : required) {
        entry.countedFrom = in.readLong();
        entry.overtaken = in.readBoolean();
      }
    }
  }

  private CheckOutcome outcome(Entry entry, long sealedWindows) {
    CheckOutcome reported = reported(entry.check.name());
    boolean late = entry.overtaken || sealedWindows >= dueWindows(entry);
    return reported == CheckOutcome.PENDING && late ? CheckOutcome.EXPIRED : reported;
  }

  /**
   * How many windows are sealed when its time is over; never if that is not limited, or not yet.
   */
  private long dueWindows(Entry entry) {
    return entry.check.deadlineMillis() == 0 || entry.countedFrom < 0
        ? Long.MAX_VALUE
        : entry.countedFrom + Math.ceilDiv(entry.check.deadlineMillis(), windowMillis);
  }

  private CheckOutcome reported(String name) {
    LogEntry.@Nullable CheckReported report = reports.get(name);
    return report == null ? CheckOutcome.PENDING : report.outcome();
  }

  private long others() {
    return reports.keySet().stream().filter(name -> !isRequired(name)).count();
  }

  private boolean isRequired(String name) {
    return required.stream().anyMatch(entry -> entry.check.name().equals(name));
  }
}
