package io.canaryjudge.client;

import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.proto.v1.WatchVerdictRequest;
import io.canaryjudge.proto.v1.WatchVerdictResponse;
import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One stream of {@code Judge.WatchVerdict}, read at leisure: holds the newest verdict only, so a
 * slow reader costs nothing.
 */
final class VerdictWatch
    implements ClientResponseObserver<WatchVerdictRequest, WatchVerdictResponse>, AutoCloseable {

  /** What {@link #await} found. */
  enum Event {
    /** A verdict or a heartbeat came. */
    MESSAGE,
    /** The stream ended. */
    ENDED,
    /** Nothing came in time. */
    NOTHING
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable ClientCallStreamObserver<WatchVerdictRequest> call;
  private @Nullable Verdict newest;
  private boolean message;
  private boolean ended;
  private @Nullable Throwable error;

  VerdictWatch(Channel channel, String run, long afterRevision) {
    JudgeGrpc.newStub(channel)
        .watchVerdict(
            WatchVerdictRequest.newBuilder()
                .setAnalysisRun(run)
                .setAfterRevision(afterRevision)
                .build(),
            this);
  }

  /** Waits for the next message or the end. */
  Event await(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (!message && !ended) {
        if (left <= 0) {
          return Event.NOTHING;
        }
        left = changed.awaitNanos(left);
      }
      if (message) {
        message = false;
        return Event.MESSAGE;
      }
      return Event.ENDED;
    } finally {
      lock.unlock();
    }
  }

  /** Takes the newest verdict that was not yet taken; null if there is none. */
  @Nullable Verdict take() {
    lock.lock();
    try {
      Verdict taken = newest;
      newest = null;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Why the stream ended; null after OK. */
  @Nullable Throwable error() {
    lock.lock();
    try {
      return error;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WatchVerdictRequest> call) {
    this.call = call;
  }

  @Override
  public void onNext(WatchVerdictResponse response) {
    change(
        () -> {
          message = true;
          if (response.hasVerdict()) {
            newest = response.getVerdict();
          }
        });
  }

  @Override
  public void onError(Throwable cause) {
    change(
        () -> {
          ended = true;
          error = cause;
        });
  }

  @Override
  public void onCompleted() {
    change(() -> ended = true);
  }

  @Override
  public void close() {
    if (call != null) {
      call.cancel("not interested any more", null);
    }
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
