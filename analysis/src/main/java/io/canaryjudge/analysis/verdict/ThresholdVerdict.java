package io.canaryjudge.analysis.verdict;

import io.canaryjudge.analysis.policy.Threshold;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What is known about one threshold.
 *
 * @param threshold the threshold
 * @param decision NO_GO if it is guilty by itself, GO if harm is excluded, else WAIT (INCONCLUSIVE
 *     once the run has ended)
 * @param reason why
 * @param baselineEstimate the baseline's proportion or quantile; NaN with no samples, or where the
 *     threshold does not look at the baseline
 * @param canaryEstimate the canary's proportion or quantile; NaN with no samples
 * @param baselineInterval anytime-valid interval of the baseline's value; null with no samples
 * @param canaryInterval anytime-valid interval of the canary's value; null with no samples
 * @param effect what the threshold limits: the canary's value itself (a limit), or the ratio of the
 *     canary's to the baseline's value (a change); NaN if unknown
 * @param effectInterval anytime-valid interval of {@code effect}; null if unknown
 * @param effectLimit the tolerance of NO_GO on the scale of {@code effect}, as of now
 * @param logHarmEvidence natural logarithm of the e-value against "within tolerance"
 * @param harmLine line at which {@code logHarmEvidence} alone names this threshold guilty
 * @param logSafeEvidence natural logarithm of the e-value against "at or beyond tolerance"
 * @param safeLine line that {@code logSafeEvidence} must reach for GO
 * @param harmDispersion variance inflation by which the harm evidence was tempered, at least 1
 * @param safeDispersion likewise for the safe evidence
 * @param provenRelative smallest relative change of the ladder 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2
 *     within which the canary is proven to be, for a relative quantile threshold; else empty
 * @param expectedMillis about how long until the evidence is settled at the present rate; empty if
 *     it does not grow
 * @param drivingInstance canary instance without which the evidence of harm would not cross; null
 *     if none does
 * @param drivingStratum stratum that a NO_GO rests on: a route or a zone beyond tolerance by
 *     itself; null if there is none, or the canary is beyond tolerance in several
 */
public record ThresholdVerdict(
    Threshold threshold,
    Decision decision,
    Reason reason,
    double baselineEstimate,
    double canaryEstimate,
    @Nullable Interval baselineInterval,
    @Nullable Interval canaryInterval,
    double effect,
    @Nullable Interval effectInterval,
    double effectLimit,
    double logHarmEvidence,
    double harmLine,
    double logSafeEvidence,
    double safeLine,
    double harmDispersion,
    double safeDispersion,
    OptionalDouble provenRelative,
    OptionalLong expectedMillis,
    @Nullable String drivingInstance,
    @Nullable String drivingStratum) {}
