package io.canaryjudge.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the process that commits, and PostgreSQL itself, at random moments: what was acknowledged
 * is there, and nothing is there in part. {@code -Dcrash.kills} sets how often, {@code
 * -Dcrash.seed} when.
 */
class CrashTest {

  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-21T08:00:00Z"));
  private static final int KILLS = Integer.getInteger("crash.kills", 20);
  private static final int SERVER_KILLS = Math.max(3, KILLS / 5);
  private static final long SEED = Long.getLong("crash.seed", 1);
  private static final int MOST_ACKS = 40;
  private static final long MOST_NANOS = 12_000_000; // longer than a commit takes

  @TempDir Path directory;

  private final Random random = new Random(SEED);

  @Test
  void sqliteLosesNothingWhenItsProcessIsKilled() throws Exception {
    DatabaseConfig config = DatabaseConfig.file(directory.resolve("judge.db"));
    killAgainAndAgain(config, KILLS, false);
    checkPast(config);
  }

  @Test
  void postgresLosesNothingWhenItsClientIsKilled() throws Exception {
    DatabaseConfig config = RealPostgres.newDatabase();
    killAgainAndAgain(config, KILLS, false);
    checkPast(config);
  }

  /** A test that cannot fail proves nothing: here the acknowledgement comes before the commit. */
  @Test
  void anAcknowledgementBeforeTheCommitIsFound() {
    DatabaseConfig config = DatabaseConfig.file(directory.resolve("judge.db"));
    assertThatThrownBy(() -> killAgainAndAgain(config, KILLS, true))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("were acknowledged");
  }

  private void killAgainAndAgain(DatabaseConfig config, int kills, boolean ackBefore)
      throws IOException, InterruptedException {
    long stored = 0;
    for (int kill = 1; kill <= kills; kill++) {
      long acknowledged;
      try (Victim victim = Victim.start(config, ackBefore, directory.resolve("stderr"))) {
        victim.awaitAcks(1 + random.nextInt(MOST_ACKS));
        waitABit();
        acknowledged = victim.kill();
      }
      assertThat(acknowledged).as("progress").isGreaterThan(stored);
      try (Database database = Database.open(config, CLOCK)) {
        stored = new CrashVerdict(new JdbcRunStore(database)).check(acknowledged);
        database.verify();
      }
    }
  }

  /** So that the kill falls into any part of a commit, and not always at its beginning. */
  private void waitABit() {
    long until = System.nanoTime() + random.nextLong(MOST_NANOS);
    while (System.nanoTime() < until) {
      Thread.onSpinWait();
    }
  }

  /** The writer lives on, tries again what may have come through, and acknowledges once. */
  @Test
  void postgresLosesNothingWhenItIsKilledItself() throws Exception {
    try (KillablePostgres server = KillablePostgres.start(directory.resolve("data"))) {
      DatabaseConfig config = server.config();
      long acknowledged;
      try (Victim victim = Victim.start(config, false, directory.resolve("stderr"))) {
        for (int kill = 1; kill <= SERVER_KILLS; kill++) {
          victim.awaitAcks(1 + random.nextInt(MOST_ACKS));
          waitABit();
          server.kill();
          server.restart();
        }
        victim.awaitAcks(1);
        acknowledged = victim.kill();
      }
      try (Database database = Database.open(config, CLOCK)) {
        new CrashVerdict(new JdbcRunStore(database)).check(acknowledged);
      }
      checkPast(config);
    }
  }

  private static void checkPast(DatabaseConfig config) {
    try (Database database = Database.open(config, CLOCK)) {
      new CrashVerdict(new JdbcRunStore(database)).checkPast(new AuditLog(database));
    }
  }
}
