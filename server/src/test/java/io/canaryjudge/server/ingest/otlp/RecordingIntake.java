package io.canaryjudge.server.ingest.otlp;

import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.series.PointRejection;
import io.canaryjudge.server.ingest.series.SeriesAnswer;
import io.canaryjudge.server.ingest.series.SeriesIntake;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.ingest.series.SeriesRequest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Wants every series but those named {@code unwanted…}, and keeps what it is given. */
final class RecordingIntake implements SeriesIntake {

  private final BlockingQueue<SeriesRequest> requests = new LinkedBlockingQueue<>();
  private final Deque<CompletableFuture<SeriesAnswer>> answers = new ArrayDeque<>();

  /** The next request gets this answer. */
  synchronized void answerNext(CompletableFuture<SeriesAnswer> answer) {
    answers.add(answer);
  }

  void failNext(JudgeException error) {
    answerNext(CompletableFuture.failedFuture(error));
  }

  /** The next request, waited for. */
  SeriesRequest next() throws InterruptedException {
    SeriesRequest request = requests.poll(60, TimeUnit.SECONDS);
    if (request == null) {
      throw new AssertionError("no request came");
    }
    return request;
  }

  /** The points of the next request, waited for. */
  List<SeriesPoint> nextPoints() throws InterruptedException {
    return next().points();
  }

  boolean isEmpty() {
    return requests.isEmpty();
  }

  void clear() {
    requests.clear();
  }

  @Override
  public boolean wants(String name) {
    return !name.startsWith("unwanted");
  }

  @Override
  public synchronized CompletableFuture<SeriesAnswer> take(SeriesRequest request) {
    requests.add(request);
    return answers.isEmpty()
        ? CompletableFuture.completedFuture(answer(request))
        : answers.remove();
  }

  static SeriesAnswer answer(SeriesRequest request) {
    return new SeriesAnswer(points(request), request.rejections(), List.of());
  }

  /** All points that were told to a request, whatever became of them. */
  static long points(SeriesRequest request) {
    return request.points().size()
        + request.unwanted()
        + request.rejections().stream().mapToLong(PointRejection::points).sum();
  }
}
