package io.canaryjudge.server.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The rows of tables {@code policies} and {@code policy_revisions}. */
final class PolicyRows {

  private static final String COLUMNS =
      "r.name, r.revision, r.content, r.etag, r.author, r.reason, r.create_millis, r.deleted";

  private static final String SELECT_CURRENT =
      "select "
          + COLUMNS
          + " from policies p join policy_revisions r"
          + " on r.name = p.name and r.revision = p.revision ";

  private static final String SELECT_ANY = "select " + COLUMNS + " from policy_revisions r ";

  private PolicyRows() {}

  /** Takes a free name, or a deleted policy's; its next revision, empty if the name is taken. */
  static OptionalLong begin(Connection connection, String name) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into policies (name, revision, deleted) values (?, 1, ?)"
                + " on conflict (name) do nothing")) {
      insert.setString(1, name);
      insert.setBoolean(2, false);
      if (insert.executeUpdate() == 1) {
        return OptionalLong.of(1);
      }
    }
    try (PreparedStatement update =
        connection.prepareStatement(
            "update policies set revision = revision + 1, deleted = ?"
                + " where name = ? and deleted = ? returning revision")) {
      update.setBoolean(1, false);
      update.setString(2, name);
      update.setBoolean(3, true);
      return number(update);
    }
  }

  /** Moves on from one revision to the next; empty if that one is not current, or deleted. */
  static OptionalLong advance(
      Connection connection, String name, long expectedRevision, boolean deleted)
      throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "update policies set revision = revision + 1, deleted = ?"
                + " where name = ? and revision = ? and deleted = ? returning revision")) {
      update.setBoolean(1, deleted);
      update.setString(2, name);
      update.setLong(3, expectedRevision);
      update.setBoolean(4, false);
      return number(update);
    }
  }

  private static OptionalLong number(PreparedStatement update) throws SQLException {
    try (ResultSet row = update.executeQuery()) {
      return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
    }
  }

  static void insert(Connection connection, PolicyRow row) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into policy_revisions"
                + " (name, revision, content, etag, author, reason, create_millis, deleted)"
                + " values (?, ?, ?, ?, ?, ?, ?, ?)")) {
      insert.setString(1, row.name());
      insert.setLong(2, row.revision());
      insert.setString(3, row.policy());
      insert.setString(4, row.etag());
      insert.setString(5, row.author());
      insert.setString(6, row.reason());
      insert.setLong(7, row.createMillis());
      insert.setBoolean(8, row.deleted());
      insert.executeUpdate();
    }
  }

  static Optional<PolicyRow> current(Connection connection, String name) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(SELECT_CURRENT + "where p.name = ?")) {
      select.setString(1, name);
      return read(select).stream().findFirst();
    }
  }

  static Optional<PolicyRow> find(Connection connection, String name, long revision)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(SELECT_ANY + "where r.name = ? and r.revision = ?")) {
      select.setString(1, name);
      select.setLong(2, revision);
      return read(select).stream().findFirst();
    }
  }

  /** Current policies after a name. */
  static List<PolicyRow> list(Connection connection, String after, int limit) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            SELECT_CURRENT + "where p.name > ? and p.deleted = ? order by p.name limit ?")) {
      select.setString(1, after);
      select.setBoolean(2, false);
      select.setInt(3, limit);
      return read(select);
    }
  }

  /** Revisions of a policy below one, newest first. */
  static List<PolicyRow> revisions(Connection connection, String name, long below, int limit)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            SELECT_ANY + "where r.name = ? and r.revision < ? order by r.revision desc limit ?")) {
      select.setString(1, name);
      select.setLong(2, below);
      select.setInt(3, limit);
      return read(select);
    }
  }

  private static List<PolicyRow> read(PreparedStatement select) throws SQLException {
    List<PolicyRow> rows = new ArrayList<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        rows.add(
            new PolicyRow(
                row.getString(1),
                row.getLong(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getLong(7),
                row.getBoolean(8)));
      }
    }
    return rows;
  }
}
