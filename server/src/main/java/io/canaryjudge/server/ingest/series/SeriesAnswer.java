package io.canaryjudge.server.ingest.series;

import java.util.List;

/**
 * What became of the points of a request; all of it is durable.
 *
 * @param points how many the request had
 * @param rejections what was refused, in the request or by every run that it was meant for. All
 *     other points were taken: they count in a run, or are no news to any
 */
public record SeriesAnswer(long points, List<PointRejection> rejections) {

  /** Copies the list. */
  public SeriesAnswer {
    rejections = List.copyOf(rejections);
  }

  /** How many points were refused. */
  public long rejected() {
    return rejections.stream().mapToLong(PointRejection::points).sum();
  }
}
