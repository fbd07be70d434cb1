package io.canaryjudge.server.run;

import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.AuditRow;
import io.canaryjudge.server.store.RunCommit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that changes a run: a virtual thread which takes messages in their order.
 *
 * <p>It works in rounds that the {@link GroupCommitter} asks for. In a round it collects what the
 * streams merged, seals the windows that are complete, and gives what is new as one commit; when
 * that is durable it tells streams, watchers and callers. A new round begins only after that, so
 * that one commit of a run is under way at most.
 */
final class RunOwner implements Runnable {

  private static final Logger logger = LoggerFactory.getLogger(RunOwner.class);

  /** What is told of a round once its commit is durable, but for what the streams are told. */
  private static final class Pending {
    final List<CompletableFuture<RunSnapshot>> answers = new ArrayList<>();
    int sealedWindows;
    long sealedBytes;
    long lastDueMillis;
  }

  private final String id;
  private final OpenRun openRun;
  private final RunTerms terms;
  private final RunBook book;
  private final RunGate gate;
  private final SealingRule rule;
  private final RunSettings settings;
  private final RunStreams streams;
  private final RunTelemetry telemetry;
  private final Consumer<RunOwner> onEnd;
  private final Inbox<OwnerMessage> inbox;
  private final Watchers watchers = new Watchers();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();

  private volatile RunSnapshot snapshot;
  private volatile boolean underWay;
  private volatile @Nullable JudgeException failure;
  private volatile long nextMillis;

  // Of this thread.
  private Pending pending = new Pending();
  private Pending telling = new Pending();
  private RunBook.@Nullable Cut cut;
  private long interruptedMillis;
  private long activeMillis;
  private long heldBytes;
  private boolean draining;
  private boolean lastRound;

  RunOwner(
      OpenRun openRun,
      RunBook book,
      RunGate gate,
      RunSettings settings,
      SampleAccounting accounting,
      RunTelemetry telemetry,
      Consumer<RunOwner> onEnd,
      long nowMillis) {
    this.openRun = openRun;
    this.snapshot = book.snapshot();
    this.id = snapshot.run().id();
    this.terms = gate.terms();
    this.book = book;
    this.gate = gate;
    this.rule = SealingRule.of(terms, snapshot.run().producerCount(), settings.graceMillis());
    this.settings = settings;
    this.streams = new RunStreams(gate, accounting, telemetry);
    this.telemetry = telemetry;
    this.onEnd = onEnd;
    this.inbox = new Inbox<>(settings.maxMessages());
    this.activeMillis = nowMillis;
    this.interruptedMillis = snapshot.run().createMillis(); // nothing of it was missed before
    gate.closeBelow(book.windows().sealed());
    gate.addCells(book.windows().cells());
    weigh();
    schedule();
  }

  // For any thread.

  String id() {
    return id;
  }

  /** The run as it was taken up. */
  OpenRun openRun() {
    return openRun;
  }

  /** The run as of its newest commit. */
  RunSnapshot snapshot() {
    return snapshot;
  }

  /** Whether there is something to do for it now. */
  boolean due(long nowMillis) {
    return !underWay && failure == null && (gate.dirty() || nowMillis >= nextMillis);
  }

  /** Whether a round is not over: its commit is under way, or not everybody was told yet. */
  boolean busyWithRound() {
    return underWay && failure == null;
  }

  /** Begins a round. The answer is null if there is nothing to commit. */
  CompletableFuture<@Nullable RunCommit> prepare(long nowMillis, long interruptedUntilMillis) {
    CompletableFuture<@Nullable RunCommit> answer = new CompletableFuture<>();
    underWay = true;
    if (!inbox.force(new OwnerMessage.Prepare(nowMillis, interruptedUntilMillis, answer))) {
      answer.complete(null);
    }
    return answer;
  }

  /** The commit of the present round is durable. */
  void committed(long nowMillis) {
    inbox.force(new OwnerMessage.Committed(nowMillis));
  }

