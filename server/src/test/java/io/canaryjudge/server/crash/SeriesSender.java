package io.canaryjudge.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends what a service counts as its own telemetry does: a request that is not answered is sent
 * again as it was until it is, and the next only then. Now and then it sends again what was
 * answered, as a sender does whose answer got lost.
 *
 * <p>One thread at a time lets it send; any may ask how far it is.
 */
final class SeriesSender {

  private static final int MOST_REQUESTS = 50;
  private static final long MOVE_ON_MILLIS = 60_000;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

  private final Protocol protocol;
  private final Times times;
  private final Random random;
  private final List<Counts> instances = new ArrayList<>();
  private byte[] pending = new byte[0];
  private byte[] answered = new byte[0];
  private long timeMillis;
  private final AtomicLong answers = new AtomicLong();
  private final AtomicLong repeats = new AtomicLong();

  /** How requests look, and how they are sent. */
  interface Protocol {

    /** Writes a request. */
    byte[] write(long fromMillis, long timeMillis, List<Counts> instances);

    /**
     * Sends a request.
     *
     * @return whether all of it was taken; false if it is to be sent again
     * @throws AssertionError if any of it was refused
     */
    boolean send(ServerVictim server, byte[] request) throws InterruptedException;
  }

  /** When the counts of a request were read; each later than the one before. */
  interface Times {
    long next(long beforeMillis);
  }

  /**
   * What an instance has counted.
   *
   * @param arm "1" or "2", which is its version, too
   * @param instance its name
   * @param total so far, by status 200 and 500 and three buckets each
   * @param news of these, what was counted since the request before
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Counts(String arm, String instance, long[][] total, long[][] news) {

    static final double[] BOUNDS = {0.1, 0.5};
    static final int[] STATUSES = {200, 500};

    long requests(int status) {
      return total[status][0] + total[status][1] + total[status][2];
    }

    private void advance(Random random) {
      for (int status = 0; status < STATUSES.length; status++) {
        for (int bucket = 0; bucket <= BOUNDS.length; bucket++) {
          news[status][bucket] = random.nextInt(status == 0 ? MOST_REQUESTS : 3);
          total[status][bucket] += news[status][bucket];
        }
      }
    }
  }

  SeriesSender(Protocol protocol, Times times, long beginMillis, Random random) {
    this.protocol = protocol;
    this.times = times;
    this.timeMillis = beginMillis;
    this.random = random;
    for (String arm : List.of("1", "2")) {
      for (String instance : List.of("a", "b")) {
        instances.add(new Counts(arm, arm + instance, new long[2][3], new long[2][3]));
      }
    }
  }

  /** Sends until so many requests in all are answered, or the server is gone. */
  void send(ServerVictim server, long until) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (answers.get() < until) {
      if (pending.length == 0) {
        next();
      }
      if (answered.length > 0 && random.nextInt(8) == 0 && protocol.send(server, answered)) {
        repeats.incrementAndGet();
      }
      if (protocol.send(server, pending)) {
        answered = pending;
        pending = new byte[0];
        answers.incrementAndGet();
      } else if (server.ended(20)) {
        return;
      }
      assertThat(System.nanoTime()).as("an answer in time").isLessThan(deadline);
    }
  }

  /**
   * Sends once more, with a time so much later that a retrospective run seals all that was sent
   * before.
   */
  void moveOn(ServerVictim server) throws InterruptedException {
    next(timeMillis + MOVE_ON_MILLIS);
    send(server, answers.get() + 1);
  }

  private void next() {
    next(times.next(timeMillis));
  }

  private void next(long now) {
    long before = timeMillis;
    timeMillis = now;
    instances.forEach(each -> each.advance(random));
    pending = protocol.write(before, timeMillis, instances);
  }

  /** How many requests were answered, each counted once. */
  long answers() {
    return answers.get();
  }

  /** How often a request was answered that had been answered before. */
  long repeats() {
    return repeats.get();
  }

  /** Time of the newest counts that were sent, epoch milliseconds. */
  long timeMillis() {
    return timeMillis;
  }

  /** All requests of an arm so far. */
  long requests(String arm) {
    return failures(arm) + sum(arm, 0);
  }

  /** Those that failed. */
  long failures(String arm) {
    return sum(arm, 1);
  }

  private long sum(String arm, int status) {
    assertThat(pending).as("all is answered").isEmpty();
    return instances.stream()
        .filter(each -> each.arm().equals(arm))
        .mapToLong(each -> each.requests(status))
        .sum();
  }
}
