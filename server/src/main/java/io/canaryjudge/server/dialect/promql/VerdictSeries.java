package io.canaryjudge.server.dialect.promql;

import io.canaryjudge.server.dialect.promql.Query.Selector;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.run.RunSnapshot;
import io.canaryjudge.server.run.Runs;
import io.canaryjudge.server.store.RunFilter;
import io.canaryjudge.server.store.RunRecord;
import io.canaryjudge.server.store.StoredVerdict;
import io.canaryjudge.server.telemetry.VerdictGauges;
import io.canaryjudge.server.telemetry.VerdictGauges.Gauge;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The gauges of runs as series.
 *
 * <p>A selector that names a run means that run, ended or not. One that does not means the newest
 * run of each service (or of the service that it names): what a tool asks for that rolls out a
 * service and knows nothing of runs.
 */
final class VerdictSeries {

  /** How many runs are looked through for the newest of each service. */
  private static final int LOOK_BACK = 500;

  /** Verdicts of one run that a range may reach back over. */
  private static final int MOST_VERDICTS = 1_000;

  /** An ended run has no values any more after this, as a series that is no longer scraped. */
  private static final long STALE_MILLIS = 300_000;

  /** What is asked for at a moment this close is asked for now. */
  private static final long NOW_MILLIS = 60_000;

  private final Runs runs;
  private final InstantSource clock;

  VerdictSeries(Runs runs, InstantSource clock) {
    this.runs = runs;
    this.clock = clock;
  }

  /** The gauges that a selector picks, as of a moment in epoch milliseconds. */
  List<Gauge> at(Selector selector, long atMillis) {
    List<Gauge> picked = new ArrayList<>();
    if (Math.abs(clock.millis() - atMillis) <= NOW_MILLIS) {
      for (RunRecord run : runs(selector)) {
        pick(selector, runs.snapshot(run.id()), picked);
      }
      return picked;
    }
    over(selector, List.of(atMillis))
        .forEach(
            (labels, values) -> values.values().forEach(it -> picked.add(new Gauge(labels, it))));
    return picked;
  }

  /**
   * The gauges that a selector picks at several moments.
   *
   * @param momentsMillis rising, epoch milliseconds
   * @return by labels, the values by moment
   */
  Map<SortedMap<String, String>, SortedMap<Long, Double>> over(
      Selector selector, List<Long> momentsMillis) {
    Map<SortedMap<String, String>, SortedMap<Long, Double>> series = new LinkedHashMap<>();
    for (RunRecord run : runs(selector)) {
      List<StoredVerdict> verdicts = runs.verdicts(run.id(), MOST_VERDICTS, "").items();
      int next = verdicts.size() - 1; // the oldest
      Optional<StoredVerdict> present = Optional.empty();
      List<Gauge> gauges = List.of();
      for (long moment : momentsMillis) {
        Optional<StoredVerdict> before = present;
        while (next >= 0 && verdicts.get(next).verdict().sealedThroughMillis() <= moment) {
          present = Optional.of(verdicts.get(next--));
        }
        if (present.isEmpty() || isOver(run, moment)) {
          continue;
        }
        if (!present.equals(before)) {
          gauges = new ArrayList<>();
          pick(selector, new RunSnapshot(run, present.get().verdict()), gauges);
        }
        for (Gauge gauge : gauges) {
          series.computeIfAbsent(gauge.labels(), _ -> new TreeMap<>()).put(moment, gauge.value());
        }
      }
    }
    return series;
  }

  private static boolean isOver(RunRecord run, long moment) {
    return !run.open() && moment > run.endMillis() + STALE_MILLIS;
  }

  private static void pick(Selector selector, RunSnapshot run, List<Gauge> picked) {
    for (Gauge gauge : VerdictGauges.of(run)) {
      if (selector.matches(gauge.labels())) {
        picked.add(gauge);
      }
    }
  }

  private List<RunRecord> runs(Selector selector) {
    Optional<String> id = selector.only("run");
    if (id.isPresent()) {
      return find(id.get()).stream().toList();
    }
    Optional<String> service = selector.only("service");
    RunFilter filter = new RunFilter(service.orElse(""), Set.of());
    Map<String, RunRecord> newest = new LinkedHashMap<>();
    for (RunRecord run : runs.list(filter, service.isPresent() ? 1 : LOOK_BACK, "").items()) {
      newest.putIfAbsent(run.service(), run);
    }
    return List.copyOf(newest.values());
  }

  private Optional<RunRecord> find(String id) {
    try {
      return Optional.of(runs.find(id));
    } catch (JudgeException e) {
      if (e.reason() == ErrorReason.RUN_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
