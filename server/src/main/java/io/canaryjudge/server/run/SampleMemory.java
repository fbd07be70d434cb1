package io.canaryjudge.server.run;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/**
 * How much memory the samples of all runs hold, from when they are taken until their window is
 * sealed and durable; and the bound of that.
 *
 * <p>From half of the bound on memory is scarce: a stream is read on by one batch with each commit,
 * which is what it takes for windows to be sealed. At the bound samples are refused that would need
 * more. Both hit only runs that hold more than their share, the bound by the number of runs: so a
 * run that asks for little is not harmed by one that asks for much, and all of them together hold
 * at most twice the bound.
 *
 * <p>Used by any thread.
 */
final class SampleMemory {

  private final long limitBytes;
  private final IntSupplier runs;
  private final AtomicLong heldBytes = new AtomicLong();
  private List<IngestSession> waiting = new ArrayList<>(); // guarded by this

  /**
   * Nothing is held yet.
   *
   * @param limitBytes the bound, above 0
   * @param runs how many runs share it
   */
  SampleMemory(long limitBytes, IntSupplier runs) {
    this.limitBytes = limitBytes;
    this.runs = runs;
  }

  long limitBytes() {
    return limitBytes;
  }

  long heldBytes() {
    return heldBytes.get();
  }

  /** Counts more memory, or less. */
  void hold(long bytes) {
    heldBytes.addAndGet(bytes);
  }

  /** Whether the streams of a run that holds so much have to wait for the next commit. */
  boolean scarce(long heldByRun) {
    return beyond(limitBytes / 2, heldByRun);
  }

  /** Whether a run that holds so much may not hold more. */
  boolean exhausted(long heldByRun) {
    return beyond(limitBytes, heldByRun);
  }

  private boolean beyond(long bytes, long heldByRun) {
    return heldBytes.get() >= bytes && heldByRun >= bytes / Math.max(1, runs.getAsInt());
  }

  /** A session waits until it is {@linkplain #readOn told} to read on. */
  synchronized void await(IngestSession session) {
    waiting.add(session);
  }

  /** Lets each session that waits read one batch more. Returns how many have waited. */
  int readOn() {
    List<IngestSession> told;
    synchronized (this) {
      if (waiting.isEmpty()) {
        return 0;
      }
      told = waiting;
      waiting = new ArrayList<>();
    }
    told.forEach(IngestSession::readOn);
    return told.size();
  }
}
