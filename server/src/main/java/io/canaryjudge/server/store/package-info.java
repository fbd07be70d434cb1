/**
 * Keeps what must not be lost: runs and their logs, samples not yet sealed, verdicts, policies, and
 * who did what.
 *
 * <p>Enters: what the owner of a run has accepted, sealed and judged, many runs in one transaction.
 * Leaves: the same, to the bit, after any crash. What a method has returned from is durable.
 */
@NullMarked
package io.canaryjudge.server.store;

import org.jspecify.annotations.NullMarked;
