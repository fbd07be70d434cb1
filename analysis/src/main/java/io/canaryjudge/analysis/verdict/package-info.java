/**
 * Decides.
 *
 * <p>Enters: a {@link io.canaryjudge.analysis.policy.Policy} and the ordered {@link
 * io.canaryjudge.analysis.verdict.LogEntry log} of a run. Leaves: a {@link
 * io.canaryjudge.analysis.verdict.Verdict} after each entry. Pure: no clock, no randomness, no I/O;
 * the same log gives the same verdicts, to the bit.
 */
@NullMarked
package io.canaryjudge.analysis.verdict;

import org.jspecify.annotations.NullMarked;
