package io.canaryjudge.demo;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Users: requests that arrive at random times, whether or not earlier ones were answered, each to
 * an instance chosen at random.
 *
 * <p>A latency counts from when the request was due. If this machine stalls, the requests that had
 * to wait are slow, as they would be for users, instead of never having been made ("coordinated
 * omission"); and since every request draws its arm by lot, a stall meets both arms alike.
 */
final class Traffic implements AutoCloseable {

  private static final int REQUEST_TIMEOUT_MILLIS = 5_000;
  private static final int MAX_IN_FLIGHT = 2_000;

  private final double requestsPerSecond;
  private final RandomGenerator random;
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore inFlight = new Semaphore(MAX_IN_FLIGHT);
  private final LongAdder ended = new LongAdder();
  private final LongAdder shed = new LongAdder();
  private final Thread arrivals;
  private volatile List<CheckoutInstance> targets = List.of();
  private volatile Consumer<Observation> observer = observation -> {};
  private volatile boolean closed;

  /**
   * Starts to send as soon as there are targets.
   *
   * @param requestsPerSecond mean rate of arrivals, above 0
   * @param seed makes arrival times and choices repeatable
   */
  Traffic(double requestsPerSecond, long seed) {
    if (!(requestsPerSecond > 0 && requestsPerSecond <= 5_000)) {
      throw new IllegalArgumentException(
          "rate: " + requestsPerSecond + " (expected: in (0, 5000] requests per second)");
    }
    this.requestsPerSecond = requestsPerSecond;
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    this.arrivals = Thread.ofPlatform().daemon().name("traffic").start(this::arrive);
  }

  /**
   * Routes requests to these instances from now on, each with the same chance.
   *
   * @param observer hears of each request that ends from now on, on the request's thread
   */
  void route(List<CheckoutInstance> targets, Consumer<Observation> observer) {
    this.observer = observer;
    this.targets = List.copyOf(targets);
  }

  /**
   * Waits until the first requests, for which nothing was compiled and connected yet, are through.
   *
   * @return whether it took no longer than that
   */
  boolean settle(Duration atMost) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + atMost.toNanos();
    double usuallyInFlight = requestsPerSecond * 0.15;
    while (ended.sum() < 2 * requestsPerSecond
        || MAX_IN_FLIGHT - inFlight.availablePermits() > usuallyInFlight) {
      if (System.nanoTime() - deadlineNanos > 0) {
        return false;
      }
      Thread.sleep(20);
    }
    return true;
  }

  /** Requests that were not made because too many were in flight. */
  long shed() {
    return shed.sum();
  }

  @Override
  public void close() {
    closed = true;
    arrivals.interrupt();
    requests.shutdownNow();
  }

  private void arrive() {
    long dueNanos = System.nanoTime();
    while (!closed) {
      List<CheckoutInstance> now = targets;
      if (now.isEmpty()) {
        LockSupport.parkNanos(1_000_000);
        dueNanos = System.nanoTime();
        continue;
      }
      dueNanos += (long) (-Math.log1p(-random.nextDouble()) / requestsPerSecond * 1e9);
      // Interrupted or early: look again. Late: go on at once, the request is overdue.
      for (long wait; (wait = dueNanos - System.nanoTime()) > 0 && !closed; ) {
        LockSupport.parkNanos(wait);
      }
      CheckoutInstance target = now.get(random.nextInt(now.size()));
      if (closed) {
        return;
      }
      if (inFlight.tryAcquire()) {
        long due = dueNanos;
        requests.execute(() -> request(target, due));
      } else {
        shed.increment();
      }
    }
  }

  private void request(CheckoutInstance target, long dueNanos) {
    int status = 0;
    try {
      var connection = (HttpURLConnection) target.uri().toURL().openConnection();
      connection.setConnectTimeout(REQUEST_TIMEOUT_MILLIS);
      connection.setReadTimeout(REQUEST_TIMEOUT_MILLIS);
      int answered = connection.getResponseCode();
      // Read to its end, or the connection is not kept for the next request.
      try (InputStream body =
          answered >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
        body.readAllBytes();
      }
      status = answered;
    } catch (IOException noAnswer) {
      // Status 0 says so.
    } finally {
      inFlight.release();
      ended.increment();
    }
    if (!closed) {
      observer.accept(new Observation(target, status, (System.nanoTime() - dueNanos) / 1e9));
    }
  }
}
