package io.canaryjudge.server.ingest.otlp;

import io.canaryjudge.server.ingest.series.LabelNames;
import io.canaryjudge.server.ingest.series.Labels;
import io.canaryjudge.server.ingest.series.Memo;
import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.ingest.series.SeriesRequest;
import io.canaryjudge.server.ingest.series.Temporality;
import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.Refusal;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.DataPointFlags;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.util.List;
import java.util.function.Predicate;

/**
 * Reads the points of an export, one by one: a bad one is refused and harms no other.
 *
 * <p>Metrics that nobody wants are passed over by their name, and nothing of their points is looked
 * at. Nor is anything taken of summaries, whose quantiles cannot be added up, and of points that
 * say that nothing was recorded.
 */
final class OtlpReader {

  static final int MAX_POINTS = 20_000;
  static final int MAX_UNIT_LENGTH = 256;

  private static final int NOTHING_RECORDED =
      DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK_VALUE;
  private static final int MAX_EXAMPLE_NAME_LENGTH = 100;

  private final Predicate<String> wants;
  private final SeriesRequest request = new SeriesRequest(Door.OTLP);

  private final Memo.Key key = new Memo.Key();
  private final HistogramValues histogramValues = new HistogramValues();

  private OtlpReader(Predicate<String> wants) {
    this.wants = wants;
  }

  /**
   * Reads an export.
   *
   * @param wants whether anybody wants series of a name, in its one spelling
   * @param memo labels that were made before
   * @param isKnown whether a run may be made of series with these labels
   */
  static SeriesRequest read(
      ExportMetricsServiceRequest export,
      Predicate<String> wants,
      Memo<Labels> memo,
      Predicate<Labels> isKnown) {
    OtlpReader reader = new OtlpReader(wants);
    for (ResourceMetrics resource : export.getResourceMetricsList()) {
      for (ScopeMetrics scope : resource.getScopeMetricsList()) {
        PointLabels labels =
            new PointLabels(resource.getResource(), scope.getScope(), memo, reader.key, isKnown);
        for (Metric metric : scope.getMetricsList()) {
          reader.read(metric, labels);
        }
      }
    }
    return reader.request;
  }

  /** What the points of one metric have in common. */
  private record Series(String name, String unit, Temporality temporality, PointLabels labels) {}

  /** Reads what a point says. */
  @FunctionalInterface
  private interface Value {
    PointValue read() throws BadPoint;
  }

  private void read(Metric metric, PointLabels labels) {
    int points = points(metric);
    String name = LabelNames.normal(metric.getName());
    if (points == 0 || !wants.test(name)) {
      request.unwanted(points);
      return;
    }
    try {
      if (metric.getUnit().length() > MAX_UNIT_LENGTH) {
        throw new BadPoint(
            Refusal.LIMIT,
            "unit",
            metric.getUnit().length() + " characters",
            "at most " + MAX_UNIT_LENGTH);
      }
      Series series = new Series(name, metric.getUnit(), temporality(metric), labels);
      switch (metric.getDataCase()) {
        case GAUGE -> readGauges(metric.getGauge().getDataPointsList(), series);
        case SUM -> readSums(metric, series);
        case HISTOGRAM -> {
          for (HistogramDataPoint point : metric.getHistogram().getDataPointsList()) {
            take(
                series,
                point.getAttributesList(),
                point.getFlags(),
                point.getStartTimeUnixNano(),
                point.getTimeUnixNano(),
                () -> histogramValues.explicit(point));
          }
        }
        case EXPONENTIAL_HISTOGRAM -> {
          for (ExponentialHistogramDataPoint point :
              metric.getExponentialHistogram().getDataPointsList()) {
            take(
                series,
                point.getAttributesList(),
                point.getFlags(),
                point.getStartTimeUnixNano(),
                point.getTimeUnixNano(),
                () -> histogramValues.exponential(point));
          }
        }
        case SUMMARY, DATA_NOT_SET -> request.unwanted(points);
      }
    } catch (BadPoint e) {
      refuse(name, points, e);
    }
  }

