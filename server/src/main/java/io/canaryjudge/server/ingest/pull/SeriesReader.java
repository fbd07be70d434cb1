package io.canaryjudge.server.ingest.pull;

import io.canaryjudge.server.ingest.series.PointRejection;
import io.canaryjudge.server.ingest.series.SeriesAnswer;
import io.canaryjudge.server.ingest.series.SeriesIntake;
import io.canaryjudge.server.ingest.series.SeriesRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the samples of selectors.
 *
 * <p>Each reading goes back over the one before, since a sample is there for queries some time
 * after its moment; what came before is known by its time and counts once. What could not be read
 * is read later: a gap in our reading is no gap in the data. All of an answer is taken or nothing:
 * a part could be the part of one arm.
 */
final class SeriesReader {

  private static final Logger LOG = LoggerFactory.getLogger(SeriesReader.class);

  /** Nothing older is asked for. */
  static final Duration MOST_BACK = Duration.ofMinutes(15);

  /** How far a reading goes back over the one before, and how much is asked for at once. */
  private static final int OVERLAP_INTERVALS = 2;

  private static final int SLICE_INTERVALS = 4;

  private final PrometheusClient client;
  private final SeriesIntake intake;
  private final PullSettings settings;
  private final PullAccounting accounting;

  SeriesReader(
      PrometheusClient client,
      SeriesIntake intake,
      PullSettings settings,
      PullAccounting accounting) {
    this.client = client;
    this.intake = intake;
    this.settings = settings;
    this.accounting = accounting;
  }

  /** Reads a selector up to a moment, epoch milliseconds. */
  void read(Progress progress, long nowMillis) throws InterruptedException {
    long interval = settings.interval().toMillis();
    long from =
        Math.max(
            progress.doneMillis() - OVERLAP_INTERVALS * interval, nowMillis - MOST_BACK.toMillis());
    while (from < nowMillis) {
      long to = Math.min(nowMillis, from + SLICE_INTERVALS * interval);
      if (!readSlice(progress, from, to)) {
        return;
      }
      progress.done(to);
      from = to;
    }
  }

  private boolean readSlice(Progress progress, long fromMillis, long toMillis)
      throws InterruptedException {
    String query = progress.selector() + "[" + (toMillis - fromMillis) + "ms]";
    try {
      Reading reading =
          AnswerReader.matrix(client.query(query, toMillis), intake::wants, settings.maxSeries());
      for (SeriesRequest request : reading.requests()) {
        take(request);
      }
      for (String warning : reading.warnings()) {
        LOG.warn("{} warns: {}", settings.url(), warning);
      }
    } catch (PullException e) {
      accounting.ended(e.outcome());
      // The same again is not written again.
      if (progress.ended(e.outcome()) != e.outcome()) {
        LOG.warn(
            "series cannot be read from {} since {}: {}; tried again",
            settings.url(),
            Instant.ofEpochMilli(fromMillis),
            e.getMessage());
      }
      return false;
    }
    accounting.ended(PullOutcome.TAKEN);
    if (progress.ended(PullOutcome.TAKEN) != PullOutcome.TAKEN) {
      LOG.info(
          "series are read from {} again, those since {} too",
          settings.url(),
          Instant.ofEpochMilli(fromMillis));
    }
    return true;
  }

  private void take(SeriesRequest request) throws PullException, InterruptedException {
    try {
      SeriesAnswer answer =
          intake.take(request).get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
      for (PointRejection rejection : answer.rejections()) {
        LOG.warn(
            "{} of {} points were refused as {}, such as {}",
            rejection.points(),
            answer.points(),
            rejection.reason().label(),
            rejection.example());
      }
    } catch (ExecutionException e) {
      throw new PullException(
          PullOutcome.NOT_TAKEN, "what was read could not be taken: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new PullException(
          PullOutcome.NOT_TAKEN, "what was read is not durable after " + settings.timeout(), e);
    }
  }
}
