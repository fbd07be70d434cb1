package io.canaryjudge.server.ingest.series;

import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.RunTerms;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A run over a range of records that the judge reads itself: whoever reads them hands them over
 * here, in the order of time. Used by one thread at a time.
 */
public final class PulledFeed {

  private final RunFeed feed;
  private final SeriesFeeds all;

  PulledFeed(RunFeed feed, SeriesFeeds all) {
    this.feed = feed;
    this.all = all;
  }

  /** What the run is made of. */
  public SeriesWishes wishes() {
    return feed.wishes();
  }

  /** What samples are measured by; the range is from the start to the end. */
  public RunTerms terms() {
    return feed.terms();
  }

  /** As {@link SeriesIntake#wants}, of this run alone. */
  public boolean wants(String name) {
    return feed.names().contains(name) || FeedBook.COMPANIONS.contains(name);
  }

  /**
   * Up to where all was read and is durable, epoch milliseconds; 0 if nothing was. Fails with a
   * {@link io.canaryjudge.server.error.JudgeException} if the run takes nothing.
   */
  public CompletableFuture<Long> readUpToMillis() {
    return feed.readUpToMillis(Door.PROMQL);
  }

  /**
   * Takes points as {@link SeriesIntake#take} does, into this run alone.
   *
   * @param watermarkMillis no point follows whose interval ends by then, epoch milliseconds
   * @param readUpToMillis everything up to here was handed over with this, epoch milliseconds; 0 if
   *     there is more
   */
  public CompletableFuture<SeriesAnswer> take(
      SeriesRequest request, long watermarkMillis, long readUpToMillis) {
    List<SeriesPoint> points = request.points();
    return feed.take(request.door(), points, new RunFeed.Reading(watermarkMillis, readUpToMillis))
        .thenApply(outcomes -> all.answer(request, outcomes.toArray(PointOutcome[]::new)));
  }
}