  /** The commit of the present round can never become durable. */
  void failed(Throwable cause) {
    inbox.force(new OwnerMessage.Failed(cause));
  }

  /** Opens a stream; returns false if the run has ended. */
  boolean open(String producer, Door door, IngestListener listener) {
    return switch (inbox.offer(new OwnerMessage.Open(producer, door, listener))) {
      case TAKEN -> {
        gate.markDirty();
        yield true;
      }
      case FULL -> {
        listener.ended(busy());
        yield true;
      }
      case CLOSED -> false;
    };
  }

  /** Reports something; returns false if the run has ended. */
  boolean report(LogEntry entry, AuditRow row, CompletableFuture<RunSnapshot> answer) {
    return switch (inbox.offer(new OwnerMessage.Report(entry, row, answer))) {
      case TAKEN -> {
        gate.markDirty(); // the round that this asks for comes after the message
        yield true;
      }
      case FULL -> {
        answer.completeExceptionally(busy());
        yield true;
      }
      case CLOSED -> false;
    };
  }

  /** Tells of each new snapshot, and of the present one if it is new. */
  Subscription watch(long afterRevision, Consumer<RunSnapshot> listener) {
    Subscription subscription = watchers.add(afterRevision, listener);
    Watchers.tell(subscription, snapshot);
    return subscription;
  }

  /** How many watch. */
  int watching() {
    return watchers.count();
  }

  /** Commits what there is and ends the streams; completed after that. */
  CompletableFuture<Void> drain() {
    if (!inbox.force(new OwnerMessage.Drain())) {
      drained.complete(null);
    }
    gate.markDirty();
    return drained;
  }

  private JudgeException busy() {
    return JudgeException.of(
            ErrorReason.LIMIT_REACHED,
            "More than " + settings.maxMessages() + " requests wait for run " + id + ".")
        .retryAfter(settings.commitIntervalMillis());
  }

  // Of the owner's thread.

