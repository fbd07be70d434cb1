package io.canaryjudge.cli;

import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Verdict;

/** How asking for a verdict ended. */
enum Outcome {
  GO(ExitCodes.GO, "promote"),
  NO_GO(ExitCodes.NO_GO, "roll back"),
  INCONCLUSIVE(ExitCodes.INCONCLUSIVE, "the evidence was not enough for either"),
  CANCELLED(ExitCodes.INCONCLUSIVE, "somebody ended the run"),
  WAIT(ExitCodes.TIMEOUT, "not settled yet"),
  TIMEOUT(ExitCodes.TIMEOUT, "no decision in time"),
  UNREACHABLE(ExitCodes.UNREACHABLE, "the judge is out of reach"),
  INTERRUPTED(130, "the wait was ended from outside; the run goes on");

  private final int exitCode;
  private final String meaning;

  Outcome(int exitCode, String meaning) {
    this.exitCode = exitCode;
    this.meaning = meaning;
  }

  /** Unless the caller has said otherwise. */
  int exitCode() {
    return exitCode;
  }

  String meaning() {
    return meaning;
  }

  /** What a verdict says as of now. A cancelled run is never a GO, and no unknown decision is. */
  static Outcome of(Verdict verdict) {
    if (verdict.getState() == AnalysisRun.State.STATE_CANCELLED && !verdict.hasOverride()) {
      return CANCELLED;
    }
    return switch (verdict.getDecision()) {
      case DECISION_GO -> GO;
      case DECISION_NO_GO -> NO_GO;
      case DECISION_INCONCLUSIVE -> INCONCLUSIVE;
      case DECISION_WAIT, DECISION_UNSPECIFIED, UNRECOGNIZED -> WAIT;
    };
  }
}
