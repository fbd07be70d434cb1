package io.canaryjudge.server.api;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Everything that waits for verdicts, at both doors: at most so many at once, with heartbeats, and
 * ended together when the server stops.
 */
public final class Watches implements AutoCloseable {

  private final int max;
  private final Semaphore free;
  private final Duration heartbeat;
  private final ScheduledExecutorService timer;
  private final Set<Place> places = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  /**
   * Begins with none.
   *
   * @param max how many may wait at once
   * @param heartbeat longest silence on a watch
   */
  public Watches(int max, Duration heartbeat) {
    this.max = max;
    this.free = new Semaphore(max);
    this.heartbeat = heartbeat;
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("heartbeat").factory());
  }

  /** One of the places; given back when closed. */
  final class Place implements AutoCloseable {

    private final Consumer<JudgeException> end;

    private Place(Consumer<JudgeException> end) {
      this.end = end;
    }

    @Override
    public void close() {
      if (places.remove(this)) {
        free.release();
      }
    }
  }

  /**
   * Takes a place.
   *
   * @param end called with DRAINING when the server stops; must not block
   * @throws JudgeException LIMIT_REACHED if all are taken, DRAINING if the server stops already
   */
  Place enter(Consumer<JudgeException> end) {
    if (!free.tryAcquire()) {
      throw Errors.limitReached("grpc.max-watches", max);
    }
    Place place = new Place(end);
    places.add(place);
    // Looked at after entering: either this sees the drain, or the drain sees the place.
    if (draining) {
      place.close();
      throw stopping();
    }
    return place;
  }

  /**
   * Calls so often that a heartbeat which is sent at every call without a message since the last is
   * never later than promised.
   */
  ScheduledFuture<?> tick(Runnable beat) {
    long period = Math.max(1, heartbeat.toMillis() / 2);
    return timer.scheduleAtFixedRate(beat, period, period, TimeUnit.MILLISECONDS);
  }

  /** How many wait now. */
  int inProgress() {
    return places.size();
  }

  /** Ends all of them, and takes no more. */
  public void drain() {
    draining = true;
    for (Place place : places) {
      place.end.accept(stopping());
    }
  }

  private static JudgeException stopping() {
    return JudgeException.of(
        ErrorReason.DRAINING, "the server is stopping: connect again and resume");
  }

  /** Stops the heartbeats. */
  @Override
  public void close() {
    drain();
    timer.shutdownNow();
  }
}
