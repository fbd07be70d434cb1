package io.canaryjudge.analysis.verdict;

/**
 * The life cycle of a run as a pure function: where it is, what happened, and what the evidence
 * says then give where it is next.
 *
 * <p>NO_GO goes before GO, GO before the deadline. Nothing here turns the absence of evidence into
 * a GO: only a {@link Finding} can, and only while the run is undecided.
 */
final class RunTransitions {
  private RunTransitions() {}

  /**
   * Which time limits have passed, in sealed windows.
   *
   * @param deadline whether the deadline of the policy has passed
   * @param watch whether the time to watch after a GO is over, counted from that GO; true at the GO
   *     itself if the policy does not watch
   */
  record Limits(boolean deadline, boolean watch) {}

  /**
   * Whether an entry fits where the run is.
   *
   * @throws IllegalArgumentException if it does not
   */
  static void check(RunLife life, LogEntry entry) {
    boolean fits =
        switch (entry) {
          case LogEntry.WindowSealed _,
              LogEntry.StepReported _,
              LogEntry.CheckReported _,
              LogEntry.DataEnded _ ->
              life.open();
          case LogEntry.Cancelled _ -> life.open() && life.decision() == Decision.WAIT;
          case LogEntry.Overridden _ -> true;
        };
    if (!fits) {
      throw new IllegalArgumentException(
          "entry: "
              + entry.getClass().getSimpleName()
              + " (expected: none after the run was "
              + life.state()
              + " with "
              + life.decision()
              + ")");
    }
  }

  /** Where the run is after an entry that {@link #check fits}. */
  static RunLife after(RunLife life, LogEntry entry, Finding finding, Limits limits) {
    return switch (entry) {
      case LogEntry.WindowSealed _, LogEntry.StepReported _, LogEntry.CheckReported _ ->
          judged(life, finding, limits);
      case LogEntry.DataEnded _ -> dataEnded(judged(life, finding, limits));
      case LogEntry.Cancelled _ -> ended(RunState.CANCELLED, Reason.CANCELLED);
      case LogEntry.Overridden _ -> life; // shown beside what was judged, and changes none of it
    };
  }

  private static RunLife judged(RunLife life, Finding finding, Limits limits) {
    return life.watching() ? watched(life, finding, limits) : decided(finding, limits);
  }

  private static RunLife decided(Finding finding, Limits limits) {
    return switch (finding.decision()) {
      case NO_GO -> new RunLife(RunState.COMPLETED, Decision.NO_GO, finding.reason(), false);
      case INCONCLUSIVE -> ended(RunState.COMPLETED, finding.reason());
      case GO -> new RunLife(RunState.COMPLETED, Decision.GO, finding.reason(), !limits.watch());
      case WAIT ->
          limits.deadline()
              ? ended(RunState.COMPLETED, Reason.DEADLINE)
              : new RunLife(
                  finding.begun() ? RunState.RUNNING : RunState.PENDING,
                  Decision.WAIT,
                  finding.reason(),
                  true);
    };
  }

  /** After a GO only harm matters, until the watch is over. */
  private static RunLife watched(RunLife life, Finding finding, Limits limits) {
    if (finding.decision() == Decision.NO_GO) {
      boolean ofCheck =
          finding.reason() == Reason.CHECK_FAILED || finding.reason() == Reason.CHECK_EXPIRED;
      Reason reason = ofCheck ? finding.reason() : Reason.LATE;
      return new RunLife(RunState.COMPLETED, Decision.NO_GO, reason, false);
    }
    return limits.watch() ? closed(life) : life;
  }

  private static RunLife dataEnded(RunLife life) {
    return life.decision() == Decision.WAIT
        ? ended(RunState.COMPLETED, Reason.DATA_ENDED)
        : closed(life);
  }

  private static RunLife closed(RunLife life) {
    return new RunLife(life.state(), life.decision(), life.reason(), false);
  }

  private static RunLife ended(RunState state, Reason reason) {
    return new RunLife(state, Decision.INCONCLUSIVE, reason, false);
  }
}
