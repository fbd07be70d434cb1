package io.canaryjudge.server.ingest.series;

import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.server.ingest.series.SeriesRule.Counts;
import io.canaryjudge.server.run.Note;
import io.canaryjudge.server.run.RunSeries;
import io.canaryjudge.server.run.SampleSink;
import org.jspecify.annotations.Nullable;

/**
 * A foreign series as the source of one metric of one run: how far it was counted, and where that
 * goes.
 */
final class FedSeries {

  private final MetricKind kind;
  private final SeriesRule rule;
  private final String source;
  private final boolean failures;
  private final Units.Factor factor;
  private final Target target;
  private final SourceChoice choice;
  private final @Nullable FailureCount failureCount;
  private final Note note;
  private final RunSeries samples;
  private final SeriesState state;
  private final @Nullable ClassicHistogram classic;
  private @Nullable Boolean chosen;
  private long movedIn;

  /**
   * Makes a series.
   *
   * @param source names the kind of series among those that could count the same requests
   * @param failures whether the events that it counts are failures
   * @param choice by which one of these is counted
   * @param failureCount if failures and requests are counted apart; else null
   * @param note where it stands
   * @param stored where it stood before a restart
   */
  FedSeries(
      SeriesRule rule,
      String source,
      boolean failures,
      Units.Factor factor,
      Target target,
      SourceChoice choice,
      @Nullable FailureCount failureCount,
      Note note,
      RunSeries samples,
      Notes.Series stored) {
    this.kind = samples.kind();
    this.rule = rule;
    this.source = source;
    this.failures = failures;
    this.factor = factor;
    this.target = target;
    this.choice = choice;
    this.failureCount = failureCount;
    this.note = note;
    this.samples = samples;
    this.state = stored.state();
    this.classic = stored.classic();
  }

  SeriesRule rule() {
    return rule;
  }

  String source() {
    return source;
  }

  SourceChoice choice() {
    return choice;
  }

  /** Whether it is the one that is counted of those that could count the same requests. */
  boolean isChosen() {
    Boolean known = chosen;
    if (known == null) {
      known = source.equals(choice.source());
      if (choice.source() != null) {
        chosen = known; // for the rest of the run
      }
    }
    return known;
  }

  /** What it has to do with failures that are counted apart; null if nothing. */
  @Nullable FailureCount failureCount() {
    return failureCount;
  }

  /** Whether it counts requests whose failures nothing has told of yet. */
  boolean waitsForFailures() {
    return failureCount != null && rule.counts() == Counts.REQUESTS && !failureCount.isSeen();
  }

  /** Whether it moves for the first time in a round, of which each has another number. */
  boolean movesIn(long round) {
    boolean first = movedIn != round;
    movedIn = round;
    return first;
  }

  Target target() {
    return target;
  }

  RunSeries samples() {
    return samples;
  }

  /** Hands over where it stands, to be committed with what it counted. */
  void noteTo(SampleSink sink) {
    sink.note(note, Notes.write(state, classic));
  }

  /**
   * Takes a point.
   *
   * @param beginNanos when the run began
   */
  SeriesState.Step take(SeriesPoint point, long beginNanos, int likelyBuckets) {
    return switch (point.value()) {
      case PointValue.Count(double value) ->
          advance(point, new Totals.Events(whole(value)), beginNanos);
      case PointValue.Gauge(double value) ->
          kind == MetricKind.PROPORTION
              ? advance(point, new Totals.Events(whole(value)), beginNanos)
              : reading(point);
      case PointValue.Buckets(double[] bounds, long[] counts) ->
          advance(point, reduced(new Totals.Explicit(bounds, counts)), beginNanos);
      case PointValue.Exponential(
              int scale,
              double zeroThreshold,
              long zeroCount,
              int offset,
              long[] counts) ->
          advance(
              point,
              reduced(new Totals.Exponential(scale, zeroThreshold, zeroCount, offset, counts)),
              beginNanos);
      case PointValue.ClassicBucket(double upperBound, double count) ->
          bucket(point, upperBound, whole(count), beginNanos, likelyBuckets);
    };
  }

  /** Of a histogram that counts requests only their number matters. */
  private Totals reduced(Totals totals) {
    return kind == MetricKind.PROPORTION ? new Totals.Events(totals.count()) : totals;
  }

  private SeriesState.Step advance(SeriesPoint point, Totals totals, long beginNanos) {
    SeriesState.Step step =
        state.take(point, totals, target.isNewborn(point, beginNanos), target.startNanos());
    boolean before = point.timeNanos() <= beginNanos;
    return before && step instanceof SeriesState.Step.Counted
        ? new SeriesState.Step.Baseline()
        : step;
  }

  private SeriesState.Step reading(SeriesPoint point) {
    return state.isNews(point)
        ? new SeriesState.Step.Counted(new Totals.Events(1), point.timeNanos())
        : new SeriesState.Step.Repeated();
  }

  private SeriesState.Step bucket(
      SeriesPoint point, double upperBound, long count, long beginNanos, int likely) {
    ClassicHistogram histogram = classic;
    if (histogram == null) {
      throw new IllegalStateException("a bucket for " + source);
    }
    if (histogram.knows(point.timeNanos(), upperBound)) {
      return new SeriesState.Step.Repeated();
    }
    ClassicHistogram.Scrape scrape = histogram.take(point, upperBound, count, likely);
    if (scrape == null) {
      return new SeriesState.Step.Baseline();
    }
    SeriesPoint whole =
        new SeriesPoint(
            point.name(),
            point.unit(),
            point.labels(),
            Temporality.CUMULATIVE,
            scrape.startNanos(),
            scrape.timeNanos(),
            new PointValue.Buckets(scrape.totals().upperBounds(), scrape.totals().counts()));
    return advance(whole, scrape.totals(), beginNanos);
  }

  /** How many buckets its histogram has, if it is a classic one of which that is known; else 0. */
  int buckets() {
    return classic == null ? 0 : classic.expected();
  }

  /**
   * Adds to the sample that was placed for {@link #samples}.
   *
   * @return null, or what would have been needed
   */
  @Nullable String addTo(Totals totals, PointValue value) {
    try {
      if (kind == MetricKind.PROPORTION) {
        if (rule.counts() == Counts.FAILURES) {
          samples.proportion().addFailures(totals.count());
        } else {
          samples.proportion().add(totals.count(), failures ? totals.count() : 0);
        }
        return null;
      }
      return addValues(totals, value);
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  private @Nullable String addValues(Totals totals, PointValue value) {
    switch (totals) {
      case Totals.Events(long times) -> {
        if (value instanceof PointValue.Gauge(double reading)) {
          samples.distribution().addValue(factor.of(reading), times);
        }
      }
      case Totals.Explicit(double[] upperBounds, long[] counts) -> {
        double[] bounds = factor.of(upperBounds);
        if (!samples.admitLayout(bounds)) {
          return "histograms with fewer different bounds";
        }
        samples.distribution().addExplicit(bounds, counts);
      }
      case Totals.Exponential(
              int scale,
              double zeroThreshold,
              long zeroCount,
              int offset,
              long[] counts) ->
          samples.distribution().addExponential(scale, zeroThreshold, zeroCount, offset, counts);
    }
    return null;
  }

  private static long whole(double value) {
    return Math.round(value);
  }
}
