package io.canaryjudge.server.run;

import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;

/** Which reports a run takes, by where it is. */
final class ReportRules {

  private ReportRules() {}

  /** Whether a run takes a report, if only because it says nothing new. */
  static boolean fits(LogEntry report, Verdict verdict) {
    if (!changes(report, verdict)) {
      return true;
    }
    return switch (report) {
      case LogEntry.StepReported _, LogEntry.CheckReported _ -> verdict.open();
      case LogEntry.Cancelled _ -> verdict.open() && verdict.judgedDecision() == Decision.WAIT;
      case LogEntry.Overridden _ -> true;
      case LogEntry.WindowSealed _, LogEntry.DataEnded _ -> throw noReport(report);
    };
  }

  /** Whether a report says anything that is not so already. */
  static boolean changes(LogEntry report, Verdict verdict) {
    return switch (report) {
      case LogEntry.StepReported step ->
          step.step() != verdict.step() || step.weight() != verdict.weight();
      case LogEntry.Cancelled _ -> verdict.state() != RunState.CANCELLED;
      case LogEntry.CheckReported _, LogEntry.Overridden _ -> true;
      case LogEntry.WindowSealed _, LogEntry.DataEnded _ -> throw noReport(report);
    };
  }

  private static IllegalArgumentException noReport(LogEntry entry) {
    return new IllegalArgumentException("entry: " + entry + " (expected: a report)");
  }

  /** What the judgement's refusal of a report means. */
  static JudgeException misfit(LogEntry report, IllegalArgumentException cause) {
    ErrorReason reason =
        report instanceof LogEntry.CheckReported
            ? ErrorReason.LIMIT_REACHED // of different checks
            : ErrorReason.INVALID_FIELD;
    return JudgeException.of(reason, String.valueOf(cause.getMessage())).causedBy(cause);
  }
}
