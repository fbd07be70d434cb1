package io.canaryjudge.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Waiting times that double up to a bound, each shortened at random by up to half, so that many
 * clients of one server do not come back at the same moment. Owned by one thread.
 */
final class Backoff {

  private final long firstMillis;
  private final long greatestMillis;
  private final RandomGenerator random;
  private long nextMillis;

  /** Waits {@code first}, then twice as long each time, up to {@code greatest}. */
  Backoff(Duration first, Duration greatest, RandomGenerator random) {
    this.firstMillis = first.toMillis();
    this.greatestMillis = greatest.toMillis();
    if (!(firstMillis >= 1) || !(greatestMillis >= firstMillis)) {
      throw new IllegalArgumentException(
          "backoff: %s to %s (expected: at least 1 ms, and rising)".formatted(first, greatest));
    }
    this.random = random;
    this.nextMillis = firstMillis;
  }

  /** How long to wait before the next try. */
  long nextMillis() {
    long bound = nextMillis;
    nextMillis = Math.min(greatestMillis, bound * 2);
    return bound - random.nextLong(bound / 2 + 1);
  }

  /** Begins anew, after a success. */
  void reset() {
    nextMillis = firstMillis;
  }
}
