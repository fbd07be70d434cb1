package io.canaryjudge.server.store;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.List;

/**
 * The process that is killed: commits as fast as it can, goes on where the store left off, and
 * prints the number of each group once it is acknowledged. Tries again while the database is away,
 * as the server does.
 *
 * <p>Arguments: the database URL, and whether to acknowledge {@code after} the commit, or {@code
 * before} it, which is the fault that the test has to find.
 */
final class CrashWriter {

  static final String READY = "ready";
  private static final String REFUSED = "refused: ";

  private final JdbcRunStore store;
  private final PrintStream acks;
  private final boolean ackBefore;

  private CrashWriter(JdbcRunStore store, PrintStream acks, boolean ackBefore) {
    this.store = store;
    this.acks = acks;
    this.ackBefore = ackBefore;
  }

  public static void main(String[] args) {
    DatabaseConfig config = new DatabaseConfig(args[0], "", "", 1, 1, 500, 2_000);
    PrintStream acks = new PrintStream(System.out, true);
    try (Database database = Database.open(config, InstantSource.system())) {
      new CrashWriter(new JdbcRunStore(database), acks, args[1].equals("before")).run();
    } catch (RuntimeException e) {
      acks.println(REFUSED + e);
      throw e;
    }
  }

  private void run() {
    for (RunRecord run : CrashPlan.runs()) {
      store.create(StoreFixtures.newRun(run));
    }
    long[] commits =
        CrashPlan.runs().stream().mapToLong(run -> store.load(run.id()).commits()).toArray();
    long group = CrashVerdict.groupsOf(commits);
    acks.println(READY);
    while (true) {
      group++;
      List<RunCommit> next = CrashPlan.group(group, commits);
      if (ackBefore) {
        acks.println(group);
      }
      commit(next);
      if (!ackBefore) {
        acks.println(group);
      }
      CrashPlan.count(group, commits);
    }
  }

  private void commit(List<RunCommit> next) {
    while (true) {
      try {
        store.commit(next);
        return;
      } catch (JudgeException e) {
        if (e.reason() != ErrorReason.STORE_UNAVAILABLE) {
          throw e;
        }
      }
    }
  }
}
