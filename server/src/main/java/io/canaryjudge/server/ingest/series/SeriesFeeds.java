package io.canaryjudge.server.ingest.series;

import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.OpenRun;
import io.canaryjudge.server.run.OpenRunListener;
import io.canaryjudge.server.run.Refusal;
import io.canaryjudge.server.run.Runs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Takes points into all open runs: finds for each point the runs that may be made of it. */
public final class SeriesFeeds implements SeriesIntake {

  private final PointAccounting accounting;
  private final Map<String, RunFeed> feeds = new ConcurrentHashMap<>();
  private volatile Index index = Index.EMPTY;

  /**
   * Where to look for the runs of a point.
   *
   * @param names of series that some run may want
   * @param byLabel runs by a label that all their series have, and its value
   * @param others runs that have to be asked for each point
   */
  private record Index(
      Set<String> names, Map<String, Map<String, List<RunFeed>>> byLabel, List<RunFeed> others) {

    static final Index EMPTY = new Index(Set.of(), Map.of(), List.of());
  }

  private SeriesFeeds(PointAccounting accounting) {
    this.accounting = accounting;
  }

  /** Begins to feed: the runs that are open, and each that is opened later. */
  public static SeriesFeeds start(Runs runs, PointAccounting accounting) {
    SeriesFeeds all = new SeriesFeeds(accounting);
    runs.watchOpenRuns(
        new OpenRunListener() {
          @Override
          public void opened(OpenRun run) {
            all.feeds.put(run.run().id(), new RunFeed(run, runs));
            all.reindex();
          }

          @Override
          public void ended(String runId) {
            all.feeds.remove(runId);
            all.reindex();
          }
        });
    return all;
  }

  private synchronized void reindex() {
    Set<String> names = new HashSet<>();
    Map<String, Map<String, List<RunFeed>>> byLabel = new HashMap<>();
    List<RunFeed> others = new ArrayList<>();
    for (RunFeed feed : feeds.values()) {
      if (feed.pulled()) {
        continue; // its points come one by one from whoever reads it
      }
      names.addAll(feed.names());
      List<ArmMatcher.Key> keys = feed.keys();
      if (keys.isEmpty()) {
        others.add(feed);
      }
      for (ArmMatcher.Key key : keys) {
        List<RunFeed> same =
            byLabel
                .computeIfAbsent(key.label(), _ -> new HashMap<>())
                .computeIfAbsent(key.value(), _ -> new ArrayList<>());
        if (!same.contains(feed)) {
          same.add(feed);
        }
      }
    }
    if (!names.isEmpty()) {
      names.addAll(FeedBook.COMPANIONS);
    }
    index = new Index(names, byLabel, others);
  }

  /** The open runs whose samples the judge reads itself, each by {@link PulledFeed}. */
  public List<PulledFeed> pulled() {
    return feeds.values().stream()
        .filter(RunFeed::pulled)
        .map(feed -> new PulledFeed(feed, this))
        .toList();
  }

  /**
   * What the open runs are made of; those left out that are not made of series at all, and those of
   * {@link #pulled}.
   */
  public List<SeriesWishes> wishes() {
    return feeds.values().stream()
        .filter(feed -> !feed.pulled())
        .map(RunFeed::wishes)
        .filter(wishes -> !wishes.names().isEmpty())
        .toList();
  }

  @Override
  public boolean wants(String name) {
    return index.names.contains(name);
  }

  @Override
  public boolean knows(Labels labels) {
    return !candidates(index, labels).isEmpty();
  }

  /** The points of a request that are for one run, and their places in it. */
  private record Share(List<SeriesPoint> points, List<Integer> places) {

    Share() {
      this(new ArrayList<>(), new ArrayList<>());
    }
  }

  @Override
  public CompletableFuture<SeriesAnswer> take(SeriesRequest request) {
    List<SeriesPoint> points = request.points();
    Map<RunFeed, Share> shares = new LinkedHashMap<>();
    Index now = index;
    for (int i = 0; i < points.size(); i++) {
      SeriesPoint point = points.get(i);
      for (RunFeed feed : candidates(now, point.labels())) {
        Share share = shares.computeIfAbsent(feed, _ -> new Share());
        share.points.add(point);
        share.places.add(i);
      }
    }
    PointOutcome[] outcomes = new PointOutcome[points.size()];
    Arrays.fill(outcomes, PointOutcome.UNMATCHED);
    List<CompletableFuture<?>> all = new ArrayList<>();
    shares.forEach(
        (feed, share) ->
            all.add(
                feed.take(request.door(), share.points)
                    .thenAccept(taken -> note(share.places, taken, outcomes))));
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
        .thenApply(_ -> answer(request, outcomes));
  }

  private static void note(
      List<Integer> places, List<PointOutcome> taken, PointOutcome[] outcomes) {
    synchronized (outcomes) {
      for (int i = 0; i < places.size(); i++) {
        int place = places.get(i);
        outcomes[place] = outcomes[place].or(taken.get(i));
      }
    }
  }

  /** Each run once; mostly none or one, so that a list is searched faster than a set. */
  private static List<RunFeed> candidates(Index index, Labels labels) {
    List<RunFeed> found = index.others;
    for (int i = 0; i < labels.size(); i++) {
      String label = labels.key(i);
      Map<String, List<RunFeed>> byValue = index.byLabel.get(label);
      if (byValue == null) {
        continue;
      }
      String value = labels.value(i);
      found = joined(found, byValue.getOrDefault(value, List.of()));
      String service = ArmMatcher.serviceOf(label, value);
      if (!service.equals(value)) {
        found = joined(found, byValue.getOrDefault(service, List.of()));
      }
    }
    return found;
  }

  private static List<RunFeed> joined(List<RunFeed> some, List<RunFeed> more) {
    if (more.isEmpty() || some.equals(more)) {
      return some;
    }
    if (some.isEmpty()) {
      return more;
    }
    Set<RunFeed> all = new LinkedHashSet<>(some);
    all.addAll(more);
    return List.copyOf(all);
  }

  SeriesAnswer answer(SeriesRequest request, PointOutcome[] outcomes) {
    Door door = request.door();
    EnumMap<PointOutcome.Kind, Long> counts = new EnumMap<>(PointOutcome.Kind.class);
    List<SeriesPoint> refusedInRuns = new ArrayList<>();
    for (int i = 0; i < outcomes.length; i++) {
      PointOutcome outcome = outcomes[i];
      counts.merge(outcome.kind(), 1L, Long::sum);
      Refusal reason = outcome.reason();
      if (reason != null) {
        request.refuse(reason, 1, outcome::example);
        refusedInRuns.add(request.points().get(i));
      }
    }
    List<PointRejection> rejections = request.rejections();
    long refused = rejections.stream().mapToLong(PointRejection::points).sum();
    long received = outcomes.length - refusedInRuns.size() + refused + request.unwanted();
    accounting.received(door, received);
    accounting.taken(door, counts.getOrDefault(PointOutcome.Kind.TAKEN, 0L));
    accounting.repeated(door, counts.getOrDefault(PointOutcome.Kind.REPEATED, 0L));
    accounting.shadowed(door, counts.getOrDefault(PointOutcome.Kind.SHADOWED, 0L));
    accounting.unmatched(
        door, counts.getOrDefault(PointOutcome.Kind.UNMATCHED, 0L) + request.unwanted());
    rejections.forEach(each -> accounting.refused(door, each.reason(), each.points()));
    return new SeriesAnswer(received, rejections, refusedInRuns);
  }
}
