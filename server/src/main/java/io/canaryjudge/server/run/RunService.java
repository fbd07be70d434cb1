package io.canaryjudge.server.run;

import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.ReleaseRules;
import io.canaryjudge.analysis.verdict.AttemptBudget;
import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.AuditRow;
import io.canaryjudge.server.store.NewRun;
import io.canaryjudge.server.store.Page;
import io.canaryjudge.server.store.RunFilter;
import io.canaryjudge.server.store.RunHistory;
import io.canaryjudge.server.store.RunRecord;
import io.canaryjudge.server.store.RunStore;
import io.canaryjudge.server.store.StoredVerdict;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The runs of this process, kept in a {@link RunStore}. */
public final class RunService implements Runs, AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(RunService.class);

  private final RunStore store;
  private final RunPolicies policies;
  private final RunSettings settings;
  private final InstantSource clock;
  private final SampleAccounting accounting;
  private final RunTelemetry telemetry;

  private final ConcurrentMap<String, RunOwner> owners = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, CompletableFuture<Void>> beginning =
      new ConcurrentHashMap<>();
  private final OpenRuns openRuns = new OpenRuns();
  private final SampleMemory memory;
  private final GroupCommitter committer;
  private final ReleaseGates gates;
  private final Pause pause = new Pause();
  private final @Nullable Thread rounds;
  private volatile boolean draining;
  private volatile boolean stopped;

  private RunService(
      RunStore store,
      RunPolicies policies,
      RunSettings settings,
      InstantSource clock,
      SampleAccounting accounting,
      RunTelemetry telemetry,
      boolean ownRounds) {
    this.store = store;
    this.policies = policies;
    this.settings = settings;
    this.clock = clock;
    this.accounting = accounting;
    this.telemetry = telemetry;
    this.gates = new ReleaseGates(store);
    this.memory = new SampleMemory(settings.sampleMemoryBytes(), owners::size);
    this.committer =
        new GroupCommitter(store, clock, owners::values, memory, telemetry, settings.stallMillis());
    // A platform thread: the embedded database holds its carrier while the disk syncs.
    this.rounds = ownRounds ? Thread.ofPlatform().name("committer").unstarted(this::goRound) : null;
  }

  /**
   * Takes up every open run of the store. What is sent is not committed, and no window sealed,
   * before {@link #serve}.
   *
   * @throws JudgeException {@code STORE_UNAVAILABLE}
   */
  public static RunService start(
      RunStore store,
      RunPolicies policies,
      RunSettings settings,
      InstantSource clock,
      SampleAccounting accounting,
      RunTelemetry telemetry) {
    return start(store, policies, settings, clock, accounting, telemetry, true);
  }

  /** As {@link #start}; without rounds of its own, tests ask for each with {@link #round}. */
  static RunService start(
      RunStore store,
      RunPolicies policies,
      RunSettings settings,
      InstantSource clock,
      SampleAccounting accounting,
      RunTelemetry telemetry,
      boolean ownRounds) {
    RunService service =
        new RunService(store, policies, settings, clock, accounting, telemetry, ownRounds);
    service.recover();
    return service;
  }

  /**
   * Goes on with the runs; called once, as the doors open. From here on the producers that were cut
   * off have their time to come back: the way here may have taken longer than that.
   */
  public void serve() {
    committer.begin();
    if (rounds != null) {
      rounds.start();
    }
  }

  private void recover() {
    List<RunRecord> open = store.open();
    for (RunRecord run : open) {
      try {
        RunOwner owner = own(store.load(run.id()));
        owners.put(run.id(), owner);
        gates.add(owner, owner.openRun().policy().releaseRules(), clock.millis());
        opened(owner);
      } catch (RuntimeException e) {
        if (e instanceof JudgeException known && known.reason() == ErrorReason.STORE_UNAVAILABLE) {
          throw e;
        }
        // One run that cannot be read is no reason to judge none.
        logger.error("Run {} rests until the server is started again", run.id(), e);
        telemetry.ownerFailed();
      }
    }
    if (!open.isEmpty()) {
      logger.info("Going on with {} of {} open runs", owners.size(), open.size());
    }
  }

  private RunOwner own(RunHistory history) {
    RunRecord run = history.run();
    Policy policy = policies.read(run.effectivePolicy());
    OpenRun open = new OpenRun(run, policy, RunTerms.of(run, policy, settings.limits()));
    RunNotes notes = new RunNotes(history.notes(), settings.limits().maxNotes());
    RunOwner owner =
        new RunOwner(
            open,
            RunBook.recover(history, notes, policy, settings.checkpointWindows()),
            new RunGate(open.terms(), settings.limits(), notes, memory, clock, pause::cutShort),
            settings,
            accounting,
            telemetry,
            this::ended,
            clock.millis());
    Thread.ofVirtual().name("run-" + run.id()).start(owner);
    return owner;
  }

  /** Tells of a run that takes samples; not under a lock of the map, which it has to be in. */
  private void opened(RunOwner owner) {
    if (owner.openRun().run().open()) {
      openRuns.opened(owner.openRun());
      if (!owner.snapshot().verdict().open()) {
        openRuns.ended(owner.id()); // it ended before it was told of
      }
    }
  }

  private void ended(RunOwner owner) {
    owners.remove(owner.id(), owner);
    // Not when the server stops: the run goes on after the next start.
    if (!owner.snapshot().verdict().open()) {
      openRuns.ended(owner.id());
    }
  }

  private void goRound() {
    try {
      while (!stopped) {
        long start = System.nanoTime();
        round();
        long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        pause.pause(Math.max(1, settings.commitIntervalMillis() - took));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      logger.error("Nothing is committed any more", e);
      throw e;
    }
  }

  /** Commits what there is. Returns whether all is durable. */
  boolean round() throws InterruptedException {
    gates.look(clock.millis());
    return committer.round();
  }

  /**
   * Runs something once another server has taken over the database: every run rests here then, and
   * for good.
   *
   * @param action must not block
   */
  public void whenTakenOver(Runnable action) {
    committer.whenTakenOver(action);
  }

  @Override
  public RunRecord create(CreateRun request) {
    CreateRunChecks.check(request, settings);
    refuseWhileDraining();
    RunPolicies.Chosen policy =
        policies.choose(request.policyName(), request.policyRevision(), request.overrides());
    ReleaseRules rules = policies.read(policy.effectivePolicy()).releaseRules();
    CreateRunChecks.check(request, rules);
    if (owners.size() >= settings.maxOpenRuns()) {
      throw JudgeException.of(
              ErrorReason.LIMIT_REACHED,
              "open runs: " + owners.size() + " (expected: below " + settings.maxOpenRuns() + ")")
          .retryAfter(10_000);
    }
    long now = clock.millis();
    String id = UUID.randomUUID().toString();
    RunRecord wanted =
        new RunRecord(
            id,
            request.service(),
            request.baselineVersion(),
            request.canaryVersion(),
            request.allowSameVersion(),
            request.arms(),
            policy.name(),
            policy.revision(),
            policy.effectivePolicy(),
            request.overrides(),
            request.labels(),
            request.artifactDigest(),
            request.retrospective().isPresent(),
            request.retrospective().map(CreateRun.Retrospective::producerCount).orElse(1),
            request.retrospective().map(CreateRun.Retrospective::endMillis).orElse(0L),
            request.retrospective().map(CreateRun.Retrospective::fromPrometheus).orElse(false),
            now,
            request.retrospective().map(CreateRun.Retrospective::startMillis).orElse(now),
            RunState.PENDING,
            0,
            Decision.WAIT,
            request.creator(),
            request.environment(),
            AttemptBudget.NOT_LINKED, // the store finds out
            List.of());
    CompletableFuture<Void> begun = new CompletableFuture<>();
    beginning.put(id, begun);
    try {
      RunRecord run =
          store.create(
              new NewRun(
                  request.requestId(),
                  CreateRunChecks.fingerprint(request),
                  wanted,
                  audit(request.creator(), "run.create", id, request.service())));
      if (run.open()) {
        RunOwner owner = owner(run.id());
        if (run.id().equals(id)) { // and not a repeat
          gates.add(owner, rules, now);
        }
        opened(owner);
      }
      return find(run.id());
    } finally {
      begun.complete(null);
      beginning.remove(id);
    }
  }

  /** The owner of a run, also of one that was only just listed; null if it has none. */
  private @Nullable RunOwner present(String id) {
    RunOwner owner = owners.get(id);
    if (owner != null) {
      return owner;
    }
    // It is in the store before it has an owner, and others see it there.
    CompletableFuture<Void> begun = beginning.get(id);
    if (begun != null) {
      begun.join();
    }
    return owners.get(id);
  }

  @Override
  public RunRecord find(String id) {
    RunOwner owner = present(id);
    return owner != null ? owner.snapshot().run() : stored(id);
  }

  private RunRecord stored(String id) {
    return store.find(id).orElseThrow(() -> notFound(id));
  }

  @Override
  public Page<RunRecord> list(RunFilter filter, int pageSize, String pageToken) {
    return store.list(filter, pageSize, pageToken);
  }

  @Override
  public RunSnapshot snapshot(String id) {
    RunOwner owner = present(id);
    return owner != null ? owner.snapshot() : ended(id);
  }

  /** The last snapshot of a run that has no owner. */
  private RunSnapshot ended(String id) {
    RunRecord run = stored(id);
    List<StoredVerdict> newest = store.verdicts(id, 1, "").items();
    if (run.open() || newest.isEmpty()) {
      throw JudgeException.of(
          ErrorReason.INTERNAL, "Run " + id + " rests after a defect of the server.");
    }
    return new RunSnapshot(run, newest.getFirst().verdict());
  }

  @Override
  public Page<StoredVerdict> verdicts(String id, int pageSize, String pageToken) {
    find(id);
    return store.verdicts(id, pageSize, pageToken);
  }

  @Override
  public StoredVerdict verdict(String id, long revision) {
    find(id);
    return store
        .verdict(id, revision)
        .orElseThrow(
            () ->
                JudgeException.of(
                    ErrorReason.VERDICT_NOT_FOUND,
                    "Run " + id + " has no verdict of revision " + revision + " on record."));
  }

  @Override
  public RunReplay.Outcome replay(String id) {
    return new RunReplay(store, policies).replay(id);
  }

  @Override
  public CompletableFuture<RunSnapshot> awaitTerminal(String id) {
    CompletableFuture<RunSnapshot> terminal = new CompletableFuture<>();
    Subscription subscription =
        watch(
            id,
            -1,
            snapshot -> {
              if (snapshot.terminal()) {
                terminal.complete(snapshot);
              }
            });
    // Also when the caller cancels it: so it is this future that is returned, and not the next one.
    var _ = terminal.whenComplete((_, _) -> subscription.close());
    return terminal;
  }

  @Override
  public Subscription watch(String id, long afterRevision, Consumer<RunSnapshot> listener) {
    RunOwner owner = present(id);
    if (owner != null) {
      return owner.watch(afterRevision, listener);
    }
    RunSnapshot last = ended(id);
    if (last.verdict().revision() > afterRevision) {
      listener.accept(last);
    }
    return () -> {};
  }

  @Override
  public CompletableFuture<RunSnapshot> reportStep(
      String id, int step, double weight, String actor) {
    return report(
        id,
        () -> ReportChecks.step(step, weight),
        new LogEntry.StepReported(clock.millis(), step, weight),
        audit(actor, "run.step", id, step + " at " + weight + " %"));
  }

  @Override
  public CompletableFuture<RunSnapshot> reportCheck(
      String id, String check, CheckOutcome outcome, String reason, String link, String actor) {
    return report(
        id,
        () -> ReportChecks.check(check, reason, link),
        new LogEntry.CheckReported(clock.millis(), check, outcome, reason, link),
        audit(actor, "run.check", id, check + " " + outcome));
  }

  @Override
  public CompletableFuture<RunSnapshot> override(
      String id, Decision decision, String author, String reason, String actor) {
    return report(
        id,
        () -> ReportChecks.override(decision, author, reason),
        new LogEntry.Overridden(clock.millis(), decision, author, reason),
        audit(actor, "run.override", id, decision + " by " + author + ": " + reason));
  }

  @Override
  public CompletableFuture<RunSnapshot> cancel(
      String id, String author, String reason, String actor) {
    return report(
        id,
        () -> ReportChecks.cancel(author, reason),
        new LogEntry.Cancelled(clock.millis(), author, reason),
        audit(actor, "run.cancel", id, "by " + author + ": " + reason));
  }

  private CompletableFuture<RunSnapshot> report(
      String id, Runnable checks, LogEntry entry, AuditRow row) {
    CompletableFuture<RunSnapshot> answer = new CompletableFuture<>();
    try {
      checks.run();
      refuseWhileDraining();
      RunOwner owner = owner(id);
      while (!owner.report(entry, row, answer)) {
        owners.remove(id, owner); // it has just ended
        owner = owner(id);
      }
    } catch (JudgeException e) {
      answer.completeExceptionally(e);
    }
    return answer;
  }

  /** The owner of a run; one that has ended is taken up again, for what is said of it later. */
  private RunOwner owner(String id) {
    RunOwner present = owners.get(id);
    if (present != null) {
      return present;
    }
    RunOwner owner = owners.computeIfAbsent(id, _ -> own(store.load(id)));
    opened(owner);
    return owner;
  }

  @Override
  public Subscription watchOpenRuns(OpenRunListener listener) {
    return openRuns.add(listener);
  }

  @Override
  public void openStream(String runId, String producer, Door door, IngestListener listener) {
    if (draining) {
      listener.ended(RunOwner.draining());
      return;
    }
    RunOwner owner = owners.get(runId);
    if (owner == null || !owner.open(producer, door, listener)) {
      // Not on this thread, which may be the transport's.
      Thread.ofVirtual().start(() -> listener.ended(whyNotOpen(runId)));
    }
  }

  private JudgeException whyNotOpen(String runId) {
    try {
      RunRecord run = stored(runId);
      return run.open()
          ? JudgeException.of(
              ErrorReason.INTERNAL, "Run " + runId + " rests after a defect of the server.")
          : RunOwner.closed(runId);
    } catch (JudgeException e) {
      return e;
    } catch (RuntimeException e) {
      logger.error("Run {} could not be looked up", runId, e);
      return JudgeException.of(ErrorReason.INTERNAL, "A defect of the server.").causedBy(e);
    }
  }

  /** Those who own a run now. */
  Collection<RunOwner> owners() {
    return owners.values();
  }

  /** About how much memory samples hold until their windows are sealed and durable, in bytes. */
  long sampleMemoryHeld() {
    return memory.heldBytes();
  }

  /** How many runs have an owner: those that are open, and some that just ended. */
  public int openRuns() {
    return owners.size();
  }

  /**
   * Stops taking samples, commits what was taken, ends the streams with {@code DRAINING}, and
   * stops. Runs stay open: the next start goes on with them.
   *
   * @param timeoutMillis how long to try; what is not committed by then was not acknowledged
   */
  public void close(long timeoutMillis) {
    draining = true;
    List<CompletableFuture<Void>> drained = new ArrayList<>();
    owners.values().forEach(owner -> drained.add(owner.drain()));
    pause.cutShort();
    try {
      CompletableFuture.allOf(drained.toArray(CompletableFuture[]::new))
          .get(timeoutMillis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      logger.warn("Some runs could not be committed within {} ms", timeoutMillis);
    } catch (ExecutionException e) {
      throw new IllegalStateException("draining completes in any case", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    stopped = true;
    pause.cutShort();
    if (rounds != null) {
      join(rounds);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join(TimeUnit.SECONDS.toMillis(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** As {@link #close(long)}, for at most 10 s. */
  @Override
  public void close() {
    close(10_000);
  }

  private void refuseWhileDraining() {
    if (draining) {
      throw RunOwner.draining();
    }
  }

  private AuditRow audit(String actor, String action, String id, String detail) {
    return new AuditRow(clock.millis(), actor, action, "analysisRuns/" + id, detail);
  }

  private static JudgeException notFound(String id) {
    return JudgeException.of(ErrorReason.RUN_NOT_FOUND, "There is no run " + id + ".");
  }
}
