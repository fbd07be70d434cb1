/**
 * Evidence from series without counts: one value per arm and moment.
 *
 * <p>In: the values of both arms, paired by the moment that they belong to. Out: what the pairs say
 * about "within tolerance" and "beyond it". Much weaker than evidence from counts, since a point
 * does not say how many requests it stands for; meant for tools that have nothing else.
 */
@NullMarked
package io.canaryjudge.analysis.paired;

import org.jspecify.annotations.NullMarked;
