package io.canaryjudge.server.ingest.remotewrite;

import io.canaryjudge.server.run.Refusal;

/**
 * Why a series or a point is refused.
 *
 * @param reason the reason
 * @param text what came and what was expected
 */
record Problem(Refusal reason, String text) {

  private static final int MAX_CAME_LENGTH = 100;

  static Problem of(Refusal reason, String field, Object came, String expected) {
    String shown = String.valueOf(came);
    if (shown.length() > MAX_CAME_LENGTH) {
      shown = shown.substring(0, MAX_CAME_LENGTH) + "…";
    }
    return new Problem(reason, field + ": " + shown + " (expected: " + expected + ")");
  }
}
