package io.canaryjudge.server.store;

import static io.canaryjudge.server.store.Refusals.assertRefused;
import static io.canaryjudge.server.store.StoreFixtures.commit;
import static io.canaryjudge.server.store.StoreFixtures.newRun;
import static io.canaryjudge.server.store.StoreFixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.server.error.ErrorReason;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The embedded database: its settings, and what it says when the file or the disk fails. */
class SqliteDatabaseTest extends StoreTest {

  @Override
  DatabaseConfig newDatabase() {
    return new DatabaseConfig(
        "jdbc:sqlite:" + directory.resolve("judge.db"), "", "", 2, 4, 1_000, 300);
  }

  @Test
  void everyCommitIsSyncedToALogAheadOfTheFile() {
    database.write(
        "look",
        connection -> {
          assertThat(pragma(connection, "journal_mode")).isEqualTo("wal");
          assertThat(pragma(connection, "synchronous")).as("FULL").isEqualTo("2");
          assertThat(pragma(connection, "foreign_keys")).isEqualTo("1");
          return null;
        });
    assertThat(config.writers()).as("SQLite has one writer").isEqualTo(1);
  }

  @Test
  void readersCannotWrite() {
    assertRefused(
        ErrorReason.STORE_UNAVAILABLE,
        () ->
            database.read(
                "write",
                connection -> {
                  try (Statement statement = connection.createStatement()) {
                    return statement.executeUpdate("update ownership set epoch = 9");
                  }
                }));
  }

  @Test
  void theFileBelongsToOneProcess() {
    assertThat(assertRefused(ErrorReason.STORE_UNAVAILABLE, () -> Database.open(config, CLOCK)))
        .hasMessageContaining("judge.db: another server has it open")
        .hasMessageContaining("judge.db.lock");
    database.close();
    database = Database.open(config, CLOCK);
  }

  @Test
  void createsTheDirectory() {
    Path file = directory.resolve("a").resolve("b").resolve("new.db");
    try (Database created = Database.open(DatabaseConfig.file(file), CLOCK)) {
      assertThat(new JdbcRunStore(created).open()).isEmpty();
    }
    assertThat(file).exists();
  }

  @Test
  void namesAFileThatIsNoDatabase() throws IOException {
    Path file = directory.resolve("letter.txt");
    Files.writeString(file, "Dear database, ".repeat(500));
    assertThat(
            assertRefused(
                ErrorReason.INTERNAL, () -> Database.open(DatabaseConfig.file(file), CLOCK)))
        .hasMessageContaining(file.toString())
        .hasMessageContaining("damaged or not an SQLite database")
        .hasMessageContaining("restore a backup");
    assertThat(file).as("left as it is").hasContent("Dear database, ".repeat(500));
  }

  @Test
  void namesADamagedFile() throws IOException {
    JdbcRunStore store = new JdbcRunStore(database);
    for (int i = 0; i < 50; i++) {
      store.create(newRun(run("run" + i, i)));
    }
    database.verify();
    database.close();
    Path file = directory.resolve("judge.db");
    overwritePages(file, 3);
    database = Database.open(config, CLOCK);
    assertThat(assertRefused(ErrorReason.INTERNAL, () -> database.verify()))
        .hasMessageContaining(file.toString())
        .hasMessageContaining("damaged");
  }

  /** All pages with data of runs, but not the first ones, so that the file can be opened. */
  private static void overwritePages(Path file, int seed) throws IOException {
    byte[] noise = new byte[4096];
    new Random(seed).nextBytes(noise);
    try (RandomAccessFile pages = new RandomAccessFile(file.toFile(), "rw")) {
      long count = pages.length() / noise.length;
      byte[] page = new byte[noise.length];
      int overwritten = 0;
      for (long i = 1; i < count; i++) {
        pages.seek(i * noise.length);
        pages.readFully(page);
        if (new String(page, StandardCharsets.ISO_8859_1).contains("checkout")) {
          pages.seek(i * noise.length);
          pages.write(noise);
          overwritten++;
        }
      }
      assertThat(overwritten).isPositive();
    }
  }

  @Test
  void aFullDiskRefusesACommitAndTakesItLater() {
    JdbcRunStore store = new JdbcRunStore(database);
    store.create(newRun(run("a", 1)));
    RunCommit large =
        commit("a", 1).at(1, 0).segment(new Segment(0, 0, new byte[5_000_000])).make();
    limitPages(200);
    assertThat(assertRefused(ErrorReason.STORE_UNAVAILABLE, () -> store.commit(List.of(large))))
        .hasMessageContaining("commit 1 run in " + directory.resolve("judge.db"))
        .hasMessageContaining("full");
    assertThat(store.load("a").commits()).isZero();
    limitPages(1_000_000);
    store.commit(List.of(large));
    assertThat(store.load("a").segments()).containsExactly(large.segment());
  }

  /** Of the writer's connection, which is the only one that writes. */
  private void limitPages(int pages) {
    database.write("limit", connection -> pragma(connection, "max_page_count = " + pages));
  }

  @Test
  void aForeignWriterDelaysACommit() throws SQLException {
    JdbcRunStore store = new JdbcRunStore(database);
    store.create(newRun(run("a", 1)));
    try (Connection foreign = DriverManager.getConnection(config.url());
        Statement statement = foreign.createStatement()) {
      statement.execute("begin immediate");
      assertThat(
              assertRefused(
                      ErrorReason.STORE_UNAVAILABLE,
                      () -> store.commit(List.of(commit("a", 1).make())))
                  .retryAfterMillis())
          .isPresent();
      statement.execute("rollback");
    }
    store.commit(List.of(commit("a", 1).make()));
    assertThat(store.load("a").commits()).isEqualTo(1);
  }

  @Test
  void refusesUrlsThatAreNotAPlainFile() {
    for (String url :
        List.of("jdbc:sqlite:", "jdbc:sqlite::memory:", "jdbc:sqlite:a.db?synchronous=OFF")) {
      assertRefused(
          ErrorReason.INVALID_FIELD, () -> Database.open(DatabaseConfig.of(url, "", ""), CLOCK));
    }
    assertThat(
            assertRefused(
                ErrorReason.INVALID_FIELD,
                () -> DatabaseConfig.of("jdbc:h2:judge?password=secret", "", "")))
        .hasMessageNotContaining("secret");
  }

  @Test
  void refusesNumbersOutOfRange() {
    assertRefused(
        ErrorReason.INVALID_FIELD, () -> new DatabaseConfig(config.url(), "", "", 0, 1, 500, 500));
    assertRefused(
        ErrorReason.INVALID_FIELD, () -> new DatabaseConfig(config.url(), "", "", 1, 65, 500, 500));
    assertRefused(
        ErrorReason.INVALID_FIELD, () -> new DatabaseConfig(config.url(), "", "", 1, 1, 0, 500));
  }

  private static String pragma(Connection connection, String name) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("pragma " + name)) {
      return row.getString(1);
    }
  }
}
