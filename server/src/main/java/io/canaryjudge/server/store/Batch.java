package io.canaryjudge.server.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** One statement with many rows of parameters; none is fine too. */
final class Batch implements AutoCloseable {

  private static final int[] NONE = {};

  private final PreparedStatement statement;
  private boolean filled;

  Batch(Connection connection, String sql) throws SQLException {
    statement = connection.prepareStatement(sql);
  }

  /**
   * Adds a row.
   *
   * @param values texts, longs, booleans and byte arrays
   */
  void add(Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      switch (values[i]) {
        case String text -> statement.setString(i + 1, text);
        case Long number -> statement.setLong(i + 1, number);
        case Boolean flag -> statement.setBoolean(i + 1, flag);
        case byte[] bytes -> statement.setBytes(i + 1, bytes);
        case Object other ->
            throw new IllegalArgumentException("parameter " + (i + 1) + ": " + other.getClass());
      }
    }
    statement.addBatch();
    filled = true;
  }

  /** Runs it; how many rows each row of parameters changed, where the driver knows. */
  int[] execute() throws SQLException {
    return filled ? statement.executeBatch() : NONE;
  }

  @Override
  public void close() throws SQLException {
    statement.close();
  }
}
