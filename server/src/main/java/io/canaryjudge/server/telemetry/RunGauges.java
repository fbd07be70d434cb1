package io.canaryjudge.server.telemetry;

import io.canaryjudge.server.run.RunSnapshot;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Gauges of the runs that are open or ended lately, made from their newest snapshots when
 * Prometheus asks, so that a run leaves no trace once it has left.
 *
 * <p>Their number is bounded: of more runs than the limit the newest are shown, and {@code
 * canary_judge_runs_untold} says how many are not. Used by any thread.
 */
public final class RunGauges implements MultiCollector {

  private final Map<String, Told> runs = new ConcurrentHashMap<>();
  private final InstantSource clock;
  private final Duration grace;
  private final int limit;

  private record Told(RunSnapshot snapshot, long endedMillis) {}

  /**
   * Registers itself.
   *
   * @param clock decides when an ended run leaves
   * @param grace how long a run stays after its end; longer than a few scrapes
   * @param limit greatest number of runs that are shown, at least 1
   */
  public RunGauges(PrometheusRegistry registry, InstantSource clock, Duration grace, int limit) {
    this.clock = clock;
    this.grace = grace;
    this.limit = limit;
    registry.register(this);
  }

  /**
   * Takes the newest snapshot of a run.
   *
   * @return the one before; null if the run is new here
   */
  @Nullable RunSnapshot published(RunSnapshot snapshot) {
    long ended = snapshot.verdict().open() ? Long.MAX_VALUE : clock.millis();
    Told before = runs.put(snapshot.run().id(), new Told(snapshot, ended));
    return before == null ? null : before.snapshot();
  }

  @Override
  public MetricSnapshots collect() {
    long leavesBefore = clock.millis() - grace.toMillis();
    runs.values().removeIf(run -> run.endedMillis() < leavesBefore);
    List<RunSnapshot> shown = new ArrayList<>();
    int open = 0;
    for (Told run : runs.values()) {
      shown.add(run.snapshot());
      if (run.snapshot().verdict().open()) {
        open++;
      }
    }
    shown.sort(
        Comparator.<RunSnapshot>comparingLong(run -> run.run().createMillis())
            .reversed()
            .thenComparing(run -> run.run().id()));
    int untold = Math.max(0, shown.size() - limit);
    GaugeBook book = new GaugeBook();
    book.family("runs_open", "Runs that take samples.").add(open);
    book.family("runs_untold", "Runs left out of the gauges because of their limit.").add(untold);
    RunFamilies families = new RunFamilies(book);
    shown.stream().limit(limit).forEach(families::add);
    return book.snapshots();
  }
}
