package io.canaryjudge.client;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one series has gathered and not yet sent: one delta per interval of time, at most as many as
 * the buffer holds. Thread-safe.
 */
abstract sealed class Series permits ProportionSeries, DistributionSeries {

  /** New observations of one interval. */
  interface Delta {
    /** How many observations it holds. */
    long observations();

    /** Adds it to a batch. */
    void addTo(BatchFiller batch, int seriesId);
  }

  private final int id;
  private final Recording recording;
  private final TreeMap<Long, Delta> intervals = new TreeMap<>();
  private boolean closed;

  Series(int id, Recording recording) {
    this.id = id;
    this.recording = recording;
  }

  int id() {
    return id;
  }

  /** The present time, epoch milliseconds. */
  final long nowMillis() {
    return recording.clock().millis();
  }

  /** An empty delta of an interval whose first observation is of this moment. */
  abstract Delta begin(long timeMillis);

  /**
   * The delta that takes an observation of this moment; null if the producer is closed. The caller
   * holds the lock of this series.
   */
  final @Nullable Delta deltaAt(long timeMillis, long observations) {
    recording.recorded().add(observations);
    if (closed) {
      recording.countUnsent(UnsentReason.CLOSED, observations);
      return null;
    }
    long start = recording.slicing().startOf(timeMillis);
    Delta delta = intervals.get(start);
    if (delta == null && intervals.size() >= recording.maxIntervals()) {
      switch (recording.whenFull()) {
        case DROP_OLDEST -> {
          long dropped = intervals.pollFirstEntry().getValue().observations();
          recording.countUnsent(UnsentReason.BUFFER_FULL, dropped);
        }
        case MERGE_INTO_NEWEST -> delta = intervals.lastEntry().getValue();
      }
    }
    if (delta == null) {
      delta = begin(timeMillis);
      intervals.put(start, delta);
    }
    return delta;
  }

  /** Counts an observation that makes no sense. */
  final void countInvalid(long observations) {
    recording.recorded().add(observations);
    recording.countUnsent(UnsentReason.INVALID, observations);
  }

  /** Takes the oldest delta out; null if nothing waits. */
  final synchronized @Nullable Delta poll() {
    Map.Entry<Long, Delta> first = intervals.pollFirstEntry();
    return first == null ? null : first.getValue();
  }

  /** Takes nothing new from now on; what waits can still be polled. */
  final synchronized void close() {
    closed = true;
  }

  final synchronized long pending() {
    return intervals.values().stream().mapToLong(Delta::observations).sum();
  }
}
