package io.canaryjudge.analysis.verdict;

/**
 * An interval that covers the truth at all times at once with probability {@code level} (a
 * confidence sequence): it stays true however often it is read.
 *
 * @param lower lower end, may be 0 or -Infinity
 * @param upper upper end, may be +Infinity
 * @param level coverage, in (0, 1)
 */
public record Interval(double lower, double upper, double level) {}
