package io.canaryjudge.server.run;

import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.store.RunRecord;

/**
 * A run as of its newest committed verdict. Immutable.
 *
 * @param run the run, with the state and the decision of {@code verdict}
 * @param verdict the verdict; revision 0 before anything happened
 */
public record RunSnapshot(RunRecord run, Verdict verdict) {

  /**
   * Whether a caller that waits for a decision has its answer: there is one, or there will be none.
   * After a GO the run may still take samples for a while, and the answer may yet become NO_GO.
   */
  public boolean terminal() {
    return verdict.decision() != Decision.WAIT || !verdict.open();
  }
}
