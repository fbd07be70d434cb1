package io.canaryjudge.server.store;

import java.io.StreamCorruptedException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Rows of table {@code note_pages}, and those that an earlier schema left in {@code run_notes}. */
final class NoteRows {

  private static final List<String> TABLES = List.of("note_pages", "run_notes");

  private NoteRows() {}

  /** Writes the notes of commits, and drops those that nobody needs any more. */
  static void write(Connection connection, List<RunCommit> commits) throws SQLException {
    insert(connection, commits);
    dropOlder(connection, commits);
    for (String table : TABLES) {
      dropOfEnded(connection, commits, table);
    }
  }

  private static void insert(Connection connection, List<RunCommit> commits) throws SQLException {
    try (Batch insert =
        new Batch(
            connection, "insert into note_pages (run_id, number, content) values (?, ?, ?)")) {
      for (RunCommit commit : commits) {
        NotePage page = commit.notes();
        if (page != null) {
          insert.add(commit.runId(), commit.number(), page.content());
        }
      }
      insert.execute();
    }
  }

  private static void dropOlder(Connection connection, List<RunCommit> commits)
      throws SQLException {
    try (Batch pages =
            new Batch(connection, "delete from note_pages where run_id = ? and number < ?");
        Batch rows = new Batch(connection, "delete from run_notes where run_id = ?")) {
      for (RunCommit commit : commits) {
        NotePage page = commit.notes();
        if (page != null && page.whole()) {
          pages.add(commit.runId(), commit.number());
          rows.add(commit.runId());
        }
      }
      pages.execute();
      rows.execute();
    }
  }

  private static void dropOfEnded(Connection connection, List<RunCommit> commits, String table)
      throws SQLException {
    try (Batch delete = new Batch(connection, "delete from " + table + " where run_id = ?")) {
      for (RunCommit commit : commits) {
        RunStatus status = commit.status();
        if (status != null && status.endMillis() != 0) {
          delete.add(commit.runId());
        }
      }
      delete.execute();
    }
  }

  static SortedMap<String, byte[]> find(Connection connection, String runId)
      throws SQLException, StreamCorruptedException {
    SortedMap<String, byte[]> notes = new TreeMap<>();
    try (PreparedStatement select =
        connection.prepareStatement("select key, content from run_notes where run_id = ?")) {
      select.setString(1, runId);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          notes.put(row.getString(1), row.getBytes(2));
        }
      }
    }
    try (PreparedStatement select =
        connection.prepareStatement(
            "select content from note_pages where run_id = ? order by number")) {
      select.setString(1, runId);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          new NotePage(row.getBytes(1), false).readInto(notes);
        }
      }
    }
    return notes;
  }
}
