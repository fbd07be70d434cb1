package io.canaryjudge.analysis.verdict;

/**
 * Where a run is in its life, and what was decided on the way.
 *
 * @param state where it is
 * @param decision what the evidence says; once GO, NO_GO or INCONCLUSIVE it stays, but a GO may
 *     still turn into a NO_GO while the run is open
 * @param reason why
 * @param open whether samples, steps and checks are still taken
 */
record RunLife(RunState state, Decision decision, Reason reason, boolean open) {

  /** A run that has seen nothing yet. */
  static final RunLife BEGINNING =
      new RunLife(RunState.PENDING, Decision.WAIT, Reason.NO_SAMPLES, true);

  /** Whether the run said GO and still looks on. */
  boolean watching() {
    return open && decision == Decision.GO;
  }
}
