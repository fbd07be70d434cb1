package io.canaryjudge.client;

/**
 * What a producer does when the buffer of a series is full, because the judge was out of reach for
 * longer than it holds. Never silent: {@link ProducerStats} counts what was dropped.
 */
public enum WhenFull {
  /**
   * Drops the oldest interval. Its window is sealed long since, so the judge would refuse it as
   * LATE; what is fresh can still be judged.
   */
  DROP_OLDEST,
  /**
   * Drops nothing: adds to the newest interval, whose time is then too early. Every count reaches
   * the judge, which refuses the whole interval if its window is sealed.
   */
  MERGE_INTO_NEWEST
}
