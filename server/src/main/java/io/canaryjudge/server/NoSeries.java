package io.canaryjudge.server;

import io.canaryjudge.server.ingest.series.PointRejection;
import io.canaryjudge.server.ingest.series.SeriesAnswer;
import io.canaryjudge.server.ingest.series.SeriesIntake;
import io.canaryjudge.server.ingest.series.SeriesRequest;
import java.util.concurrent.CompletableFuture;

/** Wants no series: no run can say yet which it is judged by. */
final class NoSeries implements SeriesIntake {

  @Override
  public boolean wants(String name) {
    return false;
  }

  @Override
  public CompletableFuture<SeriesAnswer> take(SeriesRequest request) {
    long refused = request.rejections().stream().mapToLong(PointRejection::points).sum();
    return CompletableFuture.completedFuture(
        new SeriesAnswer(
            request.points().size() + request.unwanted() + refused, request.rejections()));
  }
}
