package io.canaryjudge.analysis.verdict;

/**
 * What the evidence and its guards say at one moment, whatever was decided before.
 *
 * @param decision WAIT, GO or NO_GO; INCONCLUSIVE if the run has to end without a decision
 * @param reason why
 * @param begun whether every arm that the policy looks at has sent something
 */
record Finding(Decision decision, Reason reason, boolean begun) {}
