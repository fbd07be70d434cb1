package io.canaryjudge.server.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** Makes connections, pooled and plain, with every setting that durability hangs on. */
final class DataSources {

  private DataSources() {}

  /** What a connection is for. */
  enum Use {
    /** One transaction at a time, durable when its commit returns. */
    WRITE,
    /** Reads only, each transaction as of one moment. */
    READ
  }

  static HikariDataSource pool(DatabaseConfig config, Use use) {
    HikariConfig hikari = new HikariConfig();
    hikari.setPoolName("store-" + (use == Use.WRITE ? "write" : "read"));
    hikari.setDataSource(plain(config, use));
    hikari.setMaximumPoolSize(use == Use.WRITE ? config.writers() : config.readers());
    hikari.setMinimumIdle(1);
    hikari.setReadOnly(use == Use.READ);
    hikari.setAutoCommit(false);
    hikari.setIsolateInternalQueries(true); // or its own first query would begin our transaction
    hikari.setConnectionTimeout(config.connectMillis());
    hikari.setValidationTimeout(config.connectMillis());
    switch (config.dialect()) {
      case SQLITE -> {
        hikari.setMaxLifetime(0); // a file does not close connections
        hikari.setIdleTimeout(0);
      }
      case POSTGRESQL -> {
        hikari.setConnectionInitSql(DURABLE_COMMIT);
        if (use == Use.READ) {
          hikari.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
        }
      }
    }
    return new HikariDataSource(hikari);
  }

  /** An ack means durable, also where the server was set up to acknowledge before it writes. */
  private static final String DURABLE_COMMIT =
      "select set_config('synchronous_commit', 'on', false)"
          + " where current_setting('synchronous_commit') = 'off'";

  static DataSource plain(DatabaseConfig config, Use use) {
    return switch (config.dialect()) {
      case SQLITE -> sqlite(config, use);
      case POSTGRESQL -> postgresql(config);
    };
  }

  private static DataSource sqlite(DatabaseConfig config, Use use) {
    SQLiteConfig sqlite = new SQLiteConfig();
    sqlite.enforceForeignKeys(true);
    sqlite.setBusyTimeout(Math.toIntExact(config.answerMillis()));
    if (use == Use.WRITE) {
      sqlite.setJournalMode(SQLiteConfig.JournalMode.WAL);
      // FULL syncs the log at each commit: NORMAL loses acknowledged commits in a power cut.
      sqlite.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
      // The driver begins the next transaction with the end of the last: an immediate one would
      // hold the lock for ever. With one writer, a deferred one never has to give way.
      sqlite.setTransactionMode(SQLiteConfig.TransactionMode.DEFERRED);
    } else {
      sqlite.setReadOnly(true);
    }
    SQLiteDataSource source = new SQLiteDataSource(sqlite);
    source.setUrl(Dialect.SQLITE.prefix() + config.file());
    return source;
  }

  private static DataSource postgresql(DatabaseConfig config) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(config.url());
    if (!config.user().isEmpty()) {
      source.setUser(config.user());
      source.setPassword(config.password());
    }
    source.setApplicationName("canary-judge");
    source.setReWriteBatchedInserts(true);
    source.setTcpKeepAlive(true);
    source.setConnectTimeout(wholeSeconds(config.connectMillis()));
    source.setLoginTimeout(wholeSeconds(config.connectMillis()));
    source.setSocketTimeout(wholeSeconds(config.answerMillis()));
    return source;
  }

  private static int wholeSeconds(long millis) {
    return Math.toIntExact(Math.max(1, TimeUnit.MILLISECONDS.toSeconds(millis)));
  }
}
