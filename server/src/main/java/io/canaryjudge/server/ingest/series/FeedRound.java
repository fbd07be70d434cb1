package io.canaryjudge.server.ingest.series;

import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.IngestSession;
import io.canaryjudge.server.run.Note;
import io.canaryjudge.server.run.Refusal;
import io.canaryjudge.server.run.SampleSink;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The points of one request on their way into one run. Guarded by its feed. */
final class FeedRound {

  private final FeedBook book;
  private final long number;
  private final Door door;
  private final IngestSession session;
  private final long beginNanos;
  private final List<SeriesPoint> points;
  private final PointOutcome[] outcomes;
  private final List<Sample> samples = new ArrayList<>();

  // What is to be known again after a restart.
  private final List<FedSeries> changedSeries = new ArrayList<>();
  private final Set<Target> changedTargets = new LinkedHashSet<>();
  private final Set<SourceChoice> changedChoices = new LinkedHashSet<>();
  private final List<FailureCount> changedFailures = new ArrayList<>();

  private record Sample(int point, FedSeries series, Totals totals, long timeMillis) {}

  FeedRound(
      FeedBook book, Door door, IngestSession session, long beginNanos, List<SeriesPoint> points) {
    this.book = book;
    this.number = book.nextRound();
    this.door = door;
    this.session = session;
    this.beginNanos = beginNanos;
    this.points = points;
    this.outcomes = new PointOutcome[points.size()];
    Arrays.fill(outcomes, PointOutcome.UNMATCHED);
  }

  /** Finds out what is new. */
  void read() {
    List<List<FedSeries>> fed = new ArrayList<>();
    for (int i = 0; i < points.size(); i++) {
      fed.add(find(i));
    }
    fed.forEach(each -> each.forEach(this::noteFailures));
    chooseSources(fed);
    for (int i = 0; i < points.size(); i++) {
      for (FedSeries each : fed.get(i)) {
        outcomes[i] = advance(i, each).or(outcomes[i]);
      }
    }
  }

  /** Whether there is anything to commit. */
  boolean changed() {
    return !samples.isEmpty()
        || !changedSeries.isEmpty()
        || !changedTargets.isEmpty()
        || !changedChoices.isEmpty()
        || !changedFailures.isEmpty();
  }

  /** How many samples it brings. */
  int samples() {
    return samples.size();
  }

  /** Time of its latest sample, epoch milliseconds; 0 if it has none. */
  long highestMillis() {
    return samples.stream().mapToLong(Sample::timeMillis).max().orElse(0);
  }

  /** What became of the points, in their order. */
  List<PointOutcome> outcomes() {
    return List.of(outcomes);
  }

  private List<FedSeries> find(int place) {
    SeriesPoint point = points.get(place);
    return switch (book.find(point, door, session)) {
      case FeedBook.Found.Feeds(List<FedSeries> series) -> series;
      case FeedBook.Found.Companion(Target target, long startNanos) -> {
        boolean news = seen(target, point);
        news |= target.started(startNanos);
        if (news) {
          changedTargets.add(target);
        }
        outcomes[place] = PointOutcome.TAKEN;
        yield List.of();
      }
      case FeedBook.Found.Unusable(Refusal reason, String example) -> {
        outcomes[place] = PointOutcome.refused(reason, example);
        yield List.of();
      }
    };
  }

  /**
   * Whether it is news that its process was seen. A scrape from before a live run does not show
   * that it was: part of it may have come when nobody wanted it yet, and is missing.
   */
  private boolean seen(Target target, SeriesPoint point) {
    boolean whole = point.timeNanos() > beginNanos || session.terms().retrospective();
    return whole && target.seen(point.timeNanos());
  }

  private void noteFailures(FedSeries fed) {
    FailureCount failures = fed.failureCount();
    if (failures != null
        && fed.rule().counts() == SeriesRule.Counts.FAILURES
        && !failures.isSeen()) {
      failures.see();
      changedFailures.add(failures);
    }
  }

