package io.canaryjudge.server.ingest.pull;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.series.PointRejection;
import io.canaryjudge.server.ingest.series.PulledFeed;
import io.canaryjudge.server.ingest.series.SeriesAnswer;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.ingest.series.SeriesRequest;
import io.canaryjudge.server.ingest.series.SeriesWishes;
import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.RunTerms;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the range of one run, slice by slice, as fast as its server answers. How far it is, is kept
 * with the samples: whoever begins again goes on there, and what he reads twice counts once.
 *
 * <p>Used by one thread at a time.
 */
final class RangeReader {

  private static final Logger LOG = LoggerFactory.getLogger(RangeReader.class);

  /** Read from before the start, so that a counter has a value there: as far as PromQL looks. */
  static final Duration LOOK_BACK = Duration.ofMinutes(5);

  /** What is asked for at once, at first; half of it while that is too much for one answer. */
  static final int SLICE_INTERVALS = 20;

  /** What stores is there for queries some time after its moment. */
  private static final int SETTLING_INTERVALS = 2;

  private final PrometheusClient client;
  private final PullSettings settings;
  private final PullAccounting accounting;
  private final long intervalMillis;
  private long sliceMillis;
  private long nextTryMillis = Long.MIN_VALUE;
  private PullOutcome last = PullOutcome.TAKEN;

  RangeReader(PrometheusClient client, PullSettings settings, PullAccounting accounting) {
    this.client = client;
    this.settings = settings;
    this.accounting = accounting;
    this.intervalMillis = settings.interval().toMillis();
    this.sliceMillis = SLICE_INTERVALS * intervalMillis;
  }

  /**
   * Reads the next slice, if there is one to read now.
   *
   * @return whether to go on at once
   */
  boolean readSlice(PulledFeed run, long nowMillis) throws InterruptedException {
    if (nowMillis < nextTryMillis) {
      return false;
    }
    RunTerms terms = run.terms();
    long from = terms.startMillis() - LOOK_BACK.toMillis();
    try {
      long done = get(run.readUpToMillis());
      from = done == 0 ? from : done;
      long end = terms.endMillis();
      long settled =
          nowMillis - Math.max(terms.latenessMillis(), SETTLING_INTERVALS * intervalMillis);
      long to = Math.min(Math.min(from + sliceMillis, end), settled);
      if (from >= end || to < Math.min(from + intervalMillis, end)) {
        return false;
      }
      if (done == 0) {
        LOG.info("run {} is read from {}", terms.runId(), settings.url());
      }
      read(run, from, to);
      ended(terms, from, PullOutcome.TAKEN, "");
      if (to == end) {
        LOG.info("run {} was read to the end of its range", terms.runId());
      }
      return to < end;
    } catch (PullException e) {
      nextTryMillis = nowMillis + intervalMillis;
      if (e.outcome() == PullOutcome.LIMIT || e.outcome() == PullOutcome.TIMEOUT) {
        sliceMillis = Math.max(intervalMillis, sliceMillis / 2);
      }
      ended(terms, from, e.outcome(), String.valueOf(e.getMessage()));
      return false;
    }
  }

  private void ended(RunTerms terms, long fromMillis, PullOutcome outcome, String message) {
    accounting.ended(outcome);
    // The same again is not written again.
    if (outcome != last) {
      Instant since = Instant.ofEpochMilli(fromMillis);
      if (outcome == PullOutcome.TAKEN) {
        LOG.info("run {} is read from {} again, at {}", terms.runId(), settings.url(), since);
      } else {
        LOG.warn(
            "run {} cannot be read from {} at {}: {}; tried again",
            terms.runId(),
            settings.url(),
            since,
            message);
      }
    }
    last = outcome;
  }

  private void read(PulledFeed run, long fromMillis, long toMillis)
      throws PullException, InterruptedException {
    Reading reading = new Reading();
    for (String selector : selectors(run, fromMillis, toMillis)) {
      String query = selector + "[" + (toMillis - fromMillis) + "ms]";
      byte[] body = client.query(query, toMillis);
      AnswerReader.matrix(body, run::wants, settings.maxSeries(), reading);
    }
    for (String warning : reading.warnings()) {
      LOG.warn("{} warns of what run {} reads: {}", settings.url(), run.terms().runId(), warning);
    }
    hand(run, reading.requests(), toMillis);
  }

  private List<String> selectors(PulledFeed run, long fromMillis, long toMillis)
      throws PullException, InterruptedException {
    SeriesWishes wishes = run.wishes();
    if (wishes.names().isEmpty()) {
      return List.of(); // no metric of the policy is made of series
    }
    if (!wishes.scope().isEmpty()) {
      return List.of(Selectors.scoped(wishes));
    }
    // For each slice: what follows from it must not depend on what was asked before a restart.
    String discovery = Selectors.discovery(wishes, toMillis - fromMillis);
    Set<String> present =
        AnswerReader.labels(client.query(discovery, toMillis), settings.maxSeries());
    return Selectors.byService(
        wishes, SeriesWishes.SERVICE_LABELS.stream().filter(present::contains).toList());
  }

  /** Windows may be sealed as it goes, so that no more of them are open than have to be. */
  private void hand(PulledFeed run, List<SeriesRequest> requests, long toMillis)
      throws PullException, InterruptedException {
    List<SeriesRequest> all =
        requests.isEmpty() ? List.of(new SeriesRequest(Door.PROMQL)) : requests;
    for (int i = 0; i < all.size(); i++) {
      boolean complete = i == all.size() - 1;
      long before = complete ? toMillis : firstMillis(all.get(i + 1), toMillis);
      // A classic histogram may be known to be whole only by what comes after it.
      boolean end = complete && toMillis == run.terms().endMillis();
      long watermark = end ? toMillis : before - run.terms().latenessMillis();
      SeriesAnswer answer =
          get(run.take(all.get(i), Math.max(0, watermark), complete ? toMillis : 0));
      for (PointRejection rejection : answer.rejections()) {
        LOG.warn(
            "run {}: {} of {} points were refused as {}, such as {}",
            run.terms().runId(),
            rejection.points(),
            answer.points(),
            rejection.reason().label(),
            rejection.example());
      }
    }
  }

  /** What has no points of its own says only what became of others. */
  private static long firstMillis(SeriesRequest request, long toMillis) {
    List<SeriesPoint> points = request.points();
    return points.isEmpty() ? toMillis : (points.getFirst().timeNanos() - 1) / 1_000_000;
  }

  private <T> T get(CompletableFuture<T> future) throws PullException, InterruptedException {
    try {
      return future.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof JudgeException known
          && known.reason() == ErrorReason.RUN_CLOSED) {
        throw new PullException(PullOutcome.NOT_TAKEN, "the run has ended", e);
      }
      throw new PullException(
          PullOutcome.NOT_TAKEN, "what was read could not be taken: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new PullException(
          PullOutcome.NOT_TAKEN, "what was read is not durable after " + settings.timeout(), e);
    }
  }
}
