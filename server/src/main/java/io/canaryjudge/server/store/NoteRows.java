package io.canaryjudge.server.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Rows of table {@code run_notes}. */
final class NoteRows {

  private NoteRows() {}

  /** Writes the notes of commits, and drops those of runs that end with them. */
  static void write(Connection connection, List<RunCommit> commits) throws SQLException {
    replace(connection, commits);
    dropOfEnded(connection, commits);
  }

  private static void replace(Connection connection, List<RunCommit> commits) throws SQLException {
    // By run and key: a statement must not meet one row twice.
    Map<String, Map<String, byte[]>> newest = new LinkedHashMap<>();
    for (RunCommit commit : commits) {
      if (!commit.notes().isEmpty()) {
        newest.computeIfAbsent(commit.runId(), _ -> new TreeMap<>()).putAll(commit.notes());
      }
    }
    try (Batch upsert =
        new Batch(
            connection,
            "insert into run_notes (run_id, key, content) values (?, ?, ?)"
                + " on conflict (run_id, key) do update set content = excluded.content")) {
      for (Map.Entry<String, Map<String, byte[]>> run : newest.entrySet()) {
        for (Map.Entry<String, byte[]> note : run.getValue().entrySet()) {
          upsert.add(run.getKey(), note.getKey(), note.getValue());
        }
      }
      upsert.execute();
    }
  }

  private static void dropOfEnded(Connection connection, List<RunCommit> commits)
      throws SQLException {
    try (Batch delete = new Batch(connection, "delete from run_notes where run_id = ?")) {
      for (RunCommit commit : commits) {
        RunStatus status = commit.status();
        if (status != null && status.endMillis() != 0) {
          delete.add(commit.runId());
        }
      }
      delete.execute();
    }
  }

  static SortedMap<String, byte[]> find(Connection connection, String runId) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("select key, content from run_notes where run_id = ?")) {
      select.setString(1, runId);
      SortedMap<String, byte[]> notes = new TreeMap<>();
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          notes.put(row.getString(1), row.getBytes(2));
        }
      }
      return notes;
    }
  }
}
