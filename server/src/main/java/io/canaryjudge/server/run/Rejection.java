package io.canaryjudge.server.run;

/**
 * Samples of one batch that were refused for one reason.
 *
 * @param sequence the batch
 * @param reason why
 * @param samples how many; at least 1
 * @param example the first of them: {@code distributions[3].values[0]: NaN (expected: finite, at
 *     least 0)}
 */
public record Rejection(long sequence, Refusal reason, long samples, String example) {}
