package io.canaryjudge.server.ingest.otlp;

import io.canaryjudge.server.run.Refusal;

/** A point that makes no sense, or is beyond a limit. Its neighbours are none the worse for it. */
final class BadPoint extends Exception {

  private final Refusal reason;

  /**
   * Refuses a point.
   *
   * @param field path within the point
   * @param came what came
   * @param expected what is accepted instead
   */
  BadPoint(Refusal reason, String field, String came, String expected) {
    // Without a stack trace: bad points come in thousands, and it would say nothing.
    super(field + ": " + came + " (expected: " + expected + ")", null, false, false);
    this.reason = reason;
  }

  Refusal reason() {
    return reason;
  }
}
