package io.canaryjudge.server.notify;

import java.util.OptionalLong;

/**
 * How an attempt to deliver a notification ended.
 *
 * @param outcome what became of it
 * @param problem what went wrong, one line; empty if nothing did
 * @param retryAfterMillis how long the receiver asks to be left alone; empty if it does not say
 */
record Attempt(AttemptOutcome outcome, String problem, OptionalLong retryAfterMillis) {

  static final Attempt DELIVERED = new Attempt(AttemptOutcome.DELIVERED, "", OptionalLong.empty());

  static Attempt failed(AttemptOutcome outcome, String problem) {
    return new Attempt(outcome, problem, OptionalLong.empty());
  }
}
