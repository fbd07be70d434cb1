package io.canaryjudge.server.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The rows of table {@code notifications}. */
final class NotificationRows {

  private static final String COLUMNS =
      "n.id, n.event, n.target, n.run_id, n.kind, n.content, n.state, n.attempts, n.create_millis,"
          + " n.since_millis, n.next_millis, n.end_millis, n.problem";

  private NotificationRows() {}

  static void insert(Connection connection, List<NewNotification> notifications)
      throws SQLException {
    try (Batch insert =
        new Batch(
            connection,
            "insert into notifications (event, target, run_id, kind, content, state, attempts,"
                + " create_millis, since_millis, next_millis, end_millis, problem)"
                + " values (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)"
                + " on conflict (event, target) do nothing")) {
      for (NewNotification each : notifications) {
        boolean waits = each.problem().isEmpty();
        StoredNotification.State state =
            waits ? StoredNotification.State.WAITING : StoredNotification.State.GIVEN_UP;
        long at = each.createMillis();
        insert.add(
            each.event(),
            each.target(),
            each.runId(),
            each.kind(),
            each.content(),
            state.name(),
            at,
            at,
            at,
            waits ? 0L : at,
            each.problem());
      }
      insert.execute();
    }
  }

  static List<StoredNotification> due(
      Connection connection, String target, long nowMillis, int limit) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select "
                + COLUMNS
                + " from notifications n"
                + " where n.end_millis = 0 and n.target = ? and n.next_millis <= ?"
                + " and not exists (select 1 from notifications b where b.end_millis = 0"
                + " and b.target = n.target and b.run_id = n.run_id and b.id < n.id)"
                + " order by n.id limit ?")) {
      select.setString(1, target);
      select.setLong(2, nowMillis);
      select.setInt(3, limit);
      return read(select);
    }
  }

  static void begin(Connection connection, Collection<Long> ids) throws SQLException {
    try (Batch update =
        new Batch(
            connection,
            "update notifications set attempts = attempts + 1 where id = ? and end_millis = 0")) {
      for (Long id : ids) {
        update.add(id);
      }
      update.execute();
    }
  }

  static void end(Connection connection, Collection<DeliveryOutcome> outcomes) throws SQLException {
    try (Batch update =
        new Batch(
            connection,
            "update notifications set state = ?, next_millis = ?, end_millis = ?, problem = ?"
                + " where id = ? and end_millis = 0")) {
      for (DeliveryOutcome outcome : outcomes) {
        boolean waits = outcome.state() == StoredNotification.State.WAITING;
        update.add(
            outcome.state().name(),
            waits ? outcome.nextMillis() : outcome.atMillis(),
            waits ? 0L : outcome.atMillis(),
            outcome.problem(),
            outcome.id());
      }
      update.execute();
    }
  }

  static SortedMap<String, Backlog> backlog(Connection connection) throws SQLException {
    SortedMap<String, Backlog> backlog = new TreeMap<>();
    try (PreparedStatement select =
            connection.prepareStatement(
                "select target, count(*), min(create_millis) from notifications"
                    + " where end_millis = 0 group by target");
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        backlog.put(row.getString(1), new Backlog(row.getLong(2), row.getLong(3)));
      }
    }
    return backlog;
  }

  static int abandon(
      Connection connection, String target, long beforeMillis, long nowMillis, String problem)
      throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "update notifications set state = ?, end_millis = ?, problem = ?"
                + " where end_millis = 0 and target = ? and since_millis < ?")) {
      update.setString(1, StoredNotification.State.GIVEN_UP.name());
      update.setLong(2, nowMillis);
      update.setString(3, problem);
      update.setString(4, target);
      update.setLong(5, beforeMillis);
      return update.executeUpdate();
    }
  }

  static int purge(Connection connection, long beforeMillis, int limit) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            "delete from notifications where id in (select id from notifications"
                + " where end_millis <> 0 and end_millis < ? order by end_millis limit ?)")) {
      delete.setLong(1, beforeMillis);
      delete.setInt(2, limit);
      return delete.executeUpdate();
    }
  }

  /** Those below an id, newest first. */
  static List<StoredNotification> list(
      Connection connection,
      StoredNotification.@Nullable State state,
      String target,
      long below,
      int limit)
      throws SQLException {
    String sql =
        "select "
            + COLUMNS
            + " from notifications n where n.id < ?"
            + (state == null ? "" : " and n.state = ?")
            + (target.isEmpty() ? "" : " and n.target = ?")
            + " order by n.id desc limit ?";
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      int parameter = 1;
      select.setLong(parameter++, below);
      if (state != null) {
        select.setString(parameter++, state.name());
      }
      if (!target.isEmpty()) {
        select.setString(parameter++, target);
      }
      select.setInt(parameter, limit);
      return read(select);
    }
  }

  static Optional<StoredNotification> find(Connection connection, long id) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("select " + COLUMNS + " from notifications n where n.id = ?")) {
      select.setLong(1, id);
      return read(select).stream().findFirst();
    }
  }

  /** Returns whether it had been given up. */
  static boolean retry(Connection connection, long id, long nowMillis) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "update notifications set state = ?, since_millis = ?, next_millis = ?, end_millis = 0"
                + " where id = ? and state = ?")) {
      update.setString(1, StoredNotification.State.WAITING.name());
      update.setLong(2, nowMillis);
      update.setLong(3, nowMillis);
      update.setLong(4, id);
      update.setString(5, StoredNotification.State.GIVEN_UP.name());
      return update.executeUpdate() == 1;
    }
  }

  private static List<StoredNotification> read(PreparedStatement select) throws SQLException {
    List<StoredNotification> notifications = new ArrayList<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        notifications.add(
            new StoredNotification(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                StoredNotification.State.valueOf(row.getString(7)),
                Math.toIntExact(row.getLong(8)),
                row.getLong(9),
                row.getLong(10),
                row.getLong(11),
                row.getLong(12),
                row.getString(13)));
      }
    }
    return notifications;
  }
}