  @Override
  public void run() {
    try {
      while (true) {
        OwnerMessage message = inbox.take();
        if (message == null) {
          return;
        }
        take(message);
        if (idle() && inbox.closeIfEmpty()) {
          drained.complete(null);
          hold(0);
          onEnd.accept(this);
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      logger.warn("The owner of run {} was interrupted", id);
    }
  }

  /** Whether nothing is left to do, ever. */
  private boolean idle() {
    if (failure != null) {
      return draining;
    }
    return !underWay && pending.answers.isEmpty() && (drained.isDone() || !book.open());
  }

  private void take(OwnerMessage message) {
    try {
      switch (message) {
        case OwnerMessage.Open open -> open(open);
        case OwnerMessage.Report report -> report(report);
        case OwnerMessage.Prepare prepare -> prepare(prepare);
        case OwnerMessage.Committed committed -> committed(committed);
        case OwnerMessage.Failed failure -> fail(failure.cause());
        case OwnerMessage.Drain _ -> draining = true;
      }
    } catch (RuntimeException | StackOverflowError e) {
      fail(e);
      answer(message);
    }
  }

  private void open(OwnerMessage.Open open) {
    JudgeException refusal = refusal(open.producer());
    if (refusal != null) {
      open.listener().ended(refusal);
      return;
    }
    streams.open(open.producer(), open.door(), open.listener(), book);
  }

  private @Nullable JudgeException refusal(String producer) {
    if (failure != null) {
      return failure;
    }
    if (!book.open()) {
      return closed(id);
    }
    if (draining) {
      return draining();
    }
    if (terms.pulled() && !producer.equals(Door.PROMQL.producer())) {
      return JudgeException.invalidField(
          "open.analysis_run",
          "analysisRuns/" + id,
          "a run without retrospective.from_prometheus: the judge reads the samples of this one");
    }
    int most = settings.limits().maxProducers();
    if (!book.producers().knows(producer) && book.producers().count() >= most) {
      return JudgeException.of(
          ErrorReason.LIMIT_REACHED,
          "open.producer: " + producer + " (expected: at most " + most + " producers in a run)");
    }
    return null;
  }

  private void report(OwnerMessage.Report report) {
    JudgeException resting = failure;
    if (resting != null) {
      report.answer().completeExceptionally(resting);
    } else if (pending.answers.size() >= settings.maxMessages()) {
      report.answer().completeExceptionally(busy());
    } else {
      apply(report);
    }
  }

  private void apply(OwnerMessage.Report report) {
    LogEntry entry = report.entry();
    if (!ReportRules.fits(entry, book.verdict())) {
      report.answer().completeExceptionally(closed(id));
      return;
    }
    if (ReportRules.changes(entry, book.verdict())) {
      try {
        book.apply(entry, report.row(), report.row().atMillis());
      } catch (IllegalArgumentException e) {
        report.answer().completeExceptionally(ReportRules.misfit(entry, e));
        return;
      }
    }
    pending.answers.add(report.answer());
  }

  private void prepare(OwnerMessage.Prepare prepare) {
    if (failure != null || cut != null) {
      prepare.answer().complete(null);
      return;
    }
    lastRound = draining;
    gate.clearDirty();
    if (prepare.interruptedMillis() > interruptedMillis) {
      interruptedMillis = prepare.interruptedMillis();
      rule.interruptedUntil(interruptedMillis);
    }
    if (book.open()) {
      advance(prepare.nowMillis());
    }
    RunBook.Cut next = book.cut();
    weigh();
    schedule();
    if (next == null) {
      tell(pending.answers);
      pending.answers.clear();
      afterRound();
      prepare.answer().complete(null);
    } else {
      cut = next;
      telling = pending;
      pending = new Pending();
      streams.cut();
      prepare.answer().complete(next.commit());
    }
  }

  /** Collects, and seals what is complete then. */
  private void advance(long nowMillis) {
    closeGate(nowMillis);
    collect(nowMillis);
    if (rule instanceof SealingRule.ByProducers producers && nowMillis >= quietMillis(producers)) {
      producers.quiet();
    }
    if (terms.retrospective()) {
      // Only now is it known how far the producers are. What their streams take from here on is
      // beyond the gate; what they took before has to be collected.
      closeGate(nowMillis);
      collect(nowMillis);
    }
    while (book.open() && book.windows().sealed() < gate.firstOpenWindow()) {
      pending.lastDueMillis = rule.nextMillis(book.windows());
      WindowAggregate content = book.seal(rule.interrupted(book.windows().sealed()), nowMillis);
      gate.returnCells(content.entries().size());
      pending.sealedWindows++;
      pending.sealedBytes += content.heapBytes();
    }
    if (book.open()) {
      endIfOver(nowMillis);
    }
  }

  private void closeGate(long nowMillis) {
    long most = book.windows().sealed() + settings.maxWindowsPerCommit();
    gate.closeBelow(Math.min(most, rule.complete(nowMillis, book.producers(), book.windows())));
  }

  private void endIfOver(long nowMillis) {
    if (!(rule instanceof SealingRule.ByProducers producers)) {
      return;
    }
    if (producers.ended(book.producers())) {
      if (book.windows().sealed() >= rule.complete(nowMillis, book.producers(), book.windows())) {
        book.apply(new LogEntry.DataEnded(nowMillis), null, nowMillis);
      }
    } else if (nowMillis - activeMillis >= settings.idleMillis()) {
      String reason = "No samples came for " + settings.idleMillis() / 1_000 + " s.";
      LogEntry end =
          book.verdict().judgedDecision() == Decision.WAIT
              ? new LogEntry.Cancelled(nowMillis, "", reason)
              : new LogEntry.DataEnded(nowMillis);
      book.apply(
          end, new AuditRow(nowMillis, "", "run.abandon", "analysisRuns/" + id, reason), nowMillis);
    }
  }

  private void schedule() {
    if (!book.open()) {
      nextMillis = SealingRule.NEVER;
    } else if (terms.retrospective()) {
      boolean more = rule.complete(0, book.producers(), book.windows()) > book.windows().sealed();
      nextMillis =
          more ? Long.MIN_VALUE : Math.min(activeMillis + settings.idleMillis(), quietMillis(rule));
    } else {
      nextMillis = rule.nextMillis(book.windows());
    }
  }

  private long quietMillis(SealingRule now) {
    return switch (now) {
      case SealingRule.ByClock _ -> SealingRule.NEVER;
      case SealingRule.ByProducers producers ->
          producers.quietMillis(
              book.producers(), book.windows(), activeMillis, settings.quietMillis());
    };
  }

  private void collect(long nowMillis) {
    if (streams.collect(book)) {
      activeMillis = nowMillis;
    }
  }

  /** Counts what is held of samples here: in open windows, and in sealed ones until the commit. */
  private void weigh() {
    hold(book.windows().heapBytes() + pending.sealedBytes + telling.sealedBytes);
  }

  private void hold(long bytes) {
    gate.hold(bytes - heldBytes);
    heldBytes = bytes;
  }

  private void committed(OwnerMessage.Committed committed) {
    RunBook.Cut durable = cut;
    if (durable == null) {
      return;
    }
    cut = null;
    book.producers().commit(durable.commit().producers());
    snapshot = durable.snapshot();
    streams.committed(durable.commit().producers());
    if (telling.sealedWindows > 0) {
      long lag = terms.retrospective() ? 0 : committed.nowMillis() - telling.lastDueMillis;
      telemetry.sealed(telling.sealedWindows, lag);
    }
    telemetry.published(snapshot);
    watchers.publish(snapshot);
    tell(telling.answers);
    telling = new Pending();
    weigh();
    afterRound();
  }

  private void afterRound() {
    if (!snapshot.verdict().open()) {
      streams.end(Refusal.RUN_CLOSED, closed(id));
    } else if (lastRound) {
      streams.end(Refusal.STREAM_ENDED, draining());
    } else if (nextMillis == Long.MIN_VALUE) {
      gate.hurry();
    }
    if (lastRound) {
      drained.complete(null);
    }
    underWay = false;
  }

  private void tell(List<CompletableFuture<RunSnapshot>> answers) {
    for (CompletableFuture<RunSnapshot> answer : answers) {
      answer.complete(snapshot);
    }
  }

  /** Gives up this run alone: what is durable of it stays, and nothing is decided. */
  private void fail(Throwable cause) {
    if (failure != null) {
      return;
    }
    logger.error("Run {} rests until the server is started again", id, cause);
    JudgeException why =
        cause instanceof JudgeException known && known.reason() == ErrorReason.STORE_TAKEN_OVER
            ? known
            : JudgeException.of(
                    ErrorReason.INTERNAL, "Run " + id + " rests after a defect of the server.")
                .causedBy(cause);
    failure = why;
    telemetry.ownerFailed();
    streams.fail(why);
    for (Pending each : List.of(pending, telling)) {
      each.answers.forEach(answer -> answer.completeExceptionally(why));
    }
    pending = new Pending();
    telling = new Pending();
    drained.complete(null);
  }

  /** Leaves nobody waiting for a message at which the owner failed. */
  private void answer(OwnerMessage message) {
    JudgeException why = failure;
    if (why == null) {
      return;
    }
    switch (message) {
      case OwnerMessage.Open open -> open.listener().ended(why);
      case OwnerMessage.Report report -> report.answer().completeExceptionally(why);
      case OwnerMessage.Prepare prepare -> prepare.answer().complete(null);
      case OwnerMessage.Committed _, OwnerMessage.Failed _, OwnerMessage.Drain _ -> {}
    }
  }

  /** Why nothing new is taken while the server stops. */
  static JudgeException draining() {
    return JudgeException.of(ErrorReason.DRAINING, "The server is stopping.").retryAfter(1_000);
  }

  /** Why a run takes nothing any more. */
  static JudgeException closed(String id) {
    return JudgeException.of(ErrorReason.RUN_CLOSED, "Run " + id + " has ended: read its verdict.");
  }
}
