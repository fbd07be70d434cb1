package io.canaryjudge.server.error;

/**
 * Why a request failed. The names are part of the API: callers branch on them, so none is renamed
 * or used for something else.
 */
public enum ErrorReason {
  /** A field is missing, malformed or out of range; the violations name each. */
  INVALID_FIELD(ErrorCategory.INVALID_ARGUMENT),

  /** Both arms have the same version, and the request does not say that this is on purpose. */
  SAME_VERSION(ErrorCategory.INVALID_ARGUMENT),

  /** The policy does not allow a run to set this. */
  OVERRIDE_NOT_ALLOWED(ErrorCategory.INVALID_ARGUMENT),

  /** The policy cannot be judged by; the violations name each reason. */
  POLICY_INVALID(ErrorCategory.INVALID_ARGUMENT),

  /** There is no such run. */
  RUN_NOT_FOUND(ErrorCategory.NOT_FOUND),

  /** The run has no verdict of that revision on record. */
  VERDICT_NOT_FOUND(ErrorCategory.NOT_FOUND),

  /** There is no such notification that was given up. */
  NOTIFICATION_NOT_FOUND(ErrorCategory.NOT_FOUND),

  /** There is no such policy, or no such revision of it. */
  POLICY_NOT_FOUND(ErrorCategory.NOT_FOUND),

  /** The name of the policy is taken. */
  POLICY_EXISTS(ErrorCategory.ALREADY_EXISTS),

  /** The policy takes no new runs. */
  POLICY_DELETED(ErrorCategory.FAILED_PRECONDITION),

  /** The policy was changed since it was read. */
  POLICY_ETAG_MISMATCH(ErrorCategory.ABORTED),

  /** The request id was used for another request. */
  REQUEST_ID_REUSED(ErrorCategory.ALREADY_EXISTS),

  /** The run takes no more samples and no more reports. */
  RUN_CLOSED(ErrorCategory.FAILED_PRECONDITION),

  /** A batch is missing: {@code expected_sequence} is in the metadata. */
  SEQUENCE_GAP(ErrorCategory.OUT_OF_RANGE),

  /** The producer opened another stream. */
  STREAM_REPLACED(ErrorCategory.ABORTED),

  /** A documented limit was reached. */
  LIMIT_REACHED(ErrorCategory.RESOURCE_EXHAUSTED),

  /** The call carries no credentials. */
  NO_CREDENTIALS(ErrorCategory.UNAUTHENTICATED),

  /** The credentials are unknown, malformed or expired. */
  BAD_CREDENTIALS(ErrorCategory.UNAUTHENTICATED),

  /** The caller may not do this. */
  NOT_ALLOWED(ErrorCategory.PERMISSION_DENIED),

  /** The server is starting. */
  STARTING(ErrorCategory.UNAVAILABLE),

  /** The server is stopping. */
  DRAINING(ErrorCategory.UNAVAILABLE),

  /** The database does not answer. */
  STORE_UNAVAILABLE(ErrorCategory.UNAVAILABLE),

  /** Another server judges the runs of this database now; this one has to stop. */
  STORE_TAKEN_OVER(ErrorCategory.UNAVAILABLE),

  /** A defect of ours; the text says no more than the log. */
  INTERNAL(ErrorCategory.INTERNAL);

  private final ErrorCategory category;

  ErrorReason(ErrorCategory category) {
    this.category = category;
  }

  /** What a caller can do about it. */
  public ErrorCategory category() {
    return category;
  }
}
