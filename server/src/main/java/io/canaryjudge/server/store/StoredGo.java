package io.canaryjudge.server.store;

/**
 * A live run whose decision is GO.
 *
 * @param runId the run
 * @param endMillis when it stopped taking samples, epoch milliseconds; 0 while it takes them
 * @param judged whether the evidence says so too, and not a person alone
 */
public record StoredGo(String runId, long endMillis, boolean judged) {}
