package io.canaryjudge.server.ingest.remotewrite;

import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.ingest.series.SeriesRequest;
import io.canaryjudge.server.ingest.series.Temporality;
import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.Refusal;
import java.util.List;
import java.util.function.Supplier;

/**
 * The points of a write request as they are read. Samples and native histograms are kept apart,
 * because the sender wants to know of each how many were taken. Used by one thread.
 */
final class WritePoints {

  /** Most wanted points of a request. Senders put some thousand into one. */
  static final int MAX_POINTS = 100_000;

  /** Most buckets of all native histograms of a request: gaps between buckets are cheap to send. */
  static final int MAX_BUCKETS = 2_000_000;

  private final SeriesRequest samples = new SeriesRequest(Door.REMOTE_WRITE);
  private final SeriesRequest histograms = new SeriesRequest(Door.REMOTE_WRITE);
  private long exemplars;
  private long buckets;
  private long rounded;

  /** Samples, each a number. */
  SeriesRequest samples() {
    return samples;
  }

  /** Native histograms. */
  SeriesRequest histograms() {
    return histograms;
  }

  /** All of it. What came together is taken together: time must not go on in between. */
  SeriesRequest all() {
    SeriesRequest all = new SeriesRequest(Door.REMOTE_WRITE);
    for (SeriesRequest kind : List.of(samples, histograms)) {
      kind.points().forEach(all::add);
      all.unwanted(kind.unwanted());
      kind.rejections().forEach(each -> all.refuse(each.reason(), each.points(), each::example));
    }
    return all;
  }

  /** Exemplars; nobody wants them. */
  long exemplars() {
    return exemplars;
  }

  void exemplars(long more) {
    exemplars += more;
  }

  /** Histograms whose counts had to be rounded: what came was computed rather than counted. */
  long roundedHistograms() {
    return rounded;
  }

  void rounded() {
    rounded++;
  }

  /** Counts points of a series that nobody wants, or that say nothing. */
  void unwanted(long moreSamples, long moreHistograms) {
    samples.unwanted(moreSamples);
    histograms.unwanted(moreHistograms);
  }

  /** Refuses all points of a series. */
  void refuse(long moreSamples, long moreHistograms, Refusal reason, Supplier<String> example) {
    if (moreSamples > 0) {
      samples.refuse(reason, moreSamples, example);
    }
    if (moreHistograms > 0) {
      histograms.refuse(reason, moreHistograms, example);
    }
  }

  void addSample(SeriesHead head, long startNanos, long timeNanos, PointValue value) {
    if (isFull()) {
      samples.refuse(Refusal.LIMIT, 1, WritePoints::tooManyPoints);
    } else {
      samples.add(point(head, startNanos, timeNanos, value));
    }
  }

  void addHistogram(SeriesHead head, long startNanos, long timeNanos, PointValue value) {
    buckets +=
        switch (value) {
          case PointValue.Exponential exponential -> exponential.counts().length;
          case PointValue.Buckets explicit -> explicit.counts().length;
          case PointValue.Count _, PointValue.Gauge _, PointValue.ClassicBucket _ -> 1;
        };
    if (isFull()) {
      histograms.refuse(Refusal.LIMIT, 1, WritePoints::tooManyPoints);
    } else {
      histograms.add(point(head, startNanos, timeNanos, value));
    }
  }

  private boolean isFull() {
    return samples.points().size() + histograms.points().size() >= MAX_POINTS
        || buckets > MAX_BUCKETS;
  }

  private static String tooManyPoints() {
    return "request: one more point (expected: at most "
        + MAX_POINTS
        + " wanted points and "
        + MAX_BUCKETS
        + " buckets)";
  }

  private static SeriesPoint point(
      SeriesHead head, long startNanos, long timeNanos, PointValue value) {
    return new SeriesPoint(
        head.name(),
        head.unit(),
        head.labels(),
        Temporality.CUMULATIVE,
        startNanos,
        timeNanos,
        value);
  }
}
