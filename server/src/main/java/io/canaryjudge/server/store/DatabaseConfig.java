package io.canaryjudge.server.store;

import io.canaryjudge.server.error.JudgeException;
import java.nio.file.Path;

/**
 * Which database, and how to reach it.
 *
 * @param url {@code jdbc:sqlite:FILE} or {@code jdbc:postgresql://HOST:PORT/DATABASE}
 * @param user for PostgreSQL; may be empty
 * @param password for PostgreSQL; may be empty
 * @param readers how many connections for reading, in [1, 64]
 * @param writers how many connections for writing, in [1, 64]; SQLite has exactly one
 * @param connectMillis how long to wait for a connection, at least 250
 * @param answerMillis how long to wait for an answer of PostgreSQL before the connection is given
 *     up, or for the lock of an SQLite file that a foreign tool holds; at least 250
 */
public record DatabaseConfig(
    String url,
    String user,
    String password,
    int readers,
    int writers,
    long connectMillis,
    long answerMillis) {

  private static final int MAX_CONNECTIONS = 64;
  private static final long MIN_MILLIS = 250; // what the connection pool accepts

  /** Checks the numbers and the kind of database. */
  public DatabaseConfig {
    requireCount("readers", readers);
    requireCount("writers", writers);
    requireMillis("connectMillis", connectMillis);
    requireMillis("answerMillis", answerMillis);
    if (Dialect.of(url) == Dialect.SQLITE) {
      writers = 1;
    }
  }

  /** The usual settings for a database. */
  public static DatabaseConfig of(String url, String user, String password) {
    return new DatabaseConfig(url, user, password, 4, 4, 5_000, 30_000);
  }

  /** The usual settings for an embedded database in one file. */
  public static DatabaseConfig file(Path file) {
    return of(Dialect.SQLITE.prefix() + file, "", "");
  }

  Dialect dialect() {
    return Dialect.of(url);
  }

  /** The file of an embedded database. */
  Path file() {
    String path = url.substring(Dialect.SQLITE.prefix().length());
    int parameters = path.indexOf('?');
    if (path.isEmpty() || path.startsWith(":") || path.startsWith("file:") || parameters >= 0) {
      throw JudgeException.invalidField("database.url", url, "jdbc:sqlite:FILE with a plain path");
    }
    return Path.of(path).toAbsolutePath();
  }

  /** How messages name the database: never with a password in it. */
  String label() {
    if (dialect() == Dialect.SQLITE) {
      return file().toString();
    }
    int parameters = url.indexOf('?');
    return parameters < 0 ? url : url.substring(0, parameters);
  }

  /** Leaves out the password. */
  @Override
  public String toString() {
    return "DatabaseConfig[" + label() + ", user " + user + "]";
  }

  private static void requireCount(String field, int count) {
    if (!(count >= 1 && count <= MAX_CONNECTIONS)) {
      throw JudgeException.invalidField("database." + field, count, "in [1, 64]");
    }
  }

  private static void requireMillis(String field, long millis) {
    if (!(millis >= MIN_MILLIS)) {
      throw JudgeException.invalidField("database." + field, millis, "at least 250");
    }
  }
}
