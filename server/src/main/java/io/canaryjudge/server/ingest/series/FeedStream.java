package io.canaryjudge.server.ingest.series;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.run.BatchContent;
import io.canaryjudge.server.run.IngestListener;
import io.canaryjudge.server.run.IngestSession;
import io.canaryjudge.server.run.Rejection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The stream by which the judge itself sends one run what a door brings for it: the sequence of its
 * batches is what foreign senders do not have.
 *
 * <p>The owner of the run calls the listener's methods while it holds the session, so these take no
 * other lock; {@link #offer} is called by the feed, one at a time.
 */
final class FeedStream implements IngestListener {

  private final CompletableFuture<IngestSession> opening = new CompletableFuture<>();
  private final ConcurrentSkipListMap<Long, CompletableFuture<Void>> waiting =
      new ConcurrentSkipListMap<>();
  private volatile long committed;
  private volatile @Nullable JudgeException end;
  private volatile @Nullable IngestSession session;
  private long sequence;

  /** Completed when samples can be sent; fails if the run takes none. */
  CompletableFuture<IngestSession> opening() {
    return opening;
  }

  @Override
  public void opened(IngestSession opened, long committedSequence) {
    committed = committedSequence;
    sequence = committedSequence;
    session = opened;
    opening.complete(opened);
  }

  @Override
  public void acked(long committedSequence, List<Rejection> rejections) {
    committed = committedSequence;
    Map<Long, CompletableFuture<Void>> durable = waiting.headMap(committedSequence, true);
    durable.forEach(
        (batch, future) -> {
          waiting.remove(batch);
          future.complete(null);
        });
  }

  @Override
  public void finished() {}

  @Override
  public void ended(JudgeException reason) {
    end = reason;
    opening.completeExceptionally(reason);
    waiting.values().forEach(future -> end(future, reason));
    waiting.clear();
  }

  /** A run that has ended needs no more points; anything else is worth another try. */
  private static void end(CompletableFuture<Void> future, JudgeException reason) {
    if (reason.reason() == ErrorReason.RUN_CLOSED) {
      future.complete(null);
    } else {
      future.completeExceptionally(reason);
    }
  }

  /** Sends nothing more; what was sent is committed still. */
  void abandon() {
    IngestSession open = session;
    if (open != null) {
      open.abandon();
    }
  }

  /** Why nothing more can be sent; null while it can. */
  @Nullable JudgeException end() {
    return end;
  }

  /**
   * Sends a batch.
   *
   * @param samples how many it has; may be 0 if only notes change
   * @return completed when it is durable, and with it all before
   * @throws RuntimeException if the samples cannot be handed over: the stream is of no more use
   */
  CompletableFuture<Void> offer(
      IngestSession session, long samples, long watermarkMillis, BatchContent content) {
    long next = sequence + 1;
    CompletableFuture<Void> durable = new CompletableFuture<>();
    waiting.put(next, durable);
    switch (session.offer(next, samples, watermarkMillis, false, content)) {
      case TAKEN -> sequence = next;
      case REPEATED -> throw new IllegalStateException("batch " + next + " was there before");
      case ENDED -> {
        // Why was told before, or is told in a moment.
      }
    }
    JudgeException ended = end;
    if (ended != null) {
      waiting.remove(next, durable);
      end(durable, ended);
    }
    return durable;
  }

  /** Completed when everything that was sent so far is durable. */
  CompletableFuture<Void> settled() {
    if (committed >= sequence) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> last = waiting.get(sequence);
    return last == null ? CompletableFuture.completedFuture(null) : last;
  }
}
