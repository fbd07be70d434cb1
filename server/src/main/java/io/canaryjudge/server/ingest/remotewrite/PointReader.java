package io.canaryjudge.server.ingest.remotewrite;

import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.run.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * Checks the points of one series after the other, and adds those that make sense. Used by one
 * thread.
 */
final class PointReader {

  /** The NaN by which Prometheus says that a series has ended. Another NaN is a value. */
  static final long STALE = 0x7ff0_0000_0000_0002L;

  private static final long NANOS_PER_MILLI = 1_000_000;

  /** In the year 2262. */
  private static final long MAX_MILLIS = Long.MAX_VALUE / NANOS_PER_MILLI;

  private final WritePoints points;
  private final SeriesLabels labels;
  private SeriesHead head = SeriesHead.NONE;

  /** Reads into {@code points}; {@code labels} are those of the present series, for errors. */
  PointReader(WritePoints points, SeriesLabels labels) {
    this.points = points;
    this.labels = labels;
  }

  /** The points that follow are of this series. */
  void open(SeriesHead next) {
    head = next;
  }

  /**
   * Takes a sample.
   *
   * @param bits of its value: a stale marker is lost where it is handled as a double
   * @param startMillis 0 if unknown. It may be after the sample by clocks that differ, and still
   *     says which start it was
   */
  void sample(long bits, long millis, long startMillis) {
    if (bits == STALE) {
      points.unwanted(1, 0);
      return;
    }
    double value = Double.longBitsToDouble(bits) + 0.0; // -0 is 0
    Problem problem = checkTime(millis);
    if (problem == null) {
      problem = checkValue(value);
    }
    if (problem != null) {
      refuse(1, 0, problem);
      return;
    }
    switch (head.meaning()) {
      case COUNT -> add(millis, startMillis, new PointValue.Count(value));
      case GAUGE -> add(millis, startMillis, new PointValue.Gauge(value));
      case BUCKET -> addBucket(millis, startMillis, value);
    }
  }

  private void addBucket(long millis, long startMillis, double value) {
    if (head.upperBound() >= 0) {
      add(millis, startMillis, new PointValue.ClassicBucket(head.upperBound(), value));
    } else if (value == 0) {
      points.unwanted(1, 0); // nothing is below 0, as should be
    } else {
      refuse(
          1,
          0,
          Problem.of(
              Refusal.NEGATIVE,
              "bucket up to " + head.upperBound(),
              value + " values",
              "no values below 0"));
    }
  }

  private void add(long millis, long startMillis, PointValue value) {
    points.addSample(head, startNanos(startMillis), millis * NANOS_PER_MILLI, value);
  }

  /** Takes a native histogram. */
  void histogram(NativeHistogram histogram, long startMillis) {
    if (histogram.isStale()) {
      points.unwanted(0, 1);
      return;
    }
    Problem problem = checkTime(histogram.millis());
    if (problem == null) {
      problem = histogram.check();
    }
    if (problem != null) {
      refuse(0, 1, problem);
      return;
    }
    if (histogram.isRounded()) {
      points.rounded();
    }
    points.addHistogram(
        head, startNanos(startMillis), histogram.millis() * NANOS_PER_MILLI, histogram.value());
  }

  private void refuse(long samples, long histograms, Problem problem) {
    points.refuse(
        samples, histograms, problem.reason(), () -> labels.shown() + " " + problem.text());
  }

  private static @Nullable Problem checkTime(long millis) {
    if (millis > 0 && millis <= MAX_MILLIS) {
      return null;
    }
    return Problem.of(
        millis > 0 ? Refusal.IN_FUTURE : Refusal.MALFORMED,
        "timestamp",
        millis,
        "milliseconds since 1970, above 0");
  }

  private static @Nullable Problem checkValue(double value) {
    if (value >= 0 && value < Double.POSITIVE_INFINITY) {
      return null;
    }
    return Problem.of(
        value < 0 && value > Double.NEGATIVE_INFINITY ? Refusal.NEGATIVE : Refusal.NOT_FINITE,
        "value",
        value,
        "finite, at least 0");
  }

  private static long startNanos(long millis) {
    return millis > 0 && millis <= MAX_MILLIS ? millis * NANOS_PER_MILLI : 0;
  }
}
