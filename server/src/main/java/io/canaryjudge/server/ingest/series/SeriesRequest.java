package io.canaryjudge.server.ingest.series;

import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.Refusal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The points of one request, as its door reads them. Each point of the request is told to it
 * exactly once: added, refused, or unwanted. Used by one thread at a time.
 */
public final class SeriesRequest {

  private final Door door;
  private final List<SeriesPoint> points = new ArrayList<>();
  private final Map<Refusal, PointRejection> rejections = new EnumMap<>(Refusal.class);
  private long unwanted;

  /** A request that came in by a door. */
  public SeriesRequest(Door door) {
    this.door = door;
  }

  /** Adds a point that could be read. */
  public void add(SeriesPoint point) {
    points.add(point);
  }

  /** Counts points whose series {@link SeriesIntake#wants} nobody; they need not be read. */
  public void unwanted(long more) {
    unwanted += more;
  }

  /**
   * Refuses points that make no sense.
   *
   * @param example what came and what was expected; asked for the first one of each reason
   */
  public void refuse(Refusal reason, long more, Supplier<String> example) {
    PointRejection before = rejections.get(reason);
    rejections.put(
        reason,
        before == null
            ? new PointRejection(reason, more, example.get())
            : new PointRejection(reason, before.points() + more, before.example()));
  }

  /** The door. */
  public Door door() {
    return door;
  }

  /** What was added, in order. */
  public List<SeriesPoint> points() {
    return points;
  }

  /** How many points nobody wants. */
  public long unwanted() {
    return unwanted;
  }

  /** What was refused, by reason. */
  public List<PointRejection> rejections() {
    return List.copyOf(rejections.values());
  }
}
