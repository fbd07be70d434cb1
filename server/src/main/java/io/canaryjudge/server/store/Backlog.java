package io.canaryjudge.server.store;

/**
 * What waits for one target.
 *
 * @param waiting how many notifications
 * @param oldestMillis when the first of them happened, epoch milliseconds
 */
public record Backlog(long waiting, long oldestMillis) {}
