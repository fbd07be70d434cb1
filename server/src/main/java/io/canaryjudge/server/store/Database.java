package io.canaryjudge.server.store;

import com.zaxxer.hikari.HikariDataSource;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The open database: its connections, and transactions over them.
 *
 * <p>An embedded database belongs to one process: a second one is refused for as long as the first
 * has the file open. A transaction of SQLite holds its carrier while the disk syncs, so that work
 * which commits all the time belongs on a platform thread.
 */
public final class Database implements AutoCloseable {

  private final DatabaseConfig config;
  private final @Nullable FileOwnership ownership;
  private final HikariDataSource writers;
  private final HikariDataSource readers;

  private Database(
      DatabaseConfig config,
      @Nullable FileOwnership ownership,
      HikariDataSource writers,
      HikariDataSource readers) {
    this.config = config;
    this.ownership = ownership;
    this.writers = writers;
    this.readers = readers;
  }

  /**
   * Opens the database, created or migrated as far as needed. An existing file is backed up before
   * it is migrated.
   *
   * @param clock names the backup
   * @throws JudgeException {@code STORE_UNAVAILABLE} if it cannot be reached or another process has
   *     the file, {@code INTERNAL} if it is damaged
   */
  public static Database open(DatabaseConfig config, InstantSource clock) {
    return open(config, new Migrations(config), clock);
  }

  static Database open(DatabaseConfig config, Migrations migrations, InstantSource clock) {
    FileOwnership ownership =
        config.dialect() == Dialect.SQLITE ? FileOwnership.take(config.file()) : null;
    HikariDataSource writers = null;
    try {
      migrations.migrateOwned(clock);
      writers = openPool(config, DataSources.Use.WRITE);
      HikariDataSource readers = openPool(config, DataSources.Use.READ);
      return new Database(config, ownership, writers, readers);
    } catch (RuntimeException e) {
      if (writers != null) {
        writers.close();
      }
      if (ownership != null) {
        ownership.close();
      }
      throw e;
    }
  }

  private static HikariDataSource openPool(DatabaseConfig config, DataSources.Use use) {
    try {
      return DataSources.pool(config, use);
    } catch (RuntimeException e) { // the pool wraps what the driver said
      throw e.getCause() instanceof SQLException cause
          ? DatabaseErrors.translate(config, "open", cause)
          : e;
    }
  }

  DatabaseConfig config() {
    return config;
  }

  Dialect dialect() {
    return config.dialect();
  }

  /**
   * Runs a transaction that may write. Durable once this returns.
   *
   * @param task what it does, for messages
   */
  <T> T write(String task, SqlWork<T> work) {
    return transaction(writers, task, work);
  }

  /**
   * Runs a transaction that only reads, everything as of one moment.
   *
   * @param task what it does, for messages
   */
  <T> T read(String task, SqlWork<T> work) {
    return transaction(readers, task, work);
  }

  private <T> T transaction(HikariDataSource pool, String task, SqlWork<T> work) {
    try (Connection connection = pool.getConnection()) {
      try {
        T outcome = work.on(connection);
        connection.commit();
        return outcome;
      } catch (SQLException | IOException | RuntimeException | Error e) {
        undo(pool, connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw DatabaseErrors.translate(config, task, e);
    } catch (IOException e) {
      throw unreadable(task, e);
    }
  }

  /**
   * What is stored is not what was written.
   *
   * @param task what was attempted, for messages
   */
  JudgeException unreadable(String task, IOException error) {
    return JudgeException.of(
            ErrorReason.INTERNAL,
            task
                + " in "
                + config.label()
                + ": what is stored cannot be read: "
                + error.getMessage())
        .causedBy(error);
  }

  /** Rolls back; where even this fails, the connection is not used again. */
  private static void undo(HikariDataSource pool, Connection connection, Throwable cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
      pool.evictConnection(connection);
    }
  }

  /**
   * Looks at the whole of an embedded database, which takes a while; nothing to do for a server.
   *
   * @throws JudgeException {@code INTERNAL} that names the file and the first fault
   */
  public void verify() {
    if (dialect() != Dialect.SQLITE) {
      return;
    }
    String found =
        read(
            "verify",
            connection -> {
              try (var statement = connection.createStatement();
                  var rows = statement.executeQuery("pragma integrity_check(1)")) {
                return rows.next() ? rows.getString(1) : "no answer";
              }
            });
    if (!found.equals("ok")) {
      throw JudgeException.of(
          ErrorReason.INTERNAL, "verify " + config.label() + ": the file is damaged: " + found);
    }
  }

  /** Closes the connections and gives up the file. */
  @Override
  public void close() {
    readers.close();
    writers.close(); // the last connection of an SQLite file folds its log into it
    if (ownership != null) {
      ownership.close();
    }
  }
}
