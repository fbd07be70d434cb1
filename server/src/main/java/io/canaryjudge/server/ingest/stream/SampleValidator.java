package io.canaryjudge.server.ingest.stream;

import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.proto.v1.DistributionSample;
import io.canaryjudge.proto.v1.ProportionSample;
import io.canaryjudge.proto.v1.SampleBatch;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.ingest.stream.StreamSeries.Refused;
import io.canaryjudge.server.ingest.stream.StreamSeries.Usable;
import io.canaryjudge.server.run.Refusal;
import io.canaryjudge.server.run.RunSeries;
import io.canaryjudge.server.run.SampleSink;
import org.jspecify.annotations.Nullable;

/**
 * Checks each sample of a batch by itself: it counts, or it is refused with a reason and leaves its
 * neighbours alone.
 */
final class SampleValidator {

  /** Far above any traffic, and far below where sums could overflow. */
  static final long MAX_COUNT = 1_000_000_000_000L;

  private final SeriesTable table;
  private final DistributionReader distributions = new DistributionReader();

  SampleValidator(SeriesTable table) {
    this.table = table;
  }

  void check(SampleBatch batch, SampleSink sink) {
    for (int i = 0; i < batch.getProportionsCount(); i++) {
      check(i, batch.getProportions(i), sink);
    }
    for (int i = 0; i < batch.getDistributionsCount(); i++) {
      check(i, batch.getDistributions(i), sink);
    }
  }

  private void check(int index, ProportionSample sample, SampleSink sink) {
    RunSeries series =
        series("proportions", index, sample.getSeriesId(), MetricKind.PROPORTION, sink);
    if (series == null) {
      return;
    }
    long total = sample.getTotalCount();
    long failures = sample.getFailureCount();
    if (total < 0) {
      refuseCount(sink, Refusal.NEGATIVE, index, "total_count", total, "at least 0");
    } else if (failures < 0) {
      refuseCount(sink, Refusal.NEGATIVE, index, "failure_count", failures, "at least 0");
    } else if (failures > total) {
      refuseCount(
          sink,
          Refusal.FAILURES_ABOVE_TOTAL,
          index,
          "failure_count",
          failures,
          "in [0, total_count = " + total + "]");
    } else if (total > MAX_COUNT) {
      refuseCount(sink, Refusal.LIMIT, index, "total_count", total, "at most " + MAX_COUNT);
    } else if (place("proportions", index, series, sample.getTimeMillis(), sink)) {
      try {
        series.proportion().add(total, failures);
      } catch (IllegalArgumentException e) {
        refuseCount(sink, Refusal.LIMIT, index, "total_count", total, "less in one window");
        return;
      }
      sink.accepted(series);
    }
  }

  private void check(int index, DistributionSample sample, SampleSink sink) {
    RunSeries series =
        series("distributions", index, sample.getSeriesId(), MetricKind.DISTRIBUTION, sink);
    if (series == null) {
      return;
    }
    DistributionReader.Problem problem = distributions.read(sample, series);
    if (problem == null) {
      if (!place("distributions", index, series, sample.getTimeMillis(), sink)) {
        return;
      }
      problem = distributions.addTo(series.distribution());
    }
    if (problem == null) {
      sink.accepted(series);
      return;
    }
    DistributionReader.Problem found = problem;
    sink.refuse(
        found.reason(),
        () -> violation("distributions", index, found.field(), found.came(), found.expected()));
  }

  private @Nullable RunSeries series(
      String list, int index, int id, MetricKind kind, SampleSink sink) {
    StreamSeries found = table.find(id);
    switch (found) {
      case null -> {
        boolean tooMany = table.overLimit(id);
        sink.refuse(
            tooMany ? Refusal.LIMIT : Refusal.UNKNOWN_SERIES,
            () ->
                violation(
                    list,
                    index,
                    "series_id",
                    Integer.toUnsignedString(id),
                    tooMany ? "fewer series" : "a declared series"));
        return null;
      }
      case Refused refused -> {
        sink.refuse(
            refused.reason(),
            () ->
                list + "[" + index + "].series_id: " + id + ", declared with " + refused.problem());
        return null;
      }
      case Usable usable -> {
        RunSeries series = usable.series();
        if (series.kind() != kind) {
          sink.refuse(
              Refusal.WRONG_KIND,
              () ->
                  violation(
                      list,
                      index,
                      "series_id",
                      id + ", of metric " + usable.declaration().getMetric(),
                      "a metric of kind " + kind));
          return null;
        }
        return series;
      }
    }
  }

  private static boolean place(
      String list, int index, RunSeries series, long timeMillis, SampleSink sink) {
    Refusal refusal = sink.place(series, timeMillis);
    if (refusal == null) {
      return true;
    }
    sink.refuse(
        refusal,
        () ->
            violation(
                list, index, "time_millis", Long.toString(timeMillis), sink.expected(refusal)));
    return false;
  }

  private static void refuseCount(
      SampleSink sink, Refusal reason, int index, String field, long came, String expected) {
    sink.refuse(
        reason, () -> violation("proportions", index, field, Long.toString(came), expected));
  }

  private static String violation(
      String list, int index, String field, String came, String expected) {
    return new FieldViolation(list + "[" + index + "]." + field, came, expected).toString();
  }
}
