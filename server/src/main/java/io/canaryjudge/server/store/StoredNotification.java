package io.canaryjudge.server.store;

/**
 * A notification on record.
 *
 * @param id its place in the order of writing
 * @param event see {@link NewNotification#event}
 * @param target name of the receiver
 * @param runId the run that it is about
 * @param kind what happened, a word
 * @param content what happened, as JSON
 * @param state where it is
 * @param attempts how many attempts were begun
 * @param createMillis when it happened, epoch milliseconds
 * @param sinceMillis from when its age counts: when it happened, or when a person asked for it
 *     again
 * @param nextMillis when it is tried next, epoch milliseconds
 * @param endMillis when it was delivered or given up, epoch milliseconds; 0 while it waits
 * @param problem what went wrong with the newest attempt that failed; empty if none did
 */
public record StoredNotification(
    long id,
    String event,
    String target,
    String runId,
    String kind,
    String content,
    State state,
    int attempts,
    long createMillis,
    long sinceMillis,
    long nextMillis,
    long endMillis,
    String problem) {

  /** Where a notification is. */
  public enum State {
    /** To be delivered. */
    WAITING,

    /** The receiver has taken it. */
    DELIVERED,

    /** The receiver has not taken it, and is not asked any more. */
    GIVEN_UP
  }
}
