package io.canaryjudge.server.store;

/**
 * One revision of a policy. Never changes.
 *
 * @param name of the policy
 * @param revision from 1, without gaps
 * @param policy canonical JSON; of a deletion, that of the revision before
 * @param etag of this content; of a deletion, that of the revision before
 * @param author who; may be empty
 * @param reason why; may be empty
 * @param createMillis when, epoch milliseconds
 * @param deleted whether this revision says that the policy takes no new runs
 */
public record PolicyRow(
    String name,
    long revision,
    String policy,
    String etag,
    String author,
    String reason,
    long createMillis,
    boolean deleted) {}
