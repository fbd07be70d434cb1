package io.canaryjudge.server.store;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** The rows of table {@code requests}: what was carried out under which request id. */
final class RequestRows {

  private RequestRows() {}

  /**
   * What a request made.
   *
   * @param subject its id or name
   * @param revision its revision, where it has one
   */
  record Made(String subject, long revision) {}

  /**
   * Claims a request id. A concurrent claim of the same id waits here for this transaction.
   *
   * @return empty if it is ours; what it made if this is a repeat
   * @throws JudgeException {@code REQUEST_ID_REUSED}
   */
  static Optional<Made> claim(
      Connection connection,
      String kind,
      String requestId,
      String fingerprint,
      Made made,
      long atMillis)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into requests (kind, id, fingerprint, subject, revision, create_millis)"
                + " values (?, ?, ?, ?, ?, ?) on conflict (kind, id) do nothing")) {
      insert.setString(1, kind);
      insert.setString(2, requestId);
      insert.setString(3, fingerprint);
      insert.setString(4, made.subject());
      insert.setLong(5, made.revision());
      insert.setLong(6, atMillis);
      if (insert.executeUpdate() == 1) {
        return Optional.empty();
      }
    }
    try (PreparedStatement select =
        connection.prepareStatement(
            "select fingerprint, subject, revision from requests where kind = ? and id = ?")) {
      select.setString(1, kind);
      select.setString(2, requestId);
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("request " + requestId + " is taken but cannot be read");
        }
        if (!row.getString(1).equals(fingerprint)) {
          throw JudgeException.of(
                  ErrorReason.REQUEST_ID_REUSED,
                  "request_id: " + requestId + " (expected: one not used for another request)")
              .with("request_id", requestId);
        }
        return Optional.of(new Made(row.getString(2), row.getLong(3)));
      }
    }
  }

  /** Fills in the revision that a claimed request made. */
  static void made(Connection connection, String kind, String requestId, long revision)
      throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement("update requests set revision = ? where kind = ? and id = ?")) {
      update.setLong(1, revision);
      update.setString(2, kind);
      update.setString(3, requestId);
      update.executeUpdate();
    }
  }
}
