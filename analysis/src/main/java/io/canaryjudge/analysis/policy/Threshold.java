package io.canaryjudge.analysis.policy;

import java.util.OptionalDouble;

/**
 * One limit in a policy. A metric is harmful if it is beyond any of its thresholds.
 *
 * <p>The two tolerances are two hypotheses: NO_GO is claimed when the evidence excludes "within
 * {@code noGo}", GO when it excludes "at or beyond {@code go}". Between the two, INCONCLUSIVE is
 * the honest answer; a wider {@code go} makes GO reachable with little traffic, and every GO names
 * it.
 *
 * @param quantile the quantile that is compared, in (0, 1); empty exactly for a proportion
 * @param noGo the tolerance of NO_GO
 * @param go the tolerance of GO: of the same form, and nowhere narrower than {@code noGo}
 * @param sustainedMillis if above 0, NO_GO needs each whole minute of the last {@code
 *     sustainedMillis} beyond the limit, and evidence from these minutes alone; whole minutes, only
 *     with {@link Tolerance.Limit}
 */
public record Threshold(
    OptionalDouble quantile, Tolerance noGo, Tolerance go, long sustainedMillis) {}
