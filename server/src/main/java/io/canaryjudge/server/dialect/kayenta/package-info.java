/**
 * The HTTP dialect of Kayenta, for tools that know how to ask one: Argo Rollouts, Spinnaker, and
 * Kayenta itself, which may leave the judging to another.
 *
 * <p>Enters: requests as those tools send them. Leaves: runs and policies, asked for in our own
 * words, and answers in theirs. Nothing is judged here: what Kayenta fetched goes to {@link
 * io.canaryjudge.analysis.paired.PairedComparison}, everything else to {@link
 * io.canaryjudge.server.run.Runs}. Nothing of the web server is known here.
 */
@NullMarked
package io.canaryjudge.server.dialect.kayenta;

import org.jspecify.annotations.NullMarked;
