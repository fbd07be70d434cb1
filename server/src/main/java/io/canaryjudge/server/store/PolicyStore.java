package io.canaryjudge.server.store;

import io.canaryjudge.server.error.JudgeException;
import java.util.Optional;

/**
 * Policies as immutable, numbered revisions.
 *
 * <p>Every method throws a {@link JudgeException} of reason {@code STORE_UNAVAILABLE} while the
 * database cannot be reached, and may be called by any thread.
 */
public interface PolicyStore {

  /**
   * Creates a policy, or takes up a deleted one again with its next revision.
   *
   * @param requestId makes a repeat harmless; empty for none
   * @param fingerprint of the request's content: equal exactly for a repeat of the same request
   * @return the new revision; for a repeat, what the first one returned
   * @throws JudgeException {@code POLICY_EXISTS}, or {@code REQUEST_ID_REUSED} by another request
   */
  PolicyRow create(String requestId, String fingerprint, PolicyDraft draft, AuditRow audit);

  /**
   * Appends a revision.
   *
   * @param expectedRevision the revision that the change was made from
   * @throws JudgeException {@code POLICY_NOT_FOUND}, {@code POLICY_DELETED}, or {@code
   *     POLICY_ETAG_MISMATCH} if another revision is the current one
   */
  PolicyRow append(PolicyDraft draft, long expectedRevision, AuditRow audit);

  /**
   * Appends a revision that says that the policy takes no new runs.
   *
   * @param expectedRevision the revision that is to be deleted
   * @param author who; may be empty
   * @param reason why; may be empty
   * @param atMillis when, epoch milliseconds
   * @throws JudgeException as {@link #append}
   */
  PolicyRow delete(
      String name,
      long expectedRevision,
      String author,
      String reason,
      long atMillis,
      AuditRow audit);

  /** The newest revision, which may be a deletion. */
  Optional<PolicyRow> current(String name);

  /** One revision. */
  Optional<PolicyRow> revision(String name, long revision);

  /**
   * Current policies that are not deleted, by name.
   *
   * @param pageSize at most so many, in [1, 1000]
   * @param pageToken of the page before; empty for the first
   * @throws JudgeException {@code INVALID_FIELD} if the token is not one of this list
   */
  Page<PolicyRow> list(int pageSize, String pageToken);

  /**
   * Revisions of one policy, newest first; none if there is no such policy.
   *
   * @param pageSize at most so many, in [1, 1000]
   * @param pageToken of the page before; empty for the first
   * @throws JudgeException {@code INVALID_FIELD} if the token is not one of this list
   */
  Page<PolicyRow> revisions(String name, int pageSize, String pageToken);
}
