package io.canaryjudge.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.server.store.Database;
import io.canaryjudge.server.store.DatabaseConfig;
import io.canaryjudge.server.store.JdbcRunStore;
import io.canaryjudge.server.store.RealPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the whole server at random moments under producers that send again what was not acked, into
 * a live run and a retrospective one: in the end every sample is in the verdict and in its own
 * window, none counts twice, and no verdict that was told is taken back. {@code -Dcrash.kills} sets
 * how often, {@code -Dcrash.seed} when.
 */
class ServerCrashTest {

  private static final int KILLS = Integer.getInteger("crash.kills", 20);
  private static final long SEED = Long.getLong("crash.seed", 1);
  private static final int MOST_ACKS = 800;
  private static final int MOST_MILLIS = 15; // longer than a commit takes
  private static final int MOST_START_MILLIS = 1_500;
  private static final int LAST_BATCHES = 100;

  @TempDir Path directory;

  private final Random random = new Random(SEED);
  private final Producing producing = new Producing();
  private int kills;
  private int killsOfStarts;

  @BeforeEach
  void prepare() throws Exception {
    Files.createDirectories(directory.resolve("policies"));
    Files.writeString(directory.resolve("policies/never.yaml"), JudgedRun.POLICY);
  }

  @Test
  void nothingIsLostAndNothingCountsTwiceOnSqlite() throws Exception {
    killAgainAndAgain(DatabaseConfig.file(directory.resolve("judge.db")));
  }

  @Test
  void nothingIsLostAndNothingCountsTwiceOnPostgres() throws Exception {
    killAgainAndAgain(RealPostgres.newDatabase());
  }

  private void killAgainAndAgain(DatabaseConfig database) throws Exception {
    long start = System.nanoTime();
    try (ServerVictim first = ServerVictim.start(database, directory)) {
      producing.add(JudgedRun.recorded(first, random));
      producing.add(JudgedRun.live(first, random));
      producing.sendUntil(first, () -> first.killAfter(0)); // before anything is acked
    }
    while (kills < KILLS) {
      if (kills % 4 == 2) {
        killStart(database);
      }
      try (ServerVictim victim = ServerVictim.start(database, directory)) {
        producing.sendUntil(victim, () -> live(victim));
      }
    }
    try (ServerVictim last = ServerVictim.start(database, directory)) {
      producing.finish(last, LAST_BATCHES);
      long newest = System.currentTimeMillis();
      for (JudgedRun run : producing.runs()) {
        run.checkVerdict(last, newest);
        run.history().check(last.judge());
      }
      new SampleCounts(last.metrics()).check(producing.producers());
      assertThat(last.complaints()).doesNotContain("level=ERROR");
      assertThat(last.stop()).isZero();
    }
    assertThat(producing.producers()).allMatch(producer -> producer.resent() > 0);
    try (Database stored = Database.open(database, InstantSource.system())) {
      stored.verify();
      producing.runs().forEach(run -> run.replay(new JdbcRunStore(stored)));
    }
    report(database, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
  }

  private void report(DatabaseConfig database, long seconds) {
    System.out.printf(
        "%s: %d kills during ingest and %d during a start, %,d samples, %d batches sent again,"
            + " %d verdicts told and %d on record, in %d s%n",
        database.url().replaceFirst("^jdbc:(\\w+):.*", "$1"),
        kills,
        killsOfStarts,
        producing.producers().stream().mapToLong(ResendingProducer::samples).sum(),
        producing.producers().stream().mapToLong(ResendingProducer::resent).sum(),
        producing.runs().stream().mapToInt(run -> run.history().size()).sum(),
        producing.runs().stream().mapToInt(run -> run.history().recorded()).sum(),
        seconds);
  }

  /** Kills a server that may be recovering, or not have begun yet, or be up already. */
  private void killStart(DatabaseConfig database) throws Exception {
    try (ServerVictim victim = ServerVictim.launch(database, directory, 0)) {
      victim.killAfter(random.nextInt(MOST_START_MILLIS));
      killsOfStarts++;
    }
  }

  /** Lets a server live until some batches are acked, and a bit: then it is killed. */
  private void live(ServerVictim victim) throws Exception {
    for (JudgedRun run : producing.runs()) {
      run.history().check(victim.judge());
      run.history().watch(victim.channel());
    }
    JudgedRun live = producing.runs().getLast();
    if (kills == KILLS / 2) {
      live.awaitSealed(victim, 3); // which takes until its producers had time to come back
    }
    producing.awaitAcks(random.nextInt(MOST_ACKS));
    producing.runs().forEach(run -> run.history().report(victim.channel()));
    producing.awaitAcks(random.nextInt(MOST_ACKS / 4));
    producing.runs().forEach(run -> run.history().report(victim.channel()));
    victim.killAfter(random.nextInt(MOST_MILLIS));
    kills++;
  }
}
