package io.canaryjudge.server.policy;

import io.canaryjudge.server.store.Database;
import io.canaryjudge.server.store.DatabaseConfig;
import io.canaryjudge.server.store.JdbcPolicyStore;
import io.canaryjudge.server.store.PolicyStore;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** Policies in a real database, with a clock that a test moves. */
public final class StoredPolicies implements AutoCloseable {

  /** When tests begin, epoch milliseconds. */
  public static final long START_MILLIS = 1_700_000_000_000L;

  private final AtomicLong now = new AtomicLong(START_MILLIS);
  private final Database database;
  private final PolicyStore store;

  /** Opens an empty database in a directory. */
  public StoredPolicies(Path directory) {
    InstantSource clock = () -> Instant.ofEpochMilli(now.get());
    this.database = Database.open(DatabaseConfig.file(directory.resolve("judge.db")), clock);
    this.store = new JdbcPolicyStore(database);
  }

  /** As a server that has just been started has them. */
  public Policies policies() {
    return new Policies(store, () -> Instant.ofEpochMilli(now.get()));
  }

  /** What is under the policies. */
  public Database database() {
    return database;
  }

  /** Lets time pass. */
  public void pass(long millis) {
    now.addAndGet(millis);
  }

  @Override
  public void close() {
    database.close();
  }
}
