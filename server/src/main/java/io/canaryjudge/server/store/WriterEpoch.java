package io.canaryjudge.server.store;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The right to write runs, taken over by the newest server that asks for it. Two servers that both
 * judge one run would each acknowledge what the other does not know; where a deployment starts the
 * new one before the old has stopped, this is what keeps them apart.
 */
final class WriterEpoch {

  private final long epoch;
  private final String check;

  private WriterEpoch(long epoch, Dialect dialect) {
    this.epoch = epoch;
    this.check = "select epoch from ownership where id = 1" + dialect.shareLock();
  }

  /** Takes it over. Waits for a transaction of the former owner, and lets no other begin. */
  static WriterEpoch take(Database database) {
    return database.write(
        "take over the runs",
        connection -> {
          try (PreparedStatement next =
                  connection.prepareStatement(
                      "update ownership set epoch = epoch + 1 where id = 1 returning epoch");
              ResultSet row = next.executeQuery()) {
            return new WriterEpoch(number(row), database.dialect());
          }
        });
  }

  /**
   * Checks that it was not taken over, and keeps it until the transaction ends.
   *
   * @throws JudgeException {@code STORE_TAKEN_OVER}
   */
  void require(Connection connection) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(check);
        ResultSet row = select.executeQuery()) {
      long now = number(row);
      if (now != epoch) {
        throw JudgeException.of(
            ErrorReason.STORE_TAKEN_OVER,
            "another server has taken over the runs: epoch " + now + " (ours: " + epoch + ")");
      }
    }
  }

  private static long number(ResultSet row) throws SQLException {
    if (!row.next()) {
      throw new SQLException("table ownership is empty");
    }
    return row.getLong(1);
  }
}
