package io.canaryjudge.server.ingest.series;

import io.canaryjudge.server.run.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * How far a series was counted: turns running totals into what is new, and each point into no more
 * than one effect.
 */
final class SeriesState {

  /** What a point brings. */
  sealed interface Step {

    /**
     * Something to count, which may be nothing but zeros.
     *
     * @param timeNanos when it was there, epoch nanoseconds
     */
    record Counted(Totals totals, long timeNanos) implements Step {}

    /** A running total whose beginning is not known: what follows is counted from here. */
    record Baseline() implements Step {}

    /** It was counted before. */
    record Repeated() implements Step {}

    /** What it would bring cannot be told. */
    record Refused(Refusal reason, String example) implements Step {}
  }

  private long startNanos;
  private long timeNanos;
  private @Nullable Totals totals;

  /** A series of which nothing came yet. */
  SeriesState() {}

  SeriesState(long startNanos, long timeNanos, @Nullable Totals totals) {
    this.startNanos = startNanos;
    this.timeNanos = timeNanos;
    this.totals = totals;
  }

  long startNanos() {
    return startNanos;
  }

  /** Time of the newest point, epoch nanoseconds; 0 if none came yet. */
  long timeNanos() {
    return timeNanos;
  }

  @Nullable Totals totals() {
    return totals;
  }

  /**
   * Takes a point.
   *
   * @param now its content
   * @param newborn whether everything it counted happened in the run, if nothing came before
   * @param processStartNanos when its process started, as far as known; else 0
   */
  Step take(SeriesPoint point, Totals now, boolean newborn, long processStartNanos) {
    if (point.timeNanos() <= timeNanos) {
      return new Step.Repeated();
    }
    Step step =
        switch (point.temporality()) {
          case DELTA -> delta(point, now);
          case CUMULATIVE -> cumulative(point, now, newborn, processStartNanos);
        };
    startNanos = point.startNanos();
    timeNanos = point.timeNanos();
    totals = point.temporality() == Temporality.CUMULATIVE ? now : null;
    return step;
  }

  private Step delta(SeriesPoint point, Totals now) {
    boolean overlaps = timeNanos > 0 && point.startNanos() > 0 && point.startNanos() < timeNanos;
    return overlaps
        ? new Step.Refused(
            Refusal.MALFORMED,
            point.name()
                + ": starts at "
                + point.startNanos()
                + " ns (expected: at or after "
                + timeNanos
                + ", the end of the point before)")
        : counted(point, now);
  }

  private Step cumulative(SeriesPoint point, Totals now, boolean newborn, long processStartNanos) {
    Totals before = totals;
    if (before == null) {
      return newborn ? counted(point, now) : new Step.Baseline();
    }
    if ((startNanos > 0 && point.startNanos() > startNanos) || processStartNanos > timeNanos) {
      return counted(point, now); // its counter or its process started again
    }
    return switch (now.since(before)) {
      case Totals.Difference.Known(Totals difference) -> counted(point, difference);
      case Totals.Difference.Not(Totals.Unknown why) ->
          switch (why) {
            case OTHER_BUCKETS ->
                new Step.Refused(
                    Refusal.BAD_HISTOGRAM,
                    point.name() + ": other buckets than before (expected: the same)");
            // Without a start time a lower value is how a restart shows.
            case DECREASED ->
                point.startNanos() == 0
                    ? counted(point, now)
                    : new Step.Refused(
                        Refusal.NEGATIVE,
                        point.name()
                            + ": "
                            + now.count()
                            + " after "
                            + before.count()
                            + " (expected: no less, or a later start time)");
          };
    };
  }

  private static Step counted(SeriesPoint point, Totals totals) {
    return new Step.Counted(totals, point.timeNanos());
  }

  /** Takes a reading, which has no memory; returns whether it is news. */
  boolean isNews(SeriesPoint point) {
    if (point.timeNanos() <= timeNanos) {
      return false;
    }
    timeNanos = point.timeNanos();
    return true;
  }
}
