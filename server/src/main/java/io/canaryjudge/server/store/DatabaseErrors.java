package io.canaryjudge.server.store;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/** Tells what a database's error means for a caller: try again later, or a defect. */
final class DatabaseErrors {

  private static final long RETRY_AFTER_MILLIS = 1_000;

  /**
   * Classes of SQLSTATE that pass: connection (08), rollback by the server (40), resources (53),
   * operator (57: shutdown, crash recovery, cancelled), system (58: I/O).
   */
  private static final Set<String> TRANSIENT_CLASSES = Set.of("08", "40", "53", "57", "58");

  /** A server that became a standby (read-only), or one whose lock was not to be had. */
  private static final Set<String> TRANSIENT_STATES = Set.of("25006", "55P03");

  private DatabaseErrors() {}

  /**
   * Names the database and what was attempted.
   *
   * @param task what was attempted: {@code commit 12 runs}
   */
  static JudgeException translate(DatabaseConfig config, String task, SQLException error) {
    String where = task + " in " + config.label();
    if (isCorruption(config, error)) {
      return JudgeException.of(
              ErrorReason.INTERNAL,
              where
                  + ": the file is damaged or not an SQLite database ("
                  + error.getMessage()
                  + "). Stop the server, keep the file, and restore a backup in its place:"
                  + " docs/operations.md, Storage")
          .causedBy(error);
    }
    if (isTransient(config, error)) {
      return JudgeException.of(ErrorReason.STORE_UNAVAILABLE, where + ": " + error.getMessage())
          .retryAfter(RETRY_AFTER_MILLIS)
          .causedBy(error);
    }
    return JudgeException.of(ErrorReason.INTERNAL, where + ": " + error.getMessage())
        .causedBy(error);
  }

  private static boolean isTransient(DatabaseConfig config, SQLException error) {
    for (@Nullable SQLException e = error; e != null; e = cause(e)) {
      if (e instanceof SQLTransientException) {
        return true;
      }
      switch (config.dialect()) {
        case SQLITE -> {
          if (isTransient(primaryCode(e))) {
            return true;
          }
        }
        case POSTGRESQL -> {
          String state = e.getSQLState();
          if (state != null
              && state.length() == 5
              && (TRANSIENT_CLASSES.contains(state.substring(0, 2))
                  || TRANSIENT_STATES.contains(state))) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static boolean isCorruption(DatabaseConfig config, SQLException error) {
    if (config.dialect() != Dialect.SQLITE) {
      return false;
    }
    for (@Nullable SQLException e = error; e != null; e = cause(e)) {
      SQLiteErrorCode code = primaryCode(e);
      if (code == SQLiteErrorCode.SQLITE_CORRUPT || code == SQLiteErrorCode.SQLITE_NOTADB) {
        return true;
      }
    }
    return false;
  }

  /** The code without its extension, which is in the upper bytes. */
  private static SQLiteErrorCode primaryCode(SQLException error) {
    return SQLiteErrorCode.getErrorCode(error.getErrorCode() & 0xff);
  }

  /** What ends when the disk has room again, the mount is writable again, a foreign lock ends. */
  private static boolean isTransient(SQLiteErrorCode code) {
    return code == SQLiteErrorCode.SQLITE_BUSY
        || code == SQLiteErrorCode.SQLITE_LOCKED
        || code == SQLiteErrorCode.SQLITE_FULL
        || code == SQLiteErrorCode.SQLITE_IOERR
        || code == SQLiteErrorCode.SQLITE_CANTOPEN
        || code == SQLiteErrorCode.SQLITE_READONLY
        || code == SQLiteErrorCode.SQLITE_NOMEM;
  }

  private static @Nullable SQLException cause(SQLException error) {
    return error.getCause() instanceof SQLException cause ? cause : null;
  }
}
