package io.canaryjudge.analysis.verdict;

import io.canaryjudge.analysis.aggregate.WindowAggregate;

/**
 * One thing that happened to a run. The ordered log is all that a verdict depends on, besides the
 * policy: a run is replayed by reading it from the start. The position of an entry in the log,
 * counted from 1, is the revision of the verdict that follows from it.
 */
public sealed interface LogEntry {

  /**
   * A window took its last sample. Windows are sealed in order, without gaps: an empty window is
   * sealed too, since silence is information.
   *
   * @param index 0 for the window that begins at the start of the run
   * @param content what the window received
   * @param interrupted whether the judge itself was out of reach during part of the window: it was
   *     restarted, or its database did not answer. What is missing from the window then says
   *     nothing about the arms: no test of silence, of coverage or of the split of traffic may
   *     count it. What did arrive counts as ever. Of no meaning for an empty window, which is not
   *     kept as such
   */
  record WindowSealed(long index, WindowAggregate content, boolean interrupted)
      implements LogEntry {

    /** A window that was not interrupted. */
    public WindowSealed(long index, WindowAggregate content) {
      this(index, content, false);
    }
  }

  /**
   * The deploy tool moved traffic.
   *
   * @param atMillis when, epoch milliseconds; for display
   * @param step index of the step, from 0
   * @param weight share of traffic that the canary gets, in percent, in [0, 100]
   */
  record StepReported(long atMillis, int step, double weight) implements LogEntry {}

  /**
   * A check reported.
   *
   * @param atMillis when, epoch milliseconds; for display
   * @param name name of the check; one that the policy does not require is kept and shown
   * @param outcome what it says
   * @param reason why, for people; may be empty
   * @param link where to read on; may be empty
   */
  record CheckReported(long atMillis, String name, CheckOutcome outcome, String reason, String link)
      implements LogEntry {}

  /**
   * A person decided.
   *
   * @param atMillis when, epoch milliseconds
   * @param decision GO or NO_GO
   * @param by who
   * @param reason why
   */
  record Overridden(long atMillis, Decision decision, String by, String reason)
      implements LogEntry {}

  /**
   * The run was cancelled.
   *
   * @param atMillis when, epoch milliseconds
   * @param by who
   * @param reason why
   */
  record Cancelled(long atMillis, String by, String reason) implements LogEntry {}

  /**
   * A retrospective run has received all of its recorded samples.
   *
   * @param atMillis when, epoch milliseconds
   */
  record DataEnded(long atMillis) implements LogEntry {}
}
