/**
 * Evidence from counts.
 *
 * <p>In: for each sealed window, how many requests each arm and instance had and how many of them
 * were events (failures, or values beyond a threshold). Out: e-values for and against "within
 * tolerance" that hold at any stopping time, the dispersion by which they are tempered, and
 * intervals for reports. What is compared with what, and what is decided, is the caller's.
 *
 * <p>Only {@link java.lang.StrictMath} and IEEE 754 arithmetic are used, in a fixed order, so the
 * same counts give the same bits on every machine. State classes are written and read exactly.
 */
@NullMarked
package io.canaryjudge.analysis.inference;

import org.jspecify.annotations.NullMarked;
