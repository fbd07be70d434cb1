/**
 * What makes a canary acceptable, as immutable data.
 *
 * <p>Enters: values that were read elsewhere. Leaves: a {@link
 * io.canaryjudge.analysis.policy.Policy} that holds every number that can change a verdict, with
 * what is wrong with it and what it would probably not do as it was meant.
 */
@NullMarked
package io.canaryjudge.analysis.policy;

import org.jspecify.annotations.NullMarked;
