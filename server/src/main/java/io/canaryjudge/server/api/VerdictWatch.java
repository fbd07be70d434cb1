package io.canaryjudge.server.api;

import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.proto.v1.WatchVerdictResponse;
import io.canaryjudge.server.run.RunSnapshot;
import io.canaryjudge.server.run.Runs;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/**
 * One reader of the verdicts of one run. States are handed over, not events: a snapshot that is not
 * sent yet is replaced by the next, so that a slow reader costs one snapshot and never waits for
 * what is out of date. The last one is never skipped.
 *
 * <p>Guarded by its own lock, under which nothing blocks.
 */
final class VerdictWatch {

  /** The reader. Called by one thread at a time. */
  interface Reader {

    /** Whether a message would go out at once. */
    boolean isReady();

    /** Sends a verdict, or a heartbeat. */
    void send(WatchVerdictResponse message);

    /** All was said. */
    void end();

    /** It ends otherwise. */
    void fail(Throwable error);
  }

  private final Reader reader;
  private final boolean followAfterGo;
  private @Nullable RunSnapshot newest;
  private final List<Runnable> toGiveBack = new ArrayList<>();
  private boolean sentSinceBeat;
  private boolean pumping;
  private boolean over;

  VerdictWatch(Reader reader, boolean followAfterGo) {
    this.reader = reader;
    this.followAfterGo = followAfterGo;
  }

  /**
   * Begins; may wait for the database.
   *
   * @param afterRevision sends nothing up to this one; 0 for everything
   */
  void begin(Runs runs, Watches watches, String runId, long afterRevision) {
    try {
      keep(watches.enter(this::fail)::close);
      RunSnapshot present = runs.snapshot(runId);
      if (isLast(present) && afterRevision > 0 && present.verdict().revision() <= afterRevision) {
        end();
        return;
      }
      long after = afterRevision == 0 ? -1 : afterRevision;
      ScheduledFuture<?> heartbeat = watches.tick(this::beat);
      keep(() -> heartbeat.cancel(false));
      keep(runs.watch(runId, after, this::changed)::close);
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  /** Ends it without a word: the reader has gone. */
  void stop() {
    synchronized (this) {
      over = true;
    }
    release();
  }

  /** There is a newer snapshot. Called by the run's own thread, which must not do the work. */
  private void changed(RunSnapshot snapshot) {
    synchronized (this) {
      newest = snapshot;
      if (over || pumping) {
        return;
      }
      pumping = true;
    }
    Thread.ofVirtual().name("watch").start(this::pump);
  }

  /** The reader can take more. */
  void ready() {
    synchronized (this) {
      if (over || pumping || newest == null) {
        return;
      }
      pumping = true;
    }
    pump();
  }

  private void pump() {
    try {
      while (true) {
        RunSnapshot next;
        synchronized (this) {
          if (over || newest == null || !reader.isReady()) {
            pumping = false;
            return;
          }
          next = newest;
          newest = null;
        }
        WatchVerdictResponse message =
            WatchVerdictResponse.newBuilder().setVerdict(VerdictMessages.toProto(next)).build();
        synchronized (this) {
          if (over) {
            return;
          }
          reader.send(message);
          sentSinceBeat = true;
        }
        if (isLast(next)) {
          end();
          return;
        }
      }
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private void beat() {
    try {
      synchronized (this) {
        if (!over && !sentSinceBeat && reader.isReady()) {
          reader.send(WatchVerdictResponse.getDefaultInstance());
        }
        sentSinceBeat = false;
      }
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  /** Nothing that the reader asked for can follow. */
  private boolean isLast(RunSnapshot snapshot) {
    boolean followed =
        followAfterGo && snapshot.verdict().decision() == Decision.GO && snapshot.verdict().open();
    return snapshot.terminal() && !followed;
  }

  private void end() {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
      reader.end();
    }
    release();
  }

  /** Ends it with an error. */
  void fail(Throwable error) {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
      reader.fail(error);
    }
    release();
  }

  /** Keeps something that is to be given back at the end, or gives it back if that was before. */
  private void keep(Runnable giveBack) {
    synchronized (this) {
      toGiveBack.add(giveBack);
      if (!over) {
        return;
      }
    }
    release();
  }

  /** Outside of the lock, since others lock in there. */
  private void release() {
    List<Runnable> held;
    synchronized (this) {
      held = List.copyOf(toGiveBack);
      toGiveBack.clear();
    }
    held.forEach(Runnable::run);
  }
}
