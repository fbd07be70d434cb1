package io.canaryjudge.server.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The rows of table {@code audit}. */
final class AuditRows {

  private AuditRows() {}

  static void insert(Connection connection, List<AuditRow> rows) throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into audit (at_millis, actor, action, subject, detail)"
                + " values (?, ?, ?, ?, ?)")) {
      for (AuditRow row : rows) {
        insert.setLong(1, row.atMillis());
        insert.setString(2, row.actor());
        insert.setString(3, row.action());
        insert.setString(4, row.subject());
        insert.setString(5, row.detail());
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  /** A row and its place in the order of writing. */
  record Numbered(long id, AuditRow row) {}

  /** Rows about a subject (or about all, if it is empty) below a place, newest first. */
  static List<Numbered> list(Connection connection, String subject, long below, int limit)
      throws SQLException {
    String sql =
        "select id, at_millis, actor, action, subject, detail from audit where id < ?"
            + (subject.isEmpty() ? "" : " and subject = ?")
            + " order by id desc limit ?";
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      int parameter = 1;
      select.setLong(parameter++, below);
      if (!subject.isEmpty()) {
        select.setString(parameter++, subject);
      }
      select.setInt(parameter, limit);
      List<Numbered> rows = new ArrayList<>();
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          rows.add(
              new Numbered(
                  row.getLong(1),
                  new AuditRow(
                      row.getLong(2),
                      row.getString(3),
                      row.getString(4),
                      row.getString(5),
                      row.getString(6))));
        }
      }
      return rows;
    }
  }
}
