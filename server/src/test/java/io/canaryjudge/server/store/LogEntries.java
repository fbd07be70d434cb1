package io.canaryjudge.server.store;

import io.canaryjudge.analysis.aggregate.AggregateCodec;
import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.ProportionAggregate;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/** Log entries of every kind. */
final class LogEntries {

  private LogEntries() {}

  static LogEntry window(long index, long requests) {
    WindowAggregate content = new WindowAggregate();
    ProportionAggregate errors =
        (ProportionAggregate) content.at(0, Arm.CANARY, "pod-1", MetricKind.PROPORTION);
    errors.add(requests, requests / 10);
    content.started(Arm.CANARY, "pod-1", 1_700_000_000_000L);
    return new LogEntry.WindowSealed(index, content, index % 2 == 1);
  }

  static LogEntry emptyWindow(long index) {
    return new LogEntry.WindowSealed(index, new WindowAggregate());
  }

  static List<LogEntry> oneOfEachKind() {
    return List.of(
        window(3, 100),
        new LogEntry.StepReported(1_700_000_000_001L, 2, 12.5),
        new LogEntry.CheckReported(
            1_700_000_000_002L, "smoke", CheckOutcome.FAILED, "500 från /", "https://ci/1"),
        new LogEntry.Overridden(1_700_000_000_003L, Decision.NO_GO, "Zoë", "customers call"),
        new LogEntry.Cancelled(1_700_000_000_004L, "ci", ""),
        new LogEntry.DataEnded(1_700_000_000_005L));
  }

  /** Equal exactly for equal entries; the content of a window has no equality of its own. */
  static String text(LogEntry entry) {
    return entry instanceof LogEntry.WindowSealed window
        ? window
            .toString()
            .replace(
                Objects.toIdentityString(window.content()),
                HexFormat.of().formatHex(AggregateCodec.encode(window.content())))
        : entry.toString();
  }

  /** A line for each entry. */
  static List<String> texts(List<StoredEntry> entries) {
    return entries.stream().map(entry -> entry.revision() + ": " + text(entry.entry())).toList();
  }
}
