/**
 * Runs from their creation to their end.
 *
 * <p>Enters: requests, and samples that a door has checked one by one. Leaves: verdicts, after they
 * are durable. Each open run has one owner, the only writer of its windows and of its evidence.
 */
@NullMarked
package io.canaryjudge.server.run;

import org.jspecify.annotations.NullMarked;
