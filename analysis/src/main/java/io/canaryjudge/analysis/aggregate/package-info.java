/**
 * The mergeable content of a window.
 *
 * <p>In: counts, histograms and raw values of one instance of one arm, in any order, from any
 * producer. Out: {@link io.canaryjudge.analysis.aggregate.WindowAggregate}, which holds one {@link
 * io.canaryjudge.analysis.aggregate.Aggregate} for each metric, arm and instance, answers how many
 * values lie above or below a threshold, and has a canonical binary form.
 *
 * <p>Everything here holds integer counts only: merging is commutative and associative to the bit,
 * so the same samples give the same aggregate whatever way they came.
 */
@NullMarked
package io.canaryjudge.analysis.aggregate;

import org.jspecify.annotations.NullMarked;
