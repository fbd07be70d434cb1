package io.canaryjudge.server.ingest.remotewrite;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;

/** Errors of requests that are refused as a whole. Sending them again is of no use. */
final class Malformed {

  private Malformed() {}

  /** The body cannot be read. */
  static JudgeException body(String came, String expected) {
    return JudgeException.invalidField("body", came, expected);
  }

  /** The body is larger than it may be. */
  static JudgeException tooMuch(String came, String limit, long most) {
    return JudgeException.of(
            ErrorReason.LIMIT_REACHED, "body: " + came + " (expected: at most " + most + ")")
        .with("limit", limit)
        .with("value", Long.toString(most));
  }
}
