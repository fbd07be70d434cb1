package io.canaryjudge.server.store;

/**
 * Something to tell one receiver.
 *
 * @param event identity of what happened, the same for every receiver and every attempt; a second
 *     one for the same target is not stored
 * @param target name of the receiver
 * @param runId the run that it is about
 * @param kind what happened, a word
 * @param content what happened, as JSON
 * @param createMillis when, epoch milliseconds
 * @param problem why it is given up at once; empty if it is to be delivered
 */
public record NewNotification(
    String event,
    String target,
    String runId,
    String kind,
    String content,
    long createMillis,
    String problem) {}
