package io.canaryjudge.analysis.verdict;

/**
 * The present state of a check.
 *
 * @param name its name
 * @param required whether the policy requires it
 * @param outcome what it last said; PENDING if nothing
 * @param reason why, for people; may be empty
 * @param link where to read on; may be empty
 * @param atMillis when it last reported, epoch milliseconds; 0 if never
 */
public record CheckVerdict(
    String name,
    boolean required,
    CheckOutcome outcome,
    String reason,
    String link,
    long atMillis) {}
