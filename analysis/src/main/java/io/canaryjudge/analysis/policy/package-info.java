/**
 * What makes a canary acceptable, as immutable data.
 *
 * <p>Enters: values that were read and checked elsewhere. Leaves: a {@link
 * io.canaryjudge.analysis.policy.Policy} that holds every number that can change a verdict.
 */
@NullMarked
package io.canaryjudge.analysis.policy;

import org.jspecify.annotations.NullMarked;
