package io.canaryjudge.analysis.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.analysis.aggregate.WindowAggregate;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every (state, entry) pair of a run's life, under every finding that makes a difference. */
class RunTransitionsTest {
  private static final LogEntry SEALED = new LogEntry.WindowSealed(0, new WindowAggregate());
  private static final LogEntry STEP = new LogEntry.StepReported(1, 1, 25);
  private static final LogEntry CHECK =
      new LogEntry.CheckReported(1, "smoke", CheckOutcome.PASSED, "", "");
  private static final LogEntry OVERRIDDEN =
      new LogEntry.Overridden(1, Decision.GO, "ann", "known");
  private static final LogEntry CANCELLED = new LogEntry.Cancelled(1, "ann", "superseded");
  private static final LogEntry ENDED = new LogEntry.DataEnded(1);
  private static final List<LogEntry> JUDGING = List.of(SEALED, STEP, CHECK);
  private static final List<LogEntry> ENTRIES =
      List.of(SEALED, STEP, CHECK, OVERRIDDEN, CANCELLED, ENDED);

  private static final RunLife PENDING = RunLife.BEGINNING;
  private static final RunLife RUNNING =
      new RunLife(RunState.RUNNING, Decision.WAIT, Reason.COLLECTING, true);
  private static final RunLife WATCHING = completed(Decision.GO, Reason.WITHIN_TOLERANCE, true);
  private static final RunLife GONE = completed(Decision.GO, Reason.WITHIN_TOLERANCE, false);
  private static final RunLife REFUSED = completed(Decision.NO_GO, Reason.BEYOND_TOLERANCE, false);
  private static final RunLife UNSETTLED = completed(Decision.INCONCLUSIVE, Reason.DEADLINE, false);
  private static final RunLife STOPPED =
      new RunLife(RunState.CANCELLED, Decision.INCONCLUSIVE, Reason.CANCELLED, false);

  private static final Finding WAIT = new Finding(Decision.WAIT, Reason.COLLECTING, true);
  private static final Finding NOTHING = new Finding(Decision.WAIT, Reason.NO_SAMPLES, false);
  private static final Finding GO = new Finding(Decision.GO, Reason.WITHIN_TOLERANCE, true);
  private static final Finding NO_GO =
      new Finding(Decision.NO_GO, Reason.JOINTLY_BEYOND_TOLERANCE, true);
  private static final Finding SILENT = new Finding(Decision.INCONCLUSIVE, Reason.NO_DATA, true);
  private static final Finding FAILED = new Finding(Decision.NO_GO, Reason.CHECK_FAILED, true);
  private static final Finding EXPIRED = new Finding(Decision.NO_GO, Reason.CHECK_EXPIRED, true);

  private static final RunTransitions.Limits NONE = new RunTransitions.Limits(false, false);
  private static final RunTransitions.Limits DEADLINE = new RunTransitions.Limits(true, false);
  private static final RunTransitions.Limits WATCHED = new RunTransitions.Limits(false, true);

  record Row(
      RunLife from,
      LogEntry entry,
      Finding finding,
      RunTransitions.Limits limits,
      RunLife expected) {}

