package io.canaryjudge.server.store;

import io.canaryjudge.server.error.JudgeException;
import java.util.Map;

/** The few things in which the two databases differ. All other SQL is one text for both. */
enum Dialect {
  /** Embedded, one file, one writer. */
  SQLITE("jdbc:sqlite:"),

  /** A server. */
  POSTGRESQL("jdbc:postgresql:");

  private final String prefix;

  Dialect(String prefix) {
    this.prefix = prefix;
  }

  static Dialect of(String url) {
    for (Dialect dialect : values()) {
      if (url.startsWith(dialect.prefix)) {
        return dialect;
      }
    }
    throw JudgeException.invalidField(
        "database.url",
        url.replaceFirst("\\?.*", ""), // a password may follow
        "jdbc:sqlite:FILE or jdbc:postgresql://HOST:PORT/DATABASE");
  }

  /** How its URLs begin. */
  String prefix() {
    return prefix;
  }

  /**
   * What to append to a SELECT so that its rows stay as they are until the transaction ends. SQLite
   * has one writer, so that nothing can change them anyway.
   */
  String shareLock() {
    return switch (this) {
      case SQLITE -> "";
      case POSTGRESQL -> " for share";
    };
  }

  /** What migrations call differently, by placeholder. */
  Map<String, String> placeholders() {
    return switch (this) {
      case SQLITE ->
          Map.of("key", "text", "blob", "blob", "identity", "integer primary key autoincrement");
      case POSTGRESQL ->
          Map.of(
              // By code points: an order that no update of a locale changes, nor an index breaks
              // by.
              "key", "text collate \"C\"",
              "blob", "bytea",
              "identity", "bigint generated always as identity primary key");
    };
  }
}
