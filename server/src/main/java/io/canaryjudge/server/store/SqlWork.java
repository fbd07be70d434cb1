package io.canaryjudge.server.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * What is done in one transaction. May be cut short at any statement; leaves nothing then.
 *
 * @param <T> what it finds out
 */
@FunctionalInterface
interface SqlWork<T> {

  /**
   * Does it. Neither commits nor rolls back.
   *
   * @throws IOException if what is stored cannot be read
   */
  T on(Connection connection) throws SQLException, IOException;
}
