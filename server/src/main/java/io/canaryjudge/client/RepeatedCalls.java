package io.canaryjudge.client;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Repeats calls that are safe to repeat, while the judge is out of reach. Thread-safe. */
final class RepeatedCalls<S extends AbstractStub<S>> {

  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);

  private final ManagedChannel channel;
  private final S stub;
  private final Duration retryTimeout;

  /**
   * Prepares calls.
   *
   * @param retryTimeout for how long a call is tried again; zero for a single try
   */
  RepeatedCalls(ManagedChannel channel, S stub, Duration retryTimeout) {
    this.channel = channel;
    this.stub = stub;
    this.retryTimeout = retryTimeout;
  }

  /** Calls, again if need be. */
  <T> T repeat(Function<S, T> call) throws InterruptedException {
    return repeat(CALL_TIMEOUT, call);
  }

  /**
   * Calls, again if need be.
   *
   * @param callTimeout deadline of each try
   */
  <T> T repeat(Duration callTimeout, Function<S, T> call) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + retryTimeout.toNanos();
    var backoff = backoff();
    while (true) {
      try {
        return call.apply(stub.withDeadlineAfter(callTimeout.toMillis(), TimeUnit.MILLISECONDS));
      } catch (StatusRuntimeException e) {
        JudgeCallException broken = JudgeCallException.of(e);
        Duration left = Duration.ofNanos(deadlineNanos - System.nanoTime());
        if (!broken.mayPass() || !left.isPositive()) {
          throw broken;
        }
        pause(backoff, broken, left);
      }
    }
  }

  /** Waits before the next try. */
  void pause(Backoff backoff, JudgeCallException broken, Duration atMost)
      throws InterruptedException {
    long millis = Math.max(backoff.nextMillis(), broken.retryAfter().toMillis());
    Thread.sleep(Math.min(millis, Math.max(1, atMost.toMillis())));
    channel.resetConnectBackoff();
  }

  /** How long the times between tries are. */
  static Backoff backoff() {
    return new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), ThreadLocalRandom.current());
  }
}
