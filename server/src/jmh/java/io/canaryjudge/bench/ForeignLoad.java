package io.canaryjudge.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Some senders of foreign series, each with series of its own and one request at a time, as a shard
 * of Prometheus or an exporter of OpenTelemetry has; as fast as they may, or at a given rate.
 */
final class ForeignLoad implements AutoCloseable {

  /**
   * The series that a process has, as far as the processes that a request is about have so many.
   */
  static final int SERIES_PER_PROCESS = 50;

  private final LongAdder points = new LongAdder();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<CompletableFuture<Void>> senders = new ArrayList<>();
  private volatile boolean stopping;

  /** Makes the request of a sender for a round. */
  @FunctionalInterface
  interface Maker {
    Request make(int sender, int round);
  }

  /**
   * Begins to send.
   *
   * @param rounds after so many the processes start again
   * @param pointsPerSecond over all senders; +Infinity for as fast as they may
   */
  ForeignLoad(
      ForeignTarget target,
      Maker maker,
      int rounds,
      int senderCount,
      int points,
      double pointsPerSecond) {
    long start = System.nanoTime();
    for (int i = 0; i < senderCount; i++) {
      int sender = i;
      double nanosPerRequest = 1e9 * points * senderCount / pointsPerSecond;
      long first = start + (long) (nanosPerRequest * i / senderCount);
      Request[] requests = new Request[rounds];
      for (int round = 0; round < rounds; round++) {
        requests[round] = maker.make(sender, round + 1);
      }
      senders.add(
          CompletableFuture.runAsync(
              () -> send(target, sender, requests, points, first, nanosPerRequest), threads));
    }
  }

  private void send(
      ForeignTarget target,
      int sender,
      Request[] requests,
      int pointsPerRequest,
      long first,
      double nanosPerRequest) {
    long startMillis = System.currentTimeMillis();
    long timeMillis = startMillis;
    for (long sent = 0; !stopping; sent++) {
      long due = first + (long) (sent * nanosPerRequest);
      for (long wait; (wait = due - System.nanoTime()) > 0 && !stopping; ) {
        LockSupport.parkNanos(Math.min(wait, 50_000_000));
      }
      int round = (int) (sent % requests.length);
      timeMillis = Math.max(timeMillis + 1, System.currentTimeMillis());
      if (round == 0) {
        startMillis = timeMillis - 1;
      }
      target.send(sender, requests[round].at(startMillis, timeMillis));
      points.add(pointsPerRequest);
    }
  }

  /** Points that were acknowledged so far. */
  long points() {
    return points.sum();
  }

  /** Sends no more, and waits until all that was sent is acknowledged. */
  void stopAndWait() {
    stopping = true;
    CompletableFuture.allOf(senders.toArray(CompletableFuture[]::new))
        .orTimeout(1, TimeUnit.MINUTES)
        .join();
  }

  @Override
  public void close() {
    stopping = true;
    threads.shutdownNow();
  }
}
