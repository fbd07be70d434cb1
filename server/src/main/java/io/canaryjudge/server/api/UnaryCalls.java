package io.canaryjudge.server.api;

import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;

/**
 * Answers unary calls on virtual threads, since they may wait for the database and the transport's
 * threads may not. At most so many at once: more are refused, which is cheaper for everybody than
 * letting them queue.
 */
public final class UnaryCalls {

  private final String limit;
  private final int maxInProgress;
  private final Semaphore free;

  /**
   * Begins with none in progress.
   *
   * @param limit what a refusal names as the limit
   * @param maxInProgress how many calls may be in progress at once; at least 1
   */
  public UnaryCalls(String limit, int maxInProgress) {
    this.limit = limit;
    this.maxInProgress = maxInProgress;
    this.free = new Semaphore(maxInProgress);
  }

  /**
   * Answers a call with what {@code work} returns, or with the status of what it throws.
   *
   * @param observer where the answer goes
   * @param work may wait; runs in the context of the call, so that {@link CallContext} works
   */
  public <R> void answer(StreamObserver<R> observer, Callable<R> work) {
    if (observer instanceof ServerCallStreamObserver<R> call) {
      // Without a handler, answering a call that its client has given up would throw.
      call.setOnCancelHandler(() -> {});
    }
    if (!free.tryAcquire()) {
      observer.onError(GrpcErrors.toStatus(Errors.limitReached(limit, maxInProgress)));
      return;
    }
    Thread.ofVirtual().name("query").start(Context.current().wrap(() -> run(observer, work)));
  }

  private <R> void run(StreamObserver<R> observer, Callable<R> work) {
    R answer;
    try {
      answer = work.call();
    } catch (Throwable e) {
      observer.onError(GrpcErrors.toStatus(e));
      return;
    } finally {
      free.release();
    }
    observer.onNext(answer);
    observer.onCompleted();
  }
}
