package io.canaryjudge.server.store;

import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.verdict.LogEntry;
import java.io.IOException;
import java.io.StreamCorruptedException;

/**
 * Gives back the empty windows that have no row: while nothing comes in, a run seals a window after
 * the other and costs no space. Checks on the way that the log is whole.
 */
final class LogGaps {

  private final EntryConsumer each;
  private long revision;
  private long windows;

  /**
   * Begins after a position.
   *
   * @param revision the position
   * @param windows how many windows were sealed by then
   */
  LogGaps(long revision, long windows, EntryConsumer each) {
    this.revision = revision;
    this.windows = windows;
    this.each = each;
  }

  /** Whether this entry needs no row of its own. */
  static boolean isImplied(LogEntry entry) {
    return entry instanceof LogEntry.WindowSealed window && window.content().isEmpty();
  }

  /** Passes on an entry that has a row, and those without one before it. */
  void next(long at, LogEntry entry) throws IOException {
    fill(at - 1);
    if (entry instanceof LogEntry.WindowSealed window) {
      if (window.index() != windows) {
        throw new StreamCorruptedException(
            "log entry " + at + ": window " + window.index() + " (expected: " + windows + ")");
      }
      windows++;
    }
    revision = at;
    each.accept(at, entry);
  }

  /** Passes on the rest, up to where the run is committed. */
  void finish(long lastRevision, long sealedWindows) throws IOException {
    fill(lastRevision);
    if (windows != sealedWindows) {
      throw new StreamCorruptedException(
          "log of " + windows + " windows (expected: " + sealedWindows + ")");
    }
  }

  private void fill(long through) {
    while (revision < through) {
      revision++;
      each.accept(revision, new LogEntry.WindowSealed(windows++, new WindowAggregate()));
    }
  }
}
