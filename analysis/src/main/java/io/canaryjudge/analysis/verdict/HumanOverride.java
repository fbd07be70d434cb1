package io.canaryjudge.analysis.verdict;

/**
 * A person's decision in place of the judged one. Kept apart from it everywhere.
 *
 * @param decision GO or NO_GO
 * @param by who
 * @param reason why
 * @param atMillis when, epoch milliseconds
 */
public record HumanOverride(Decision decision, String by, String reason, long atMillis) {}
