package io.canaryjudge.server.store;

/**
 * Who did what: written in the transaction of the effect, so that neither exists without the other.
 *
 * @param atMillis when, epoch milliseconds
 * @param actor who; may be empty where callers are not authenticated
 * @param action what, a constant such as {@code run.create}
 * @param subject to what, such as {@code analysisRuns/r1} or {@code policies/standard}
 * @param detail for people; may be empty
 */
public record AuditRow(long atMillis, String actor, String action, String subject, String detail) {}
