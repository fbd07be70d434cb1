package io.canaryjudge.server.ingest.pull;

import io.canaryjudge.server.ingest.series.SeriesIntake;
import io.canaryjudge.server.ingest.series.SeriesWishes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the series of all open live runs from one server, in rounds. Runs that want the same series
 * share a query; a run that has ended is asked for no more.
 */
public final class PrometheusPull {

  private static final Logger LOG = LoggerFactory.getLogger(PrometheusPull.class);

  /** Queries at once. */
  private static final int PARALLEL = 4;

  private final Supplier<List<SeriesWishes>> wishes;
  private final PullSettings settings;
  private final InstantSource clock;
  private final PrometheusClient client;
  private final SeriesReader reader;
  private final ServiceFinder finder;
  private final Map<String, Progress> progress = new LinkedHashMap<>();
  private final ExecutorService workers =
      Executors.newFixedThreadPool(PARALLEL, Thread.ofVirtual().name("pull-", 0).factory());
  private final ScheduledExecutorService rounds =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("pull").factory());

  /**
   * Prepares; nothing is asked before {@link #start}.
   *
   * @param wishes what the open runs are made of
   * @param clock the present moment
   */
  public PrometheusPull(
      Supplier<List<SeriesWishes>> wishes,
      SeriesIntake intake,
      PullSettings settings,
      InstantSource clock,
      PullAccounting accounting) {
    this.wishes = wishes;
    this.settings = settings;
    this.clock = clock;
    this.client = new PrometheusClient(settings);
    this.reader = new SeriesReader(client, intake, settings, accounting);
    this.finder = new ServiceFinder(client, intake, settings, accounting);
  }

  /** Begins to read, now and at each interval. */
  public void start() {
    LOG.info("series of runs are read from {} every {}", settings.url(), settings.interval());
    ScheduledFuture<?> _ =
        rounds.scheduleWithFixedDelay(
            this::scheduledRound, 0, settings.interval().toMillis(), TimeUnit.MILLISECONDS);
  }

  private void scheduledRound() {
    try {
      round();
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
    inParallel(finder.due(byService, now));
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
    inParallel(readings);
  }

  private void inParallel(List<Callable<Void>> tasks) throws InterruptedException {
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
    client.close();
    if (!rounds.awaitTermination(millis, TimeUnit.MILLISECONDS)) {
      LOG.warn("a query has not ended within {}", patience);
    }
  }
}
