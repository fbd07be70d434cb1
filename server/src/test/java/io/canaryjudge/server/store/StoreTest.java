package io.canaryjudge.server.store;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Opens an empty database for each test. Laws extend this, and are run on both databases. */
abstract class StoreTest {

  static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-21T08:00:00Z"));

  @TempDir Path directory;

  DatabaseConfig config;
  Database database;

  /** An empty database. */
  abstract DatabaseConfig newDatabase();

  @BeforeEach
  void openDatabase() {
    config = newDatabase();
    database = Database.open(config, CLOCK);
  }

  @AfterEach
  void closeDatabase() {
    if (database != null) {
      database.close();
    }
  }

  void reopen() {
    database.close();
    database = Database.open(config, CLOCK);
  }

  /** How many rows a table has. */
  long count(String table) {
    return database.read(
        "count",
        connection -> {
          try (var statement = connection.createStatement();
              var row = statement.executeQuery("select count(*) from " + table)) {
            row.next();
            return row.getLong(1);
          }
        });
  }

  /** Changes something behind the store's back. */
  void sabotage(String sql) {
    Sabotage.of(database, sql);
  }
}
