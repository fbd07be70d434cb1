package io.canaryjudge.server.run;

import io.canaryjudge.analysis.verdict.Verdict;

/** Tells which verdicts are put on record. */
final class VerdictChange {

  private VerdictChange() {}

  /** Whether something changed that a reader of the history wants to see. */
  static boolean isMaterial(Verdict before, Verdict after) {
    return before.state() != after.state()
        || before.judgedDecision() != after.judgedDecision()
        || before.reason() != after.reason()
        || before.step() != after.step()
        || before.open() != after.open()
        || !before.checks().equals(after.checks())
        || !java.util.Objects.equals(before.override(), after.override());
  }
}
