package io.canaryjudge.server.ingest.pull;

import io.canaryjudge.server.ingest.series.SeriesWishes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out under which of the usual labels a server has the services of runs. */
final class ServiceFinder {

  private static final Logger LOG = LoggerFactory.getLogger(ServiceFinder.class);

  /** A service that was found is looked for again so often; others at each round. */
  private static final long AGAIN_MILLIS = Duration.ofMinutes(1).toMillis();

  private final PrometheusClient client;
  private final PullSettings settings;
  private final PullAccounting accounting;
  private final Map<String, Found> found = new ConcurrentHashMap<>();

  private record Found(List<String> labels, long atMillis, PullOutcome last) {

    static final Found NOTHING = new Found(List.of(), 0, PullOutcome.TAKEN);
  }

  ServiceFinder(PrometheusClient client, PullSettings settings, PullAccounting accounting) {
    this.client = client;
    this.settings = settings;
    this.accounting = accounting;
  }

  /** The labels that were found for a run, in the order of preference. */
  List<String> labels(SeriesWishes run) {
    return found.getOrDefault(Selectors.discovery(run), Found.NOTHING).labels();
  }

  /** What has to be asked now for these runs; others are forgotten. */
  List<Callable<Void>> due(List<SeriesWishes> runs, long nowMillis) {
    Set<String> queries = new HashSet<>();
    List<Callable<Void>> due = new ArrayList<>();
    for (SeriesWishes run : runs) {
      String query = Selectors.discovery(run);
      Found before = found.getOrDefault(query, Found.NOTHING);
      boolean fresh = !before.labels().isEmpty() && nowMillis - before.atMillis() < AGAIN_MILLIS;
      if (queries.add(query) && !fresh) {
        due.add(
            () -> {
              find(run.service(), query, before, nowMillis);
              return null;
            });
      }
    }
    found.keySet().retainAll(queries);
    return due;
  }

  private void find(String service, String query, Found before, long nowMillis)
      throws InterruptedException {
    try {
      Set<String> present =
          AnswerReader.labels(client.query(query, nowMillis), settings.maxSeries());
      List<String> labels = SeriesWishes.SERVICE_LABELS.stream().filter(present::contains).toList();
      found.put(query, new Found(labels, nowMillis, PullOutcome.TAKEN));
      accounting.ended(PullOutcome.TAKEN);
      if (!labels.equals(before.labels())) {
        LOG.info("series of {} are found by {}", service, labels);
      }
    } catch (PullException e) {
      // What was known before is still likely.
      found.put(query, new Found(before.labels(), before.atMillis(), e.outcome()));
      accounting.ended(e.outcome());
      if (e.outcome() != before.last()) {
        LOG.warn(
            "series of {} cannot be looked for at {}: {}; tried again",
            service,
            settings.url(),
            e.getMessage());
      }
    }
  }
}
