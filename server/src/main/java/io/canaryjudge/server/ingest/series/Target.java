package io.canaryjudge.server.ingest.series;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.server.run.IngestSession;
import io.canaryjudge.server.run.RunSeries;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A process that series come from by one door.
 *
 * <p>It answers what a running total of a new series means. A canary is always young, and the first
 * failure makes a new series: starting each at its first point would lose failures of the canary
 * alone. Everything a new series has counted is new if its process started in the run, or if points
 * of that process had come before and this series was not among them.
 */
final class Target {

  private final Arm arm;
  private final String instance;
  private final String noteKey;
  private long firstNanos;
  private long startNanos;
  private int series;
  private final Map<SamplesKey, RunSeries> samples = new HashMap<>();

  private record SamplesKey(int metric, String stratum) {}

  Target(Arm arm, String instance, String noteKey) {
    this.arm = arm;
    this.instance = instance;
    this.noteKey = noteKey;
  }

  void restore(long storedFirstNanos, long storedStartNanos) {
    firstNanos = storedFirstNanos;
    startNanos = storedStartNanos;
  }

  Arm arm() {
    return arm;
  }

  String instance() {
    return instance;
  }

  String noteKey() {
    return noteKey;
  }

  /** Time of the first point that came, epoch nanoseconds; 0 if none did. */
  long firstNanos() {
    return firstNanos;
  }

  /** How many of its series feed the run. */
  int series() {
    return series;
  }

  void addSeries() {
    series++;
  }

  /** When it started, epoch nanoseconds; 0 if unknown. */
  long startNanos() {
    return startNanos;
  }

  /** Takes note of a point; returns whether that is news. */
  boolean seen(long timeNanos) {
    if (firstNanos != 0) {
      return false;
    }
    firstNanos = timeNanos;
    return true;
  }

  /** Takes note of when it started; returns whether that is news. */
  boolean started(long nanos) {
    if (nanos <= startNanos) {
      return false;
    }
    startNanos = nanos;
    samples.clear(); // they say when it started
    return true;
  }

  /**
   * Where the samples of all its series go that feed one metric, and are of one stratum; null if
   * the arm has too many instances.
   */
  @Nullable RunSeries samples(int metric, String stratum, IngestSession session) {
    SamplesKey key = new SamplesKey(metric, stratum);
    RunSeries known = samples.get(key);
    if (known == null) {
      known = session.series(metric, arm, stratum, instance, startMillis());
      if (known != null) {
        samples.put(key, known);
      }
    }
    return known;
  }

  private OptionalLong startMillis() {
    return startNanos == 0 ? OptionalLong.empty() : OptionalLong.of(startNanos / 1_000_000);
  }

  /** Whether all that a new series counted happened in a run which began at {@code beginNanos}. */
  boolean isNewborn(SeriesPoint point, long beginNanos) {
    return point.startNanos() >= beginNanos
        || startNanos >= beginNanos
        || (firstNanos != 0 && point.timeNanos() > firstNanos);
  }
}
