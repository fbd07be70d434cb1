package io.canaryjudge.analysis.policy;

/**
 * A time in which GO may not be said.
 *
 * @param startMillis first moment of it, epoch milliseconds
 * @param endMillis first moment after it
 * @param reason why, for people; 1 to 200 characters
 */
public record Freeze(long startMillis, long endMillis, String reason) {}
