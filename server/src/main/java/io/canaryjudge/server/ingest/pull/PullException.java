package io.canaryjudge.server.ingest.pull;

/** A query that brought nothing. What it asked for is asked for again. */
final class PullException extends Exception {

  private final PullOutcome outcome;

  PullException(PullOutcome outcome, String message) {
    super(message);
    this.outcome = outcome;
  }

  PullException(PullOutcome outcome, String message, Throwable cause) {
    super(message, cause);
    this.outcome = outcome;
  }

  PullOutcome outcome() {
    return outcome;
  }
}
