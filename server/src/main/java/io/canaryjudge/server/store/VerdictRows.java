package io.canaryjudge.server.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the rows of table {@code verdicts}. */
final class VerdictRows {

  private VerdictRows() {}

  /** Those of a run below a revision, newest first. */
  static List<StoredVerdict> list(Connection connection, String runId, long below, int limit)
      throws SQLException, IOException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select revision, content from verdicts where run_id = ? and revision < ?"
                + " order by revision desc limit ?")) {
      select.setString(1, runId);
      select.setLong(2, below);
      select.setInt(3, limit);
      return read(select);
    }
  }

  static Optional<StoredVerdict> find(Connection connection, String runId, long revision)
      throws SQLException, IOException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select revision, content from verdicts where run_id = ? and revision = ?")) {
      select.setString(1, runId);
      select.setLong(2, revision);
      return read(select).stream().findFirst();
    }
  }

  private static List<StoredVerdict> read(PreparedStatement select)
      throws SQLException, IOException {
    List<StoredVerdict> verdicts = new ArrayList<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        verdicts.add(new StoredVerdict(row.getLong(1), VerdictCodec.decode(row.getString(2))));
      }
    }
    return verdicts;
  }
}
