package io.canaryjudge.server.ingest.remotewrite;

import io.canaryjudge.server.ingest.series.PointRejection;
import io.canaryjudge.server.ingest.series.SeriesAnswer;
import io.canaryjudge.server.ingest.series.SeriesIntake;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.ingest.series.SeriesRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.Predicate;

/** Keeps what a door hands over. */
final class RecordingIntake implements SeriesIntake {

  private final Predicate<String> wanted;
  private final Queue<SeriesRequest> requests = new ConcurrentLinkedQueue<>();
  private final Queue<String> asked = new ConcurrentLinkedQueue<>();
  private volatile Function<SeriesRequest, CompletableFuture<SeriesAnswer>> answers =
      request -> CompletableFuture.completedFuture(answer(request, List.of()));

  RecordingIntake(Predicate<String> wanted) {
    this.wanted = wanted;
  }

  @Override
  public boolean wants(String name) {
    asked.add(name);
    return wanted.test(name);
  }

  @Override
  public CompletableFuture<SeriesAnswer> take(SeriesRequest request) {
    requests.add(request);
    return answers.apply(request);
  }

  /** What becomes of the requests that follow. */
  void answerWith(Function<SeriesRequest, CompletableFuture<SeriesAnswer>> next) {
    answers = next;
  }

  /** An answer to a request of which some points more were refused behind the door. */
  static SeriesAnswer answer(SeriesRequest request, List<PointRejection> more) {
    List<PointRejection> all = new ArrayList<>(request.rejections());
    all.addAll(more);
    long refused = request.rejections().stream().mapToLong(PointRejection::points).sum();
    int behind = (int) more.stream().mapToLong(PointRejection::points).sum();
    return new SeriesAnswer(
        request.points().size() + request.unwanted() + refused,
        all,
        request.points().subList(0, behind));
  }

  List<SeriesRequest> requests() {
    return List.copyOf(requests);
  }

  /** All points, in the order in which they came. */
  List<SeriesPoint> points() {
    return requests.stream().flatMap(request -> request.points().stream()).toList();
  }

  long unwanted() {
    return requests.stream().mapToLong(SeriesRequest::unwanted).sum();
  }

  List<String> asked() {
    return List.copyOf(asked);
  }
}
