package io.canaryjudge.server.store;

import io.canaryjudge.analysis.verdict.LogEntry;

/** Takes the entries of a log in their order. */
@FunctionalInterface
public interface EntryConsumer {

  /**
   * Takes the next entry.
   *
   * @param revision its position, from 1 and without gaps
   * @param entry what happened
   */
  void accept(long revision, LogEntry entry);
}
