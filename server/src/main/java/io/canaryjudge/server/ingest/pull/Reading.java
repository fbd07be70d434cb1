package io.canaryjudge.server.ingest.pull;

import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.ingest.series.SeriesRequest;
import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.Refusal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/**
 * What one answer says. Prometheus answers series by series; a run wants to see what came together
 * together, and earlier points first: the first points of a process tell which series are new.
 */
final class Reading {

  /** About as many points go into one request; and never as many as a run takes at once. */
  static final int REQUEST_POINTS = 8_000;

  private static final int MOST_REQUEST_POINTS = 10_000;

  private final List<SeriesPoint> points = new ArrayList<>();
  private final SeriesRequest others = new SeriesRequest(Door.PROMQL);
  private final List<String> warnings = new ArrayList<>();
  private boolean anyOther;

  void add(SeriesPoint point) {
    points.add(point);
  }

  void unwanted(long more) {
    others.unwanted(more);
    anyOther |= more > 0;
  }

  void refuse(Refusal reason, Supplier<String> example) {
    others.refuse(reason, 1, example);
    anyOther = true;
  }

  void warn(String warning) {
    warnings.add(warning);
  }

  /** How many points it has. */
  int points() {
    return points.size();
  }

  /** What the server says is wrong with its own answer. */
  List<String> warnings() {
    return List.copyOf(warnings);
  }

  /** All of it in the order of time; points of one moment stay together as far as possible. */
  List<SeriesRequest> requests() {
    points.sort(Comparator.comparingLong(SeriesPoint::timeNanos));
    List<SeriesRequest> requests = new ArrayList<>();
    SeriesRequest request = new SeriesRequest(Door.PROMQL);
    long before = 0;
    for (SeriesPoint point : points) {
      int size = request.points().size();
      boolean full = size >= REQUEST_POINTS && point.timeNanos() != before;
      if (full || size >= MOST_REQUEST_POINTS) {
        requests.add(request);
        request = new SeriesRequest(Door.PROMQL);
      }
      request.add(point);
      before = point.timeNanos();
    }
    if (!request.points().isEmpty()) {
      requests.add(request);
    }
    if (anyOther) {
      requests.add(others);
    }
    return requests;
  }
}
