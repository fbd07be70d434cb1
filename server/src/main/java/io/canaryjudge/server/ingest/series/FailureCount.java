package io.canaryjudge.server.ingest.series;

/**
 * Failures that are counted apart from their requests. Requests count once a series of failures has
 * come, of any instance: a name that nothing has would else be taken for no failures.
 */
final class FailureCount {

  private final String noteKey;
  private boolean seen;

  /**
   * Failures of one source of one metric.
   *
   * @param seen whether a series of them had come before a restart
   */
  FailureCount(String noteKey, boolean seen) {
    this.noteKey = noteKey;
    this.seen = seen;
  }

  String noteKey() {
    return noteKey;
  }

  /** Whether a series of them has come. */
  boolean isSeen() {
    return seen;
  }

  void see() {
    seen = true;
  }
}
