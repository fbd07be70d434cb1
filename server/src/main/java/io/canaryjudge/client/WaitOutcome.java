package io.canaryjudge.client;

import io.canaryjudge.proto.v1.Verdict;
import java.util.Optional;

/** What came of waiting for a verdict. */
public sealed interface WaitOutcome {

  /**
   * The decision stands: GO, NO_GO or INCONCLUSIVE, or the run was cancelled.
   *
   * @param verdict the verdict
   */
  record Decided(Verdict verdict) implements WaitOutcome {}

  /**
   * The time was over before a decision. Not a GO.
   *
   * @param newest the newest verdict that was seen, if any
   */
  record TimedOut(Optional<Verdict> newest) implements WaitOutcome {}

  /**
   * The time was over, and the judge was out of reach at that moment. Not a GO.
   *
   * @param newest the newest verdict that was seen, if any
   * @param cause why the judge could not be reached
   */
  record Unreachable(Optional<Verdict> newest, JudgeCallException cause) implements WaitOutcome {}
}
