package io.canaryjudge.server.store;

import static io.canaryjudge.server.store.Refusals.assertRefused;
import static io.canaryjudge.server.store.StoreFixtures.audit;
import static io.canaryjudge.server.store.StoreFixtures.commit;
import static io.canaryjudge.server.store.StoreFixtures.newRun;
import static io.canaryjudge.server.store.StoreFixtures.run;
import static io.canaryjudge.server.store.StoreFixtures.segment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.canaryjudge.server.error.ErrorReason;
import java.io.IOException;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** PostgreSQL: its settings, and what happens when the connection is lost. */
class PostgresDatabaseTest extends StoreTest {

  @Override
  DatabaseConfig newDatabase() {
    return RealPostgres.newDatabase();
  }

  @Test
  void acksAreDurableAlsoWhereTheServerWouldNotWait() {
    sabotage("alter database " + databaseName() + " set synchronous_commit = off");
    reopen();
    assertThat(write("show synchronous_commit")).isEqualTo("on");
  }

  @Test
  void aStricterSettingStays() {
    sabotage("alter database " + databaseName() + " set synchronous_commit = remote_apply");
    reopen();
    assertThat(write("show synchronous_commit")).isEqualTo("remote_apply");
  }

  @Test
  void readersCannotWrite() {
    assertRefused(
        ErrorReason.STORE_UNAVAILABLE,
        () -> database.read("write", connection -> query(connection, NEXT_EPOCH)));
  }

  private static final String NEXT_EPOCH = "update ownership set epoch = epoch + 1 returning epoch";

  @Test
  void namesAServerThatDoesNotAnswerAndNoPassword() {
    DatabaseConfig nobody =
        new DatabaseConfig(
            "jdbc:postgresql://127.0.0.1:1/judge?password=secret", "me", "secret", 1, 1, 500, 500);
    assertThat(assertRefused(ErrorReason.STORE_UNAVAILABLE, () -> Database.open(nobody, CLOCK)))
        .hasMessageContaining("jdbc:postgresql://127.0.0.1:1/judge")
        .hasMessageNotContaining("secret");
    assertThat(nobody.toString()).doesNotContain("secret");
  }

  @Test
  void aKilledConnectionIsReplaced() {
    JdbcRunStore store = new JdbcRunStore(database);
    store.create(newRun(run("a", 1)));
    assertRefused(
        ErrorReason.STORE_UNAVAILABLE,
        () -> write("select pg_terminate_backend(pg_backend_pid())"));
    store.commit(List.of(commit("a", 1).make()));
    assertThat(store.load("a").commits()).isEqualTo(1);
  }

  /** The answer to COMMIT is lost after the server has it: nobody can tell whether it happened. */
  @Test
  void aCommitOfUnknownOutcomeCanBeMadeAgain() throws IOException {
    URI server = URI.create(config.url().substring("jdbc:".length()));
    try (LossyProxy proxy = new LossyProxy(server.getPort());
        Database lossy =
            Database.open(
                DatabaseConfig.of(
                    // COMMIT as a word each time, and not as the number of a prepared statement.
                    config.url().replace(":" + server.getPort() + "/", ":" + proxy.port() + "/")
                        + (config.url().contains("?") ? "&" : "?")
                        + "preferQueryMode=simple",
                    "",
                    ""),
                CLOCK)) {
      JdbcRunStore store = new JdbcRunStore(lossy);
      store.create(newRun(run("a", 1)));
      RunCommit commit =
          commit("a", 1)
              .at(1, 0)
              .entry(1, LogEntries.oneOfEachKind().get(1))
              .segment(segment(0, 0, 1))
              .audit(audit("run.step", "a"))
              .make();
      proxy.loseTheAnswerToCommitOf("insert into segments");
      assertRefused(ErrorReason.STORE_UNAVAILABLE, () -> store.commit(List.of(commit)));
      assertThat(proxy.lost()).isTrue();
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(store.load("a").commits()).isEqualTo(1));
      store.commit(List.of(commit, commit("a", 2).segment(segment(0, 0, 2)).at(1, 0).make()));
      assertThat(store.load("a").segments()).containsExactly(segment(0, 0, 1), segment(0, 0, 2));
      assertThat(new AuditLog(lossy).list("a", 10, "").items()).hasSize(2);
    }
  }

  private String databaseName() {
    return config.label().substring(config.label().lastIndexOf('/') + 1);
  }

  private String write(String sql) {
    return database.write("write", connection -> query(connection, sql));
  }

  private static String query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
