package io.canaryjudge.server.run;

import io.canaryjudge.server.store.ProducerProgress;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far each producer of a run is: what was collected from it, and of that what is durable.
 *
 * <p>Owned by the run's owner.
 */
final class Producers {

  private static final ProducerProgress NOTHING = new ProducerProgress(0, 0, false);

  private final SortedMap<String, ProducerProgress> collected = new TreeMap<>();
  private final SortedMap<String, ProducerProgress> changed = new TreeMap<>();
  private final SortedMap<String, Long> committed = new TreeMap<>();

  Producers(SortedMap<String, ProducerProgress> progress) {
    collected.putAll(progress);
    progress.forEach((name, each) -> committed.put(name, each.sequence()));
  }

  boolean knows(String producer) {
    return collected.containsKey(producer);
  }

  int count() {
    return collected.size();
  }

  /** Whether all there are is telemetry, which never says that something is the last of it. */
  boolean allTelemetry() {
    return !collected.isEmpty() && collected.keySet().stream().allMatch(Door::isOwn);
  }

  /** Counts a producer that opened its first stream. */
  void open(String producer) {
    if (collected.putIfAbsent(producer, NOTHING) == null) {
      changed.put(producer, NOTHING);
    }
  }

  /** The last batch that was collected. */
  long collected(String producer) {
    return collected.getOrDefault(producer, NOTHING).sequence();
  }

  /** The last batch that is durable. */
  long committed(String producer) {
    return committed.getOrDefault(producer, 0L);
  }

  void collect(String producer, Partial partial) {
    ProducerProgress before = collected.getOrDefault(producer, NOTHING);
    ProducerProgress after =
        new ProducerProgress(
            partial.lastSequence(),
            Math.max(before.watermarkMillis(), partial.watermarkMillis()),
            before.last() || partial.last());
    collected.put(producer, after);
    changed.put(producer, after);
  }

  /** What changed since the last call. */
  SortedMap<String, ProducerProgress> cut() {
    SortedMap<String, ProducerProgress> cut = new TreeMap<>(changed);
    changed.clear();
    return cut;
  }

  /** What was cut is durable. */
  void commit(SortedMap<String, ProducerProgress> cut) {
    cut.forEach((name, each) -> committed.put(name, each.sequence()));
  }

  /**
   * The moment before which no producer sends anything any more, epoch milliseconds: the lowest of
   * their watermarks. {@code Long.MAX_VALUE} if each has sent its last batch, {@code
   * Long.MIN_VALUE} while fewer than {@code expected} have opened.
   */
  long watermarkMillis(int expected) {
    if (collected.size() < Math.max(1, expected)) {
      return Long.MIN_VALUE;
    }
    long lowest = Long.MAX_VALUE;
    for (ProducerProgress progress : collected.values()) {
      if (!progress.last()) {
        lowest = Math.min(lowest, progress.watermarkMillis());
      }
    }
    return lowest;
  }
}
