package io.canaryjudge.server.error;

/** What kind of error it is, and so what a caller can do about it. */
public enum ErrorCategory {
  /** The request can never succeed. */
  INVALID_ARGUMENT,

  /** There is no such thing. */
  NOT_FOUND,

  /** There is such a thing already, and it is another one. */
  ALREADY_EXISTS,

  /** Not in the present state; trying again without a change is of no use. */
  FAILED_PRECONDITION,

  /** Somebody else was first: read again and redo the whole. */
  ABORTED,

  /** Beyond what is there yet. */
  OUT_OF_RANGE,

  /** A documented limit was reached. */
  RESOURCE_EXHAUSTED,

  /** Who calls is not known. */
  UNAUTHENTICATED,

  /** Who calls is known, and may not. */
  PERMISSION_DENIED,

  /** Not now: try the same again later. */
  UNAVAILABLE,

  /** A defect of ours. */
  INTERNAL
}
