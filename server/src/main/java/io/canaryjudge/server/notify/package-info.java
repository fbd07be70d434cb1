/**
 * Tells receivers outside what became of runs, by webhooks.
 *
 * <p>Enters: what the store writes of runs, within its transactions. Leaves: rows of the outbox in
 * the same transactions; later, HTTP requests to the configured targets and no others, in order for
 * each run, again and again until they are taken or given up. Nothing here has a say in a verdict.
 */
@NullMarked
package io.canaryjudge.server.notify;

import org.jspecify.annotations.NullMarked;