  /** Of several kinds of series that count the same requests of an instance, one is used. */
  private void chooseSources(List<List<FedSeries>> fed) {
    Map<SourceChoice, FedSeries> best = new LinkedHashMap<>();
    for (List<FedSeries> each : fed) {
      for (FedSeries candidate : each) {
        if (candidate.choice().source() == null) {
          best.merge(
              candidate.choice(), candidate, (a, b) -> a.rule().rank() <= b.rule().rank() ? a : b);
        }
      }
    }
    best.forEach(
        (choice, chosen) -> {
          choice.choose(chosen.source());
          changedChoices.add(choice);
        });
  }

  private PointOutcome advance(int place, FedSeries fed) {
    SeriesPoint point = points.get(place);
    if (!fed.isChosen()) {
      return PointOutcome.SHADOWED;
    }
    SeriesState.Step step = fed.take(point, beginNanos, book.likelyBuckets(point.name()));
    if (step instanceof SeriesState.Step.Repeated) {
      return PointOutcome.REPEATED;
    }
    if (fed.movesIn(number)) {
      changedSeries.add(fed);
    }
    if (seen(fed.target(), point)) {
      changedTargets.add(fed.target());
    }
    if (fed.buckets() > 0) {
      book.sawBuckets(point.name(), fed.buckets());
    }
    return switch (step) {
      case SeriesState.Step.Repeated _ -> PointOutcome.REPEATED;
      case SeriesState.Step.Baseline _ -> PointOutcome.TAKEN;
      case SeriesState.Step.Refused(Refusal reason, String example) ->
          PointOutcome.refused(reason, example);
      case SeriesState.Step.Counted(Totals totals, long timeNanos) -> {
        if (totals.count() > 0 && !fed.waitsForFailures()) {
          samples.add(new Sample(place, fed, totals, millis(point, timeNanos)));
        }
        yield PointOutcome.TAKEN;
      }
    };
  }

  /** An interval belongs to the window that it ends in, and one that ends with a window to that. */
  private static long millis(SeriesPoint point, long timeNanos) {
    boolean reading = point.value() instanceof PointValue.Gauge;
    return (reading ? timeNanos : timeNanos - 1) / 1_000_000;
  }

  /** Hands over the samples, and with them where their series stand. */
  void writeTo(SampleSink sink) {
    // Written down now: by the time of the commit the next request may have moved them.
    for (FedSeries each : changedSeries) {
      each.noteTo(sink);
    }
    for (Target each : changedTargets) {
      note(sink, each.noteKey(), Notes.write(each));
    }
    for (SourceChoice each : changedChoices) {
      note(
          sink,
          each.noteKey(),
          Objects.requireNonNull(each.source()).getBytes(StandardCharsets.UTF_8));
    }
    for (FailureCount each : changedFailures) {
      note(sink, each.noteKey(), new byte[] {1});
    }
    for (Sample sample : samples) {
      write(sample, sink);
    }
  }

  /** One of those that change rarely; room for it was taken before. */
  private void note(SampleSink sink, String key, byte[] content) {
    Note note = session.note(key);
    if (note != null) {
      sink.note(note, content);
    }
  }

  private void write(Sample sample, SampleSink sink) {
    FedSeries fed = sample.series();
    SeriesPoint point = points.get(sample.point());
    Refusal refusal = sink.place(fed.samples(), sample.timeMillis());
    if (refusal != null) {
      refuse(
          sample,
          sink,
          refusal,
          "at " + sample.timeMillis() + " ms (expected: " + sink.expected(refusal) + ")");
      return;
    }
    String problem = fed.addTo(sample.totals(), point.value());
    if (problem == null) {
      sink.accepted(fed.samples());
    } else {
      refuse(sample, sink, Refusal.LIMIT, "too much in one window (expected: " + problem + ")");
    }
  }

  private void refuse(Sample sample, SampleSink sink, Refusal reason, String problem) {
    String example = points.get(sample.point()).name() + ": " + problem;
    sink.refuse(reason, () -> example);
    outcomes[sample.point()] = PointOutcome.refused(reason, example);
  }
}