  static Stream<Row> rows() {
    Stream.Builder<Row> rows = Stream.builder();
    for (RunLife open : List.of(PENDING, RUNNING)) {
      for (LogEntry entry : JUDGING) {
        rows.add(new Row(open, entry, NOTHING, NONE, PENDING));
        rows.add(new Row(open, entry, WAIT, NONE, RUNNING));
        rows.add(new Row(open, entry, GO, NONE, WATCHING));
        rows.add(new Row(open, entry, GO, WATCHED, GONE));
        rows.add(new Row(open, entry, GO, DEADLINE, WATCHING));
        rows.add(new Row(open, entry, NO_GO, DEADLINE, refused(NO_GO.reason())));
        rows.add(new Row(open, entry, FAILED, NONE, refused(Reason.CHECK_FAILED)));
        rows.add(new Row(open, entry, EXPIRED, NONE, refused(Reason.CHECK_EXPIRED)));
        rows.add(new Row(open, entry, SILENT, NONE, unsettled(Reason.NO_DATA)));
        rows.add(new Row(open, entry, WAIT, DEADLINE, UNSETTLED));
        rows.add(new Row(open, entry, NOTHING, DEADLINE, UNSETTLED));
      }
      for (Finding finding : List.of(WAIT, GO, NO_GO, FAILED, SILENT)) {
        rows.add(new Row(open, CANCELLED, finding, NONE, STOPPED));
        rows.add(new Row(open, OVERRIDDEN, finding, NONE, open));
      }
      rows.add(new Row(open, ENDED, WAIT, NONE, unsettled(Reason.DATA_ENDED)));
      rows.add(new Row(open, ENDED, NOTHING, NONE, unsettled(Reason.DATA_ENDED)));
      rows.add(new Row(open, ENDED, WAIT, DEADLINE, UNSETTLED));
      rows.add(new Row(open, ENDED, GO, NONE, GONE));
      rows.add(new Row(open, ENDED, NO_GO, NONE, refused(NO_GO.reason())));
      rows.add(new Row(open, ENDED, SILENT, NONE, unsettled(Reason.NO_DATA)));
    }
    for (LogEntry entry : JUDGING) {
      for (Finding finding : List.of(WAIT, GO, NOTHING, SILENT)) {
        rows.add(new Row(WATCHING, entry, finding, NONE, WATCHING));
        rows.add(new Row(WATCHING, entry, finding, WATCHED, GONE));
        rows.add(new Row(WATCHING, entry, finding, DEADLINE, WATCHING));
      }
      rows.add(new Row(WATCHING, entry, NO_GO, NONE, refused(Reason.LATE)));
      rows.add(new Row(WATCHING, entry, NO_GO, WATCHED, refused(Reason.LATE)));
      rows.add(new Row(WATCHING, entry, FAILED, NONE, refused(Reason.CHECK_FAILED)));
      rows.add(new Row(WATCHING, entry, EXPIRED, NONE, refused(Reason.CHECK_EXPIRED)));
    }
    rows.add(new Row(WATCHING, ENDED, GO, NONE, GONE));
    rows.add(new Row(WATCHING, ENDED, WAIT, NONE, GONE));
    rows.add(new Row(WATCHING, ENDED, NO_GO, NONE, refused(Reason.LATE)));
    for (RunLife any : List.of(WATCHING, GONE, REFUSED, UNSETTLED, STOPPED)) {
      for (Finding finding : List.of(WAIT, GO, NO_GO)) {
        rows.add(new Row(any, OVERRIDDEN, finding, NONE, any));
      }
    }
    return rows.build();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void follows(Row row) {
    RunTransitions.check(row.from, row.entry);

    assertThat(RunTransitions.after(row.from, row.entry, row.finding, row.limits))
        .isEqualTo(row.expected);
  }

  @Test
  void refusesWhatComesAfterTheEnd() {
    for (RunLife ended : List.of(GONE, REFUSED, UNSETTLED, STOPPED)) {
      for (LogEntry entry : ENTRIES) {
        if (!entry.equals(OVERRIDDEN)) {
          assertThatThrownBy(() -> RunTransitions.check(ended, entry))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining(ended.state().name());
        }
      }
    }
  }

  @Test
  void aRunThatSaidGoIsNotCancelled() {
    assertThatThrownBy(() -> RunTransitions.check(WATCHING, CANCELLED))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void onlyEvidenceForGoGivesGo() {
    for (RunLife from : List.of(PENDING, RUNNING)) {
      for (LogEntry entry : ENTRIES) {
        for (Finding finding : List.of(WAIT, NOTHING, SILENT, NO_GO, FAILED)) {
          for (RunTransitions.Limits limits : List.of(NONE, DEADLINE, WATCHED)) {
            assertThat(RunTransitions.after(from, entry, finding, limits).decision())
                .isNotEqualTo(Decision.GO);
          }
        }
      }
    }
  }

  private static RunLife refused(Reason reason) {
    return completed(Decision.NO_GO, reason, false);
  }

  private static RunLife unsettled(Reason reason) {
    return completed(Decision.INCONCLUSIVE, reason, false);
  }

  private static RunLife completed(Decision decision, Reason reason, boolean open) {
    return new RunLife(RunState.COMPLETED, decision, reason, open);
  }
}
