package io.canaryjudge.analysis.verdict;

import io.canaryjudge.analysis.policy.RequiredCheck;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the checks of a run last said. Owned by its {@link RunAnalysis}. */
final class CheckBook {
  /** The most names, required ones included, that a run keeps. */
  static final int MOST = 64;

  private final List<RequiredCheck> required;
  private final Map<String, LogEntry.CheckReported> reports = new TreeMap<>();

  CheckBook(List<RequiredCheck> required) {
    this.required = required;
  }

  /**
   * Whether there is room for a report.
   *
   * @throws IllegalArgumentException if its name would be one too many
   */
  void check(LogEntry.CheckReported report) {
    if (!reports.containsKey(report.name())
        && !isRequired(report.name())
        && others() >= MOST - required.size()) {
      throw new IllegalArgumentException(
          "name: " + report.name() + " (expected: at most " + MOST + " different checks)");
    }
  }

  void take(LogEntry.CheckReported report) {
    reports.put(report.name(), report);
  }

  /**
   * What the required checks say: NO_GO if one failed that decides by itself, WAIT while one failed
   * or is pending, GO if all passed.
   */
  Finding finding(boolean begun) {
    Finding worst = new Finding(Decision.GO, Reason.WITHIN_TOLERANCE, begun);
    for (RequiredCheck check : required) {
      CheckOutcome outcome = outcome(check.name());
      if (outcome == CheckOutcome.FAILED && check.failureIsNoGo()) {
        return new Finding(Decision.NO_GO, Reason.CHECK_FAILED, begun);
      }
      if (outcome == CheckOutcome.FAILED) {
        worst = new Finding(Decision.WAIT, Reason.CHECK_FAILED, begun);
      } else if (outcome == CheckOutcome.PENDING && worst.decision() == Decision.GO) {
        worst = new Finding(Decision.WAIT, Reason.CHECK_PENDING, begun);
      }
    }
    return worst;
  }

  /** Required checks in the order of the policy, then others by name. */
  List<CheckVerdict> verdicts() {
    List<CheckVerdict> verdicts = new ArrayList<>();
    for (RequiredCheck check : required) {
      verdicts.add(verdict(check.name(), true, reports.get(check.name())));
    }
    for (Map.Entry<String, LogEntry.CheckReported> other : reports.entrySet()) {
      if (!isRequired(other.getKey())) {
        verdicts.add(verdict(other.getKey(), false, other.getValue()));
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
  }

  void read(DataInput in) throws IOException {
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
  }

  private static CheckVerdict verdict(
      String name, boolean isRequired, LogEntry.@Nullable CheckReported report) {
    return report == null
        ? new CheckVerdict(name, isRequired, CheckOutcome.PENDING, "", "", 0)
        : new CheckVerdict(
            name, isRequired, report.outcome(), report.reason(), report.link(), report.atMillis());
  }

  private CheckOutcome outcome(String name) {
    LogEntry.CheckReported report = reports.get(name);
    return report == null ? CheckOutcome.PENDING : report.outcome();
  }

  private long others() {
    return reports.keySet().stream().filter(name -> !isRequired(name)).count();
  }

  private boolean isRequired(String name) {
    return required.stream().anyMatch(check -> check.name().equals(name));
  }
}
