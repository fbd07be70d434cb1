package io.canaryjudge.client;

/** Why an observation was not sent. */
public enum UnsentReason {
  /** NaN, infinite or negative, or more failures than trials. */
  INVALID,
  /** The buffer of its series was full: the judge was out of reach for too long. */
  BUFFER_FULL,
  /** It was recorded after the producer was closed or had ended. */
  CLOSED,
  /** The producer ended before it could be sent. */
  ENDED
}
