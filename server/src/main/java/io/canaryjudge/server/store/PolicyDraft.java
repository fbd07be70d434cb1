package io.canaryjudge.server.store;

/**
 * A policy revision to store; the store counts the revisions.
 *
 * @param name of the policy
 * @param policy canonical JSON
 * @param etag of this content
 * @param author who; may be empty
 * @param reason why; may be empty
 * @param createMillis when, epoch milliseconds
 */
public record PolicyDraft(
    String name, String policy, String etag, String author, String reason, long createMillis) {}
