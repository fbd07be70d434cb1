package io.canaryjudge.server;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Hands on what arrives, and an error to a future.
 *
 * @param each takes each message
 * @param failure fails if the call does
 */
record Collector<T>(Consumer<T> each, CompletableFuture<?> failure) implements StreamObserver<T> {

  @Override
  public void onNext(T value) {
    each.accept(value);
  }

  @Override
  public void onError(Throwable error) {
    failure.completeExceptionally(error);
  }

  @Override
  public void onCompleted() {}
}
