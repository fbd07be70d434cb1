package io.canaryjudge.server.run;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.RunCommit;
import io.canaryjudge.server.store.RunStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the progress of many runs durable together: a durable commit costs the same for one run as
 * for hundreds.
 *
 * <p>In each round the owners that have something give their commits, all of which go into one
 * transaction. While the database does not answer, the same commits are tried again with growing
 * pauses; nothing is acknowledged meanwhile, so that streams come to a halt at their limits.
 *
 * <p>Rounds come one at a time; {@link #round} is called by one thread.
 */
final class GroupCommitter {

  private static final Logger logger = LoggerFactory.getLogger(GroupCommitter.class);

  private static final long FIRST_BACKOFF_MILLIS = 100;
  private static final long MAX_BACKOFF_MILLIS = 5_000;
  private static final long PREPARE_TIMEOUT_MILLIS = 1_000;

  private final RunStore store;
  private final InstantSource clock;
  private final Supplier<Collection<RunOwner>> owners;
  private final SampleMemory memory;
  private final RunTelemetry telemetry;
  private final long stallMillis;

  private final List<Preparing> preparing = new ArrayList<>();
  private final Map<RunOwner, RunCommit> uncommitted = new LinkedHashMap<>();
  private long notBeforeMillis = Long.MIN_VALUE;
  private long backoffMillis = FIRST_BACKOFF_MILLIS;
  private long attendedMillis;
  private long interruptedMillis;
  private volatile Runnable onTakenOver = () -> {};

  private record Preparing(RunOwner owner, CompletableFuture<@Nullable RunCommit> commit) {}

  /**
   * Makes a committer.
   *
   * @param owners those of the open runs
   * @param memory what their streams may wait for
   * @param stallMillis time without a successful round after which the judge was out of reach; it
   *     was until now
   */
  GroupCommitter(
      RunStore store,
      InstantSource clock,
      Supplier<Collection<RunOwner>> owners,
      SampleMemory memory,
      RunTelemetry telemetry,
      long stallMillis) {
    this.store = store;
    this.clock = clock;
    this.owners = owners;
    this.memory = memory;
    this.telemetry = telemetry;
    this.stallMillis = stallMillis;
    this.attendedMillis = clock.millis();
    this.interruptedMillis = attendedMillis;
  }

  /** Runs something once another server has taken over the database. */
  void whenTakenOver(Runnable action) {
    onTakenOver = action;
  }

  /** Rounds begin: producers that were cut off by the end of the last process can come back now. */
  void begin() {
    attendedMillis = clock.millis();
    interruptedMillis = attendedMillis;
  }

  /** Collects what is new and commits it. Returns whether all of it is durable. */
  boolean round() throws InterruptedException {
    long now = clock.millis();
    noteStall(now);
    for (RunOwner owner : owners.get()) {
      if (owner.due(now)) {
        preparing.add(new Preparing(owner, owner.prepare(now, interruptedMillis)));
      }
    }
    collect();
    if (uncommitted.isEmpty()) {
      attendedMillis = now;
    } else if (now >= notBeforeMillis) {
      commit();
    }
    boolean durable = uncommitted.isEmpty();
    // While the database is away streams that wait for memory wait on: nothing would be freed.
    int slowed = durable ? memory.readOn() : 0;
    telemetry.sampleMemory(memory.heldBytes(), memory.limitBytes(), slowed);
    return durable;
  }

  private void noteStall(long now) {
    if (now - attendedMillis > stallMillis && now > interruptedMillis) {
      if (attendedMillis > interruptedMillis) {
        telemetry.interrupted();
      }
      interruptedMillis = now;
    }
  }

  /** Takes the commits that are ready. One that takes too long does not hold up the others. */
  private void collect() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PREPARE_TIMEOUT_MILLIS);
    for (Iterator<Preparing> each = preparing.iterator(); each.hasNext(); ) {
      Preparing next = each.next();
      try {
        long left = Math.max(0, deadline - System.nanoTime());
        RunCommit commit = next.commit().get(left, TimeUnit.NANOSECONDS);
        if (commit != null) {
          uncommitted.put(next.owner(), commit);
        }
        each.remove();
      } catch (TimeoutException e) {
        logger.warn("Run {} is slow: it is committed later than others", next.owner().id());
      } catch (ExecutionException e) {
        throw new IllegalStateException("owners answer in any case", e);
      }
    }
  }

  private void commit() {
    try {
      commit(uncommitted);
      if (backoffMillis > FIRST_BACKOFF_MILLIS) {
        logger.info("The database takes commits again");
      }
      backoffMillis = FIRST_BACKOFF_MILLIS;
      notBeforeMillis = Long.MIN_VALUE;
      long now = clock.millis();
      noteStall(now);
      attendedMillis = now;
    } catch (JudgeException e) {
      if (e.reason() == ErrorReason.STORE_TAKEN_OVER) {
        giveUp(e);
        return;
      }
      if (e.reason() != ErrorReason.STORE_UNAVAILABLE) {
        commitOneByOne();
        return;
      }
      telemetry.commitFailed();
      logger.warn(
          "{} runs wait for the database, next attempt in {} ms: {}",
          uncommitted.size(),
          backoffMillis,
          e.getMessage());
      notBeforeMillis = clock.millis() + backoffMillis;
      backoffMillis = Math.min(MAX_BACKOFF_MILLIS, backoffMillis * 2);
    } catch (RuntimeException e) {
      logger.error("A commit of {} runs failed", uncommitted.size(), e);
      commitOneByOne();
    }
  }

  private void commit(Map<RunOwner, RunCommit> commits) {
    long start = System.nanoTime();
    store.commit(List.copyOf(commits.values()));
    telemetry.committed(commits.size(), System.nanoTime() - start);
    long now = clock.millis();
    commits.keySet().forEach(owner -> owner.committed(now));
    commits.clear();
  }

  /** Another server judges these runs now: nothing of them may be told here any more. */
  private void giveUp(JudgeException cause) {
    logger.error("Another server has taken over the database: all runs rest here", cause);
    uncommitted.clear();
    owners.get().forEach(owner -> owner.failed(cause));
    onTakenOver.run();
  }

  /** Finds the run that cannot be committed, so that it does not hold up the others for ever. */
  private void commitOneByOne() {
    for (Map.Entry<RunOwner, RunCommit> each : List.copyOf(uncommitted.entrySet())) {
      RunOwner owner = each.getKey();
      try {
        Map<RunOwner, RunCommit> alone = new LinkedHashMap<>();
        alone.put(owner, each.getValue());
        commit(alone);
        uncommitted.remove(owner);
      } catch (JudgeException e) {
        if (e.reason() == ErrorReason.STORE_UNAVAILABLE) {
          return; // tried again in the next round
        }
        uncommitted.remove(owner);
        owner.failed(e);
      } catch (RuntimeException e) {
        uncommitted.remove(owner);
        owner.failed(e);
      }
    }
  }
}
