package io.canaryjudge.server.store;

import java.sql.Statement;

/** Changes something behind the store's back. */
public final class Sabotage {

  private Sabotage() {}

  /** Runs a statement. */
  public static void of(Database database, String sql) {
    database.write(
        "sabotage",
        connection -> {
          try (Statement statement = connection.createStatement()) {
            return statement.execute(sql);
          }
        });
  }
}
