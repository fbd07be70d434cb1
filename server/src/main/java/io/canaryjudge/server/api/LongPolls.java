package io.canaryjudge.server.api;

import io.canaryjudge.server.run.RunSnapshot;
import io.canaryjudge.server.run.Runs;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Answers that are held back until a verdict is terminal. Each waits on a virtual thread of its own
 * and takes a place among the watches, so that waiting callers never keep others from asking.
 */
final class LongPolls {

  private final Runs runs;
  private final Watches watches;

  LongPolls(Runs runs, Watches watches) {
    this.runs = runs;
    this.watches = watches;
  }

  /**
   * Answers with the first terminal snapshot, or with the present one when time is over.
   *
   * @param runId which run; may throw
   * @param wait how long; may throw
   */
  <R> void answer(
      StreamObserver<R> observer,
      Supplier<String> runId,
      Supplier<Duration> wait,
      Function<RunSnapshot, R> message) {
    CompletableFuture<RunSnapshot> gone = new CompletableFuture<>();
    if (observer instanceof ServerCallStreamObserver<R> call) {
      call.setOnCancelHandler(() -> gone.cancel(false));
    }
    Thread.ofVirtual()
        .name("long-poll")
        .start(
            Context.current()
                .wrap(
                    () -> {
                      R answer;
                      try {
                        answer = message.apply(await(runId.get(), wait.get(), gone));
                      } catch (Exception e) {
                        if (!gone.isCancelled()) {
                          observer.onError(GrpcErrors.toStatus(e));
                        }
                        return;
                      }
                      observer.onNext(answer);
                      observer.onCompleted();
                    }));
  }

  private RunSnapshot await(String runId, Duration wait, CompletableFuture<RunSnapshot> ended)
      throws InterruptedException, ExecutionException {
    try (Watches.Place _ = watches.enter(ended::completeExceptionally)) {
      CompletableFuture<RunSnapshot> terminal = runs.awaitTerminal(runId);
      try {
        return terminal
            .applyToEither(ended, Function.identity())
            .get(wait.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException _) {
        return runs.snapshot(runId);
      } finally {
        terminal.cancel(false);
      }
    }
  }
}
