package io.canaryjudge.server.ingest.remotewrite;

import io.canaryjudge.server.ingest.series.LabelNames;
import io.canaryjudge.server.ingest.series.Labels;
import io.canaryjudge.server.ingest.series.PrometheusNames;
import io.canaryjudge.server.run.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a series before its points.
 *
 * @param name in one spelling; of a bucket without {@code _bucket}
 * @param unit UCUM; empty if unknown
 * @param labels of a bucket without {@code le}
 * @param meaning what its samples say
 * @param upperBound of a bucket; may be negative or infinite
 * @param problem why none of its points can be taken; null if they can
 */
record SeriesHead(
    String name,
    String unit,
    Labels labels,
    Meaning meaning,
    double upperBound,
    @Nullable Problem problem) {

  /** What a sample of a series says. */
  enum Meaning {
    /** A counter. */
    COUNT,
    /** A reading. */
    GAUGE,
    /** One bucket of a classic histogram. */
    BUCKET
  }

  /** Of no series. */
  static final SeriesHead NONE = new SeriesHead("", "", Labels.NONE, Meaning.GAUGE, 0, null);

  private static final String LE = PrometheusNames.UPPER_BOUND;

  /**
   * Reads a head.
   *
   * <p>A sample's value does not tell a counter from a gauge. What the sender says about the type
   * decides; in version 1.0, whose requests with samples do not say it, the name does: {@code
   * _total}, {@code _count} and {@code _bucket} are counters by convention, all others are taken
   * for gauges. Whether a run reads such a gauge as a counter after all is not decided here.
   *
   * @param strict as in {@link SeriesLabels#check}
   */
  static SeriesHead of(SeriesLabels labels, boolean strict, MetricType type, String unit) {
    Problem bad = labels.check(strict);
    if (bad != null) {
      return refused(bad);
    }
    String name = LabelNames.normal(String.valueOf(labels.value(SeriesLabels.NAME)));
    String ucum = ucum(unit);
    if (PrometheusNames.isBucket(name)) {
      return bucket(PrometheusNames.wanted(name), ucum, labels, type);
    }
    Meaning meaning = isCounter(name, type) ? Meaning.COUNT : Meaning.GAUGE;
    return new SeriesHead(name, ucum, labels.without(null), meaning, 0, null);
  }

  private static SeriesHead bucket(String name, String unit, SeriesLabels labels, MetricType type) {
    if (type == MetricType.GAUGE_HISTOGRAM) {
      return refused(
          Problem.of(Refusal.WRONG_KIND, "type", "a gauge histogram", "counts that only grow"));
    }
    String le = labels.value(LE);
    double upperBound = PrometheusNames.upperBound(le);
    if (Double.isNaN(upperBound)) {
      return refused(
          Problem.of(Refusal.BAD_HISTOGRAM, LE, le == null ? "nothing" : le, "a number, or +Inf"));
    }
    return new SeriesHead(name, unit, labels.without(LE), Meaning.BUCKET, upperBound, null);
  }

  private static SeriesHead refused(Problem problem) {
    return new SeriesHead("", "", Labels.NONE, Meaning.GAUGE, 0, problem);
  }

  private static boolean isCounter(String name, MetricType type) {
    if (name.endsWith("_created")) {
      return false; // of the family of a counter, but the time at which it began
    }
    return switch (type) {
      case COUNTER, HISTOGRAM -> true;
      case SUMMARY -> name.endsWith("_count") || name.endsWith("_sum");
      case GAUGE, GAUGE_HISTOGRAM, INFO, STATESET -> false;
      case UNSPECIFIED -> PrometheusNames.isCounter(name);
    };
  }

  /** Prometheus spells base units out. */
  private static String ucum(String unit) {
    return switch (unit) {
      case "seconds" -> "s";
      case "milliseconds" -> "ms";
      case "bytes" -> "By";
      case "ratio" -> "1";
      default -> unit;
    };
  }
}
