package io.canaryjudge.server.store;

import static io.canaryjudge.server.store.Refusals.assertRefused;
import static io.canaryjudge.server.store.StoreFixtures.newRun;
import static io.canaryjudge.server.store.StoreFixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.server.error.ErrorReason;
import org.junit.jupiter.api.Test;

/** How the schema of an existing database moves on, on either database. */
abstract class MigrationLaws extends StoreTest {

  static final String NEXT = "classpath:db/successor";
  static final String BROKEN = "classpath:db/halfway";

  @Test
  void nothingIsPendingOnceOpened() {
    assertThat(new Migrations(config).plan()).isEmpty();
  }

  @Test
  void planListsAndChangesNothing() {
    Migrations next = new Migrations(config).and(NEXT);
    Migrations.Pending pending =
        new Migrations.Pending("1000", "add a column", "V1000__add_a_column.sql");
    assertThat(next.plan()).containsExactly(pending);
    assertThat(next.plan()).containsExactly(pending);
  }

  @Test
  void keepsWhatIsStored() {
    new JdbcRunStore(database).create(newRun(run("a", 1)));
    reopen(new Migrations(config).and(NEXT));
    assertThat(count("runs where added_later = 'later'")).isEqualTo(1);
    assertThat(new JdbcRunStore(database).find("a")).contains(run("a", 1));
  }

  /** Expand, then contract: a server can be taken back after its successor has migrated. */
  @Test
  void aServerRunsOnTheSchemaOfItsSuccessor() {
    reopen(new Migrations(config).and(NEXT));
    reopen(new Migrations(config));
    new JdbcRunStore(database).create(newRun(run("a", 1)));
    assertThat(new JdbcRunStore(database).find("a")).contains(run("a", 1));
  }

  @Test
  void aMigrationThatFailsLeavesNothing() {
    new JdbcRunStore(database).create(newRun(run("a", 1)));
    database.close();
    assertThat(
            assertRefused(
                ErrorReason.INTERNAL,
                () -> Database.open(config, new Migrations(config).and(BROKEN), CLOCK)))
        .hasMessageContaining("migrate")
        .hasMessageContaining("no_such_table");
    database = Database.open(config, CLOCK);
    assertThat(new JdbcRunStore(database).find("a")).contains(run("a", 1));
    assertRefused(ErrorReason.INTERNAL, () -> count("half_done"));
  }

  void reopen(Migrations migrations) {
    database.close();
    database = Database.open(config, migrations, CLOCK);
  }
}