  private static int points(Metric metric) {
    return switch (metric.getDataCase()) {
      case GAUGE -> metric.getGauge().getDataPointsCount();
      case SUM -> metric.getSum().getDataPointsCount();
      case HISTOGRAM -> metric.getHistogram().getDataPointsCount();
      case EXPONENTIAL_HISTOGRAM -> metric.getExponentialHistogram().getDataPointsCount();
      case SUMMARY -> metric.getSummary().getDataPointsCount();
      case DATA_NOT_SET -> 0;
    };
  }

  private static Temporality temporality(Metric metric) throws BadPoint {
    return switch (metric.getDataCase()) {
      case SUM -> temporality(metric.getSum().getAggregationTemporality());
      case HISTOGRAM -> temporality(metric.getHistogram().getAggregationTemporality());
      case EXPONENTIAL_HISTOGRAM ->
          temporality(metric.getExponentialHistogram().getAggregationTemporality());
      case GAUGE, SUMMARY, DATA_NOT_SET -> Temporality.CUMULATIVE; // has none
    };
  }

  private static Temporality temporality(AggregationTemporality temporality) throws BadPoint {
    return switch (temporality) {
      case AGGREGATION_TEMPORALITY_CUMULATIVE -> Temporality.CUMULATIVE;
      case AGGREGATION_TEMPORALITY_DELTA -> Temporality.DELTA;
      case AGGREGATION_TEMPORALITY_UNSPECIFIED, UNRECOGNIZED ->
          throw new BadPoint(
              Refusal.MALFORMED,
              "aggregation_temporality",
              temporality.name(),
              "AGGREGATION_TEMPORALITY_DELTA or _CUMULATIVE");
    };
  }

  private void readSums(Metric metric, Series series) throws BadPoint {
    if (metric.getSum().getIsMonotonic()) {
      for (NumberDataPoint point : metric.getSum().getDataPointsList()) {
        take(
            series,
            point.getAttributesList(),
            point.getFlags(),
            point.getStartTimeUnixNano(),
            point.getTimeUnixNano(),
            () -> new PointValue.Count(NumberValues.read(point)));
      }
    } else if (series.temporality() == Temporality.DELTA) {
      // By how much something that goes up and down has changed says nothing about where it is.
      throw new BadPoint(
          Refusal.WRONG_KIND,
          "sum",
          "deltas of a sum that is not monotonic",
          "cumulative, or monotonic");
    } else {
      readGauges(metric.getSum().getDataPointsList(), series);
    }
  }

  /** Readings have no memory, so that it does not matter since when. */
  private void readGauges(List<NumberDataPoint> points, Series series) {
    for (NumberDataPoint point : points) {
      take(
          series,
          point.getAttributesList(),
          point.getFlags(),
          0,
          point.getTimeUnixNano(),
          () -> new PointValue.Gauge(NumberValues.read(point)));
    }
  }

  private void take(
      Series series, List<KeyValue> attributes, int flags, long start, long time, Value value) {
    if ((flags & NOTHING_RECORDED) != 0) {
      request.unwanted(1);
      return;
    }
    try {
      if (request.points().size() >= MAX_POINTS) {
        throw new BadPoint(
            Refusal.LIMIT, "points", "more points", "at most " + MAX_POINTS + " in a request");
      }
      // Unsigned on the wire; above 63 bits is beyond the year 2262.
      if (time <= 0) {
        throw new BadPoint(
            Refusal.MALFORMED,
            "time_unix_nano",
            Long.toUnsignedString(time),
            "nanoseconds since 1970");
      }
      if (start < 0 || start > time) {
        throw new BadPoint(
            Refusal.MALFORMED,
            "start_time_unix_nano",
            Long.toUnsignedString(start),
            "at most time_unix_nano, " + time);
      }
      PointValue read = value.read();
      request.add(
          new SeriesPoint(
              series.name(),
              series.unit(),
              series.labels().of(attributes),
              series.temporality(),
              start,
              time,
              read));
    } catch (BadPoint e) {
      refuse(series.name(), 1, e);
    }
  }

  private void refuse(String name, long points, BadPoint why) {
    request.refuse(
        why.reason(),
        points,
        () ->
            (name.length() <= MAX_EXAMPLE_NAME_LENGTH
                    ? name
                    : name.substring(0, MAX_EXAMPLE_NAME_LENGTH) + "…")
                + ": "
                + why.getMessage());
  }
}
