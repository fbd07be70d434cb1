package io.canaryjudge.server.store;

import static io.canaryjudge.server.store.Refusals.assertRefused;
import static io.canaryjudge.server.store.StoreFixtures.newRun;
import static io.canaryjudge.server.store.StoreFixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.server.error.ErrorReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SqliteMigrationTest extends MigrationLaws {

  private static final String BACKUP = "judge.db.schema-7.20261121T080000Z.backup";

  @Override
  DatabaseConfig newDatabase() {
    return DatabaseConfig.file(directory.resolve("judge.db"));
  }

  @Test
  void planOfAFileThatDoesNotExistCreatesNone() {
    Path file = directory.resolve("none").resolve("new.db");
    assertThat(new Migrations(DatabaseConfig.file(file)).plan())
        .extracting(Migrations.Pending::version)
        .containsExactly("1", "2", "3", "4", "5", "6", "7");
    assertThat(file.getParent()).doesNotExist();
  }

  @Test
  void anExistingFileIsBackedUpBeforeItIsMigrated() throws IOException {
    new JdbcRunStore(database).create(newRun(run("a", 1)));
    assertThat(backups()).as("a new file needs none").isEmpty();
    reopen(new Migrations(config).and(NEXT));
    assertThat(backups()).containsExactly(BACKUP);
    try (Database backup = Database.open(DatabaseConfig.file(directory.resolve(BACKUP)), CLOCK)) {
      assertThat(new JdbcRunStore(backup).find("a")).contains(run("a", 1));
    }
    reopen(new Migrations(config).and(NEXT));
    assertThat(backups()).as("nothing was pending").containsExactly(BACKUP);
  }

  @Test
  void nothingIsMigratedWithoutItsBackup() throws IOException {
    Files.writeString(directory.resolve(BACKUP), "in the way");
    database.close();
    assertThat(
            assertRefused(
                ErrorReason.INTERNAL,
                () -> Database.open(config, new Migrations(config).and(NEXT), CLOCK)))
        .hasMessageContaining(BACKUP);
    assertThat(new Migrations(config).and(NEXT).plan()).hasSize(1);
    assertThat(directory.resolve(BACKUP)).hasContent("in the way");
  }

  @Test
  void aFileInUseIsNotMigrated() {
    assertThat(
            assertRefused(
                ErrorReason.STORE_UNAVAILABLE,
                () -> new Migrations(config).and(NEXT).migrate(CLOCK)))
        .hasMessageContaining("another server has it open");
    database.close();
    new Migrations(config).and(NEXT).migrate(CLOCK);
    assertThat(new Migrations(config).and(NEXT).plan()).isEmpty();
  }

  private List<String> backups() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".backup"))
          .toList();
    }
  }
}
