package io.canaryjudge.server.ingest.pull;

import io.canaryjudge.server.ingest.series.PulledFeed;
import io.canaryjudge.server.ingest.series.SeriesIntake;
import io.canaryjudge.server.ingest.series.SeriesWishes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the series of runs from one server. Those of open live runs in rounds, one at each
 * interval: runs that want the same series share a query. Those of runs over a range of records one
 * run after the other, slice by slice, as fast as it goes. For a run that has ended no more is
 * asked.
 */
public final class PrometheusPull {

  private static final Logger LOG = LoggerFactory.getLogger(PrometheusPull.class);

  /** Queries at once. */
  private static final int PARALLEL = 4;

  /** Queries at once for ranges: live runs are not to wait for them. */
  private static final int PARALLEL_RANGES = 2;

  /** Slices of one run after which others have their turn. */
  private static final int SLICES_IN_TURN = 20;

  /** How soon a new range is found. */
  private static final long LOOK_MILLIS = 250;

  private final Supplier<List<SeriesWishes>> wishes;
  private final Supplier<List<PulledFeed>> ranges;
  private final PullSettings settings;
  private final InstantSource clock;
  private final PrometheusClient client;
  private final SeriesReader reader;
  private final ServiceFinder finder;
  private final PullAccounting accounting;
  private final Map<String, Progress> progress = new LinkedHashMap<>();
  private final Map<String, RangeReader> rangeReaders = new HashMap<>();
  private final ExecutorService workers =
      Executors.newFixedThreadPool(PARALLEL, Thread.ofVirtual().name("pull-", 0).factory());
  private final ExecutorService rangeWorkers =
      Executors.newFixedThreadPool(
          PARALLEL_RANGES, Thread.ofVirtual().name("pull-range-", 0).factory());
  private final ScheduledExecutorService rounds =
      Executors.newScheduledThreadPool(2, Thread.ofPlatform().name("pull-rounds-", 0).factory());

  /**
   * Prepares; nothing is asked before {@link #start}.
   *
   * @param wishes what the open runs are made of
   * @param ranges the open runs whose records are read
   * @param clock the present moment
   */
  public PrometheusPull(
      Supplier<List<SeriesWishes>> wishes,
      Supplier<List<PulledFeed>> ranges,
      SeriesIntake intake,
      PullSettings settings,
      InstantSource clock,
      PullAccounting accounting) {
    this.wishes = wishes;
    this.ranges = ranges;
    this.accounting = accounting;
    this.settings = settings;
    this.clock = clock;
    this.client = new PrometheusClient(settings);
    this.reader = new SeriesReader(client, intake, settings, accounting);
    this.finder = new ServiceFinder(client, settings, accounting);
  }

  /** Begins to read, now and at each interval. */
  public void start() {
    LOG.info("series of runs are read from {} every {}", settings.url(), settings.interval());
    ScheduledFuture<?> _ =
        rounds.scheduleWithFixedDelay(
            () -> scheduled(this::round), 0, settings.interval().toMillis(), TimeUnit.MILLISECONDS);
    ScheduledFuture<?> _ =
        rounds.scheduleWithFixedDelay(
            () -> scheduled(this::readRanges), 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  @FunctionalInterface
  private interface Round {
    void go() throws InterruptedException;
  }

  private static void scheduled(Round round) {
    try {
      round.go();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (RejectedExecutionException _) {
      // Closed in the middle of a round.
    } catch (RuntimeException e) {
      LOG.error("a round of reading failed", e);
    }
  }

  /** Reads everything that there is to read at this moment, once; returns when that is done. */
  synchronized void round() throws InterruptedException {
    long now = clock.millis();
    List<SeriesWishes> live = wishes.get().stream().filter(w -> !w.retrospective()).toList();
    List<SeriesWishes> byService = live.stream().filter(w -> w.scope().isEmpty()).toList();
    inParallel(workers, finder.due(byService, now));
    Map<String, Long> begins = new LinkedHashMap<>();
    for (SeriesWishes run : live) {
      List<String> selectors =
          run.scope().isEmpty()
              ? Selectors.byService(run, finder.labels(run))
              : List.of(Selectors.scoped(run));
      selectors.forEach(each -> begins.merge(each, run.startMillis(), Math::min));
    }
    progress.keySet().retainAll(begins.keySet());
    List<Callable<Void>> readings = new ArrayList<>();
    begins.forEach(
        (selector, begin) -> {
          Progress own =
              progress.computeIfAbsent(
                  selector, _ -> new Progress(selector, begin - settings.interval().toMillis()));
          readings.add(
              () -> {
                reader.read(own, now);
                return null;
              });
        });
    inParallel(workers, readings);
  }

  /** Reads more of the ranges of all runs that have one; returns when it is others' turn. */
  void readRanges() throws InterruptedException {
    synchronized (rangeReaders) {
      List<PulledFeed> runs = ranges.get();
      Set<String> ids =
          runs.stream().map(run -> run.terms().runId()).collect(Collectors.toUnmodifiableSet());
      rangeReaders.keySet().retainAll(ids);
      List<Callable<Void>> turns = new ArrayList<>();
      for (PulledFeed run : runs) {
        RangeReader reader =
            rangeReaders.computeIfAbsent(
                run.terms().runId(), _ -> new RangeReader(client, settings, accounting));
        turns.add(
            () -> {
              boolean more = true;
              for (int slice = 0; more && slice < SLICES_IN_TURN; slice++) {
                more = reader.readSlice(run, clock.millis());
              }
              return null;
            });
      }
      inParallel(rangeWorkers, turns);
    }
  }

  private static void inParallel(ExecutorService workers, List<Callable<Void>> tasks)
      throws InterruptedException {
    for (Future<Void> task : workers.invokeAll(tasks)) {
      try {
        task.get();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof InterruptedException interrupted) {
          throw interrupted;
        }
        LOG.error("a query failed by a defect", e.getCause());
      }
    }
  }

  /**
   * Stops. A round that is under way may end by itself for a moment, and is broken off then.
   *
   * @param patience how long to wait in all
   */
  public void close(Duration patience) throws InterruptedException {
    long millis = patience.toMillis();
    rounds.shutdown();
    if (!rounds.awaitTermination(Math.min(millis, 1_000), TimeUnit.MILLISECONDS)) {
      rounds.shutdownNow();
    }
    workers.shutdownNow();
    rangeWorkers.shutdownNow();
    client.close();
    if (!rounds.awaitTermination(millis, TimeUnit.MILLISECONDS)) {
      LOG.warn("a query has not ended within {}", patience);
    }
  }
}
