package io.canaryjudge.server.ingest.remotewrite;

import io.canaryjudge.server.ingest.series.PrometheusNames;
import io.canaryjudge.server.ingest.series.SeriesIntake;
import java.util.HashMap;
import java.util.Map;

/**
 * Whose series are wanted, asked once for each name of a request. Used by one thread.
 *
 * <p>This is all that a series costs that nobody wants, so the series of one name, which come after
 * each other, are told by the bytes alone.
 */
final class WantedNames {

  private final SeriesIntake intake;
  private final Map<String, Boolean> known = new HashMap<>();

  WantedNames(SeriesIntake intake) {
    this.intake = intake;
  }

  /** Whether series of a name, as it came, are wanted. */
  boolean wants(String name) {
    return known.computeIfAbsent(name, key -> intake.wants(PrometheusNames.wanted(key)));
  }
}
