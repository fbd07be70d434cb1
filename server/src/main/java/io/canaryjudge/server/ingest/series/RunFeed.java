package io.canaryjudge.server.ingest.series;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.IngestSession;
import io.canaryjudge.server.run.Note;
import io.canaryjudge.server.run.OpenRun;
import io.canaryjudge.server.run.RunTerms;
import io.canaryjudge.server.run.Runs;
import io.canaryjudge.server.run.SampleSink;
import io.canaryjudge.server.store.RunRecord;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * Feeds one run. Points are taken one request at a time, in the order in which they come.
 *
 * <p>The owner of the run holds a session while it tells what is durable, and a request holds the
 * feed while it uses a session: so nothing that an owner calls may take the feed.
 */
final class RunFeed {

  private static final String READ_UP_TO = "r/read";

  private final Runs runs;
  private final RunRecord run;
  private final RunTerms terms;
  private final ArmMatcher matcher;
  private final RuleBook rules;
  private final long beginNanos;
  private final Map<Door, FeedStream> streams = new EnumMap<>(Door.class);
  private FeedBook book;
  private long highestMillis;

  RunFeed(OpenRun run, Runs runs) {
    this.runs = runs;
    this.run = run.run();
    this.terms = run.terms();
    this.matcher = new ArmMatcher(run.run());
    this.rules = RuleBook.of(terms.metrics());
    this.book = new FeedBook(terms, matcher, rules);
    this.beginNanos = terms.startMillis() * 1_000_000;
  }

  /** See {@link ArmMatcher#keys}. */
  List<ArmMatcher.Key> keys() {
    return matcher.keys();
  }

  /** Names of the series that it is made of. */
  Set<String> names() {
    return rules.names();
  }

  /** What it is made of, for whoever goes and gets it. */
  SeriesWishes wishes() {
    SortedSet<String> names = new TreeSet<>(rules.exposedNames());
    if (!names.isEmpty()) {
      names.addAll(FeedBook.COMPANIONS);
    }
    return new SeriesWishes(
        terms.runId(),
        terms.retrospective(),
        terms.startMillis(),
        names,
        run.arms().scope(),
        run.service());
  }

  /** Whether the judge reads its samples itself, and it takes no others. */
  boolean pulled() {
    return terms.pulled();
  }

  /** What samples are measured by. */
  RunTerms terms() {
    return terms;
  }

  /**
   * Up to where it was read, epoch milliseconds; 0 if it was not. After a restart it is what is
   * durable.
   */
  CompletableFuture<Long> readUpToMillis(Door door) {
    return stream(door)
        .opening()
        .thenApply(
            session -> {
              byte[] note = session.noted(READ_UP_TO);
              return note == null ? 0 : ByteBuffer.wrap(note).getLong();
            });
  }

  /**
   * How far its samples were read.
   *
   * @param watermarkMillis nothing earlier follows, epoch milliseconds; 0 for not known
   * @param readUpToMillis everything up to here was read, epoch milliseconds; 0 for no news
   */
  record Reading(long watermarkMillis, long readUpToMillis) {

    /** Of points that came by themselves. */
    static final Reading NONE = new Reading(0, 0);
  }

  /** Takes points that came by themselves; see the other one. */
  CompletableFuture<List<PointOutcome>> take(Door door, List<SeriesPoint> points) {
    return take(door, points, Reading.NONE);
  }

  /**
   * Takes points.
   *
   * @return what became of them, in their order; completed when what they bring is durable
   */
  CompletableFuture<List<PointOutcome>> take(Door door, List<SeriesPoint> points, Reading reading) {
    FeedStream stream = stream(door);
    CompletableFuture<IngestSession> opening = stream.opening();
    CompletableFuture<List<PointOutcome>> taken =
        opening.isDone()
            ? opening.thenCompose(session -> take(door, stream, session, points, reading))
            // Completed by the owner, which holds the session then: go on elsewhere.
            : opening.thenComposeAsync(
                session -> take(door, stream, session, points, reading),
                Thread::startVirtualThread);
    return taken.exceptionallyCompose(
        error ->
            closed(error)
                ? CompletableFuture.completedFuture(
                    points.stream().map(_ -> PointOutcome.UNMATCHED).toList())
                : CompletableFuture.failedFuture(error));
  }

  private static boolean closed(Throwable error) {
    Throwable cause = error.getCause() == null ? error : error.getCause();
    return cause instanceof JudgeException known && known.reason() == ErrorReason.RUN_CLOSED;
  }

  private FeedStream stream(Door door) {
    FeedStream fresh;
    synchronized (streams) {
      FeedStream present = streams.get(door);
      if (present != null) {
        return present;
      }
      fresh = new FeedStream();
      streams.put(door, fresh);
    }
    runs.openStream(terms.runId(), door.producer(), door, fresh);
    return fresh;
  }

  private synchronized CompletableFuture<List<PointOutcome>> take(
      Door door,
      FeedStream stream,
      IngestSession session,
      List<SeriesPoint> points,
      Reading reading) {
    boolean wantsMore = session.wantsMore();
    JudgeException end = stream.end(); // looked at last: one that has just ended wants no more
    if (end != null) {
      return CompletableFuture.failedFuture(end);
    }
    if (!wantsMore) {
      return CompletableFuture.failedFuture(
          JudgeException.of(
                  ErrorReason.LIMIT_REACHED,
                  "Run " + terms.runId() + " has too much to write: try again.")
              .retryAfter(1_000));
    }
    FeedRound round = new FeedRound(book, door, session, beginNanos, points);
    try {
      round.read();
      highestMillis = Math.max(highestMillis, round.highestMillis());
      CompletableFuture<Void> durable =
          round.changed() || !reading.equals(Reading.NONE)
              ? stream.offer(
                  session,
                  round.samples(),
                  watermarkMillis(reading),
                  sink -> write(round, reading, session, sink))
              : stream.settled();
      List<PointOutcome> outcomes = round.outcomes();
      return durable.thenApply(_ -> outcomes);
    } catch (RuntimeException e) {
      startAgain();
      throw e;
    }
  }

  /**
   * After a defect: what is remembered may be ahead of what the run was given. All doors begin
   * anew, since what one has handed over is known to the next book only when it was collected, and
   * that is so when its stream is opened again.
   */
  private void startAgain() {
    book = new FeedBook(terms, matcher, rules);
    synchronized (streams) {
      streams.values().forEach(FeedStream::abandon);
      streams.clear();
    }
  }

  private static void write(
      FeedRound round, Reading reading, IngestSession session, SampleSink sink) {
    if (reading.readUpToMillis() > 0) {
      byte[] upTo = ByteBuffer.allocate(Long.BYTES).putLong(reading.readUpToMillis()).array();
      Note note = session.note(READ_UP_TO);
      if (note != null) { // else it is read once more after a restart, and counts once
        sink.note(note, upTo);
      }
    }
    round.writeTo(sink);
  }

  /**
   * Only retrospective runs look at it: nothing older than the policy's lateness follows, if it is
   * not known better.
   */
  private long watermarkMillis(Reading reading) {
    if (terms.pulled()) {
      return reading.watermarkMillis();
    }
    return terms.retrospective() ? Math.max(0, highestMillis - terms.latenessMillis()) : 0;
  }
}
