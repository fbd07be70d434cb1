package io.canaryjudge.server.ingest.series;

import java.util.List;

/**
 * What became of the points of a request; all of it is durable.
 *
 * @param points how many the request had
 * @param rejections what was refused, in the request or by every run that it was meant for. All
 *     other points were taken: they count in a run, or are no news to any
 * @param refused those that could be read and were refused all the same, in their order
 */
public record SeriesAnswer(
    long points, List<PointRejection> rejections, List<SeriesPoint> refused) {

  /** Copies the lists. */
  public SeriesAnswer {
    rejections = List.copyOf(rejections);
    refused = List.copyOf(refused);
  }

  /** How many points were refused. */
  public long rejected() {
    return rejections.stream().mapToLong(PointRejection::points).sum();
  }
}
