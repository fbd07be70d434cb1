package io.canaryjudge.server.ingest.pull;

import io.canaryjudge.server.ingest.series.LabelNames;
import io.canaryjudge.server.ingest.series.Labels;
import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.ingest.series.PrometheusNames;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.ingest.series.Temporality;
import io.canaryjudge.server.run.Refusal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A series of an answer, and what its samples mean.
 *
 * @param name in one spelling; of a bucket without {@code _bucket}
 * @param labels but for the name, and of a bucket without {@code le}
 * @param exposed the name as it came
 * @param upperBound of a bucket; NaN if it has none
 */
record SeriesForm(String name, Labels labels, String exposed, double upperBound) {

  private static final int MAX_LABELS = 64;
  private static final int MAX_LENGTH = 2_048;
  private static final long MAX_MILLIS = Long.MAX_VALUE / 1_000_000;

  /** Why a point is refused. */
  record Problem(Refusal reason, String text) {}

  static SeriesForm of(Map<String, String> metric) {
    String exposed = LabelNames.normal(metric.getOrDefault(PrometheusNames.NAME, ""));
    boolean bucket = PrometheusNames.isBucket(exposed);
    Labels.Builder labels = new Labels.Builder();
    metric.forEach(
        (key, value) -> {
          boolean bound = bucket && key.equals(PrometheusNames.UPPER_BOUND);
          if (!key.equals(PrometheusNames.NAME) && !bound) {
            labels.add(key, value);
          }
        });
    double upperBound =
        bucket ? PrometheusNames.upperBound(metric.get(PrometheusNames.UPPER_BOUND)) : Double.NaN;
    return new SeriesForm(PrometheusNames.wanted(exposed), labels.build(), exposed, upperBound);
  }

  /** What is wrong with all its points; null if nothing is. */
  @Nullable Problem check() {
    if (labels.size() > MAX_LABELS) {
      return problem(Refusal.LIMIT, "labels", labels.size(), "at most " + MAX_LABELS);
    }
    for (int i = 0; i < labels.size(); i++) {
      int length = Math.max(labels.key(i).length(), labels.value(i).length());
      if (length > MAX_LENGTH) {
        return problem(Refusal.LIMIT, "labels", length + " characters", "at most " + MAX_LENGTH);
      }
    }
    boolean noBound = isBucket() && Double.isNaN(upperBound);
    return noBound ? problem(Refusal.BAD_HISTOGRAM, "le", "none", "a number, or +Inf") : null;
  }

  /** What is wrong with a point; null if nothing is. */
  @Nullable Problem check(double seconds, double value) {
    if (!(seconds > 0)) {
      return problem(Refusal.MALFORMED, "time", seconds, "seconds since 1970, above 0");
    }
    if (!(seconds * 1_000 <= MAX_MILLIS)) {
      return problem(Refusal.IN_FUTURE, "time", seconds, "seconds since 1970, before 2262");
    }
    if (!Double.isFinite(value)) {
      return problem(Refusal.NOT_FINITE, "value", value, "finite, at least 0");
    }
    if (value < 0) {
      return problem(Refusal.NEGATIVE, "value", value, "finite, at least 0");
    }
    return isBucket() && upperBound < 0 && value > 0
        ? problem(Refusal.NEGATIVE, "bucket up to " + upperBound, value, "no values below 0")
        : null;
  }

  /** Whether a point without {@linkplain #check problem} says nothing. */
  boolean isEmpty() {
    return isBucket() && upperBound < 0;
  }

  /** A point without problem. */
  SeriesPoint point(double seconds, double value) {
    double count = value + 0.0; // -0 is 0
    PointValue meaning;
    if (isBucket()) {
      meaning = new PointValue.ClassicBucket(upperBound, count);
    } else if (PrometheusNames.isCounter(exposed)) {
      meaning = new PointValue.Count(count);
    } else {
      meaning = new PointValue.Gauge(count);
    }
    return new SeriesPoint(
        name,
        "",
        labels,
        Temporality.CUMULATIVE,
        0,
        Math.round(seconds * 1_000) * 1_000_000,
        meaning);
  }

  private boolean isBucket() {
    return PrometheusNames.isBucket(exposed);
  }

  private Problem problem(Refusal reason, String field, Object came, String expected) {
    String shown = exposed + labels;
    return new Problem(
        reason,
        (shown.length() <= 200 ? shown : shown.substring(0, 200) + "…")
            + " "
            + field
            + ": "
            + came
            + " (expected: "
            + expected
            + ")");
  }
}
