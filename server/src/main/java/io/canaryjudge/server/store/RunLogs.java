package io.canaryjudge.server.store;

import io.canaryjudge.analysis.verdict.LogEntry;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads what the commits of one run have left: log, checkpoint, segments, producers. */
final class RunLogs {

  private RunLogs() {}

  /**
   * Entries that have a row, above one revision and up to another, ascending.
   *
   * @param limit at most so many
   */
  static List<StoredEntry> entries(
      Connection connection, String runId, long above, long through, int limit)
      throws SQLException, IOException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select revision, kind, content from log_entries"
                + " where run_id = ? and revision > ? and revision <= ?"
                + " order by revision limit ?")) {
      select.setString(1, runId);
      select.setLong(2, above);
      select.setLong(3, through);
      select.setInt(4, limit);
      List<StoredEntry> entries = new ArrayList<>();
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          LogEntryCodec.Kind kind = LogEntryCodec.Kind.valueOf(row.getString(2));
          entries.add(new StoredEntry(row.getLong(1), LogEntryCodec.decode(kind, row.getBytes(3))));
        }
      }
      return entries;
    }
  }

  /** Everything that happened after a checkpoint, empty windows included. */
  static List<StoredEntry> entriesAfter(
      Connection connection, String runId, long checkpoint, RunCommits.Progress progress)
      throws SQLException, IOException {
    List<StoredEntry> rows =
        entries(connection, runId, checkpoint, progress.revision(), Integer.MAX_VALUE);
    // Whatever is not a report is a window, so that their number at the checkpoint follows.
    long reports =
        rows.stream().filter(row -> !(row.entry() instanceof LogEntry.WindowSealed)).count();
    long windowsAfter = progress.revision() - checkpoint - reports;
    List<StoredEntry> entries = new ArrayList<>();
    LogGaps gaps =
        new LogGaps(
            checkpoint,
            progress.sealedWindows() - windowsAfter,
            (revision, entry) -> entries.add(new StoredEntry(revision, entry)));
    for (StoredEntry row : rows) {
      gaps.next(row.revision(), row.entry());
    }
    gaps.finish(progress.revision(), progress.sealedWindows());
    return entries;
  }

  static @Nullable StoredCheckpoint checkpoint(Connection connection, String runId)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("select revision, content from checkpoints where run_id = ?")) {
      select.setString(1, runId);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? new StoredCheckpoint(row.getLong(1), row.getBytes(2)) : null;
      }
    }
  }

  static List<Segment> segments(Connection connection, String runId) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select first_window, last_window, content from segments"
                + " where run_id = ? order by number")) {
      select.setString(1, runId);
      List<Segment> segments = new ArrayList<>();
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          segments.add(new Segment(row.getLong(1), row.getLong(2), row.getBytes(3)));
        }
      }
      return segments;
    }
  }

  static SortedMap<String, ProducerProgress> producers(Connection connection, String runId)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select name, sequence, watermark_millis, ended from producers where run_id = ?")) {
      select.setString(1, runId);
      SortedMap<String, ProducerProgress> producers = new TreeMap<>();
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          producers.put(
              row.getString(1),
              new ProducerProgress(row.getLong(2), row.getLong(3), row.getBoolean(4)));
        }
      }
      return producers;
    }
  }
}
