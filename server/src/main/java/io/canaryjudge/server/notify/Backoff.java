package io.canaryjudge.server.notify;

import java.util.random.RandomGenerator;

/** How long to wait after failures: 1 s, 2 s, 4 s … up to 5 min, less up to a half by chance. */
final class Backoff {

  private static final long FIRST_MILLIS = 1_000;
  private static final long MOST_MILLIS = 300_000;
  private static final int MOST_DOUBLINGS = 10;

  private Backoff() {}

  /**
   * Waits differ, so that what failed together does not come back together.
   *
   * @param attempts how many failed, at least 1
   */
  static long millis(int attempts, RandomGenerator random) {
    int doublings = Math.min(MOST_DOUBLINGS, Math.max(0, attempts - 1));
    long most = Math.min(MOST_MILLIS, FIRST_MILLIS << doublings);
    return most / 2 + random.nextLong(most / 2 + 1);
  }
}
