package io.canaryjudge.server.store;

/**
 * A run to create.
 *
 * @param requestId makes a repeat harmless; not empty
 * @param fingerprint of the request's content: equal exactly for a repeat of the same request
 * @param run what to store; which attempt it is, is found out then
 * @param audit who did it
 */
public record NewRun(String requestId, String fingerprint, RunRecord run, AuditRow audit) {}
