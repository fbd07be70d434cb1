package io.canaryjudge.server.ingest.pull;

/** How far one selector was read. Used by one thread at a time. */
final class Progress {

  private final String selector;
  private long doneMillis;
  private PullOutcome last = PullOutcome.TAKEN;

  /**
   * A selector that was not read yet.
   *
   * @param doneMillis up to where it need not be read, epoch milliseconds
   */
  Progress(String selector, long doneMillis) {
    this.selector = selector;
    this.doneMillis = doneMillis;
  }

  String selector() {
    return selector;
  }

  /** Up to where all is durable, epoch milliseconds. */
  long doneMillis() {
    return doneMillis;
  }

  void done(long millis) {
    doneMillis = Math.max(doneMillis, millis);
  }

  /** Takes note of what became of a query; returns what became of the one before. */
  PullOutcome ended(PullOutcome outcome) {
    PullOutcome before = last;
    last = outcome;
    return before;
  }
}
