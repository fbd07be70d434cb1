package io.canaryjudge.analysis.inference;

/**
 * An interval from {@code lower} to {@code upper}.
 *
 * @param lower lower end
 * @param upper upper end, may be +Infinity
 */
public record Bounds(double lower, double upper) {}
