package io.canaryjudge.server.policy;

import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.server.store.PolicyRow;

/**
 * A past or present state of a policy. Never changes.
 *
 * @param policy as it was; of a deletion, that of the revision before
 * @param revision from 1, without gaps
 * @param etag changes with every revision
 * @param author who; may be empty
 * @param reason why; may be empty
 * @param createMillis when, epoch milliseconds
 * @param deleted whether this revision says that the policy takes no new runs
 */
public record PolicyRevision(
    Policy policy,
    long revision,
    String etag,
    String author,
    String reason,
    long createMillis,
    boolean deleted) {

  static PolicyRevision of(PolicyRow row) {
    return new PolicyRevision(
        PolicyReader.readStored(row.policy()),
        row.revision(),
        row.etag(),
        row.author(),
        row.reason(),
        row.createMillis(),
        row.deleted());
  }
}
