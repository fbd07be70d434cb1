package io.canaryjudge.analysis.verdict;

import java.util.List;

/**
 * What the evidence of a run says at one moment, before anything else is asked.
 *
 * @param metrics in the order of the policy; decisions are WAIT, GO or NO_GO
 * @param logHarm natural logarithm of the weighted mean of the e-values of harm of all metrics that
 *     decide
 * @param harmful whether that reaches its line
 * @param safe whether harm is excluded at every threshold of every metric that decides
 * @param reason why: of the harm if harmful, else of what is missing most
 */
record Assessment(
    List<MetricVerdict> metrics, double logHarm, boolean harmful, boolean safe, Reason reason) {}
