package io.canaryjudge.server.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** A PostgreSQL server, started once for all tests of a JVM, with a new database for who asks. */
public final class RealPostgres {

  private static final AtomicInteger DATABASES = new AtomicInteger();

  private RealPostgres() {}

  private static final class Server {
    static final EmbeddedPostgres INSTANCE = start();

    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.builder().start(); // ends with the JVM
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** A database that nothing is in. */
  public static DatabaseConfig newDatabase() {
    String name = "judge_" + DATABASES.incrementAndGet();
    try (Connection connection = Server.INSTANCE.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("create database " + name);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return DatabaseConfig.of(Server.INSTANCE.getJdbcUrl("postgres", name), "", "");
  }
}
