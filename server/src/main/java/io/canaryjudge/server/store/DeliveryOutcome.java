package io.canaryjudge.server.store;

/**
 * What became of an attempt to deliver a notification.
 *
 * @param id of the notification
 * @param state DELIVERED, GIVEN_UP, or WAITING for the next attempt
 * @param atMillis when the attempt ended, epoch milliseconds
 * @param nextMillis when it is tried again, epoch milliseconds; of no meaning unless WAITING
 * @param problem what went wrong; empty if nothing did
 */
public record DeliveryOutcome(
    long id, StoredNotification.State state, long atMillis, long nextMillis, String problem) {}
