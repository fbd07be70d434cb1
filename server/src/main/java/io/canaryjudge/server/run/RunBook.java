package io.canaryjudge.server.run;

import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.RunAnalysis;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.analysis.verdict.VerdictChange;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.AuditRow;
import io.canaryjudge.server.store.ProducerProgress;
import io.canaryjudge.server.store.RunCommit;
import io.canaryjudge.server.store.RunHistory;
import io.canaryjudge.server.store.RunRecord;
import io.canaryjudge.server.store.RunStatus;
import io.canaryjudge.server.store.Segment;
import io.canaryjudge.server.store.StoredCheckpoint;
import io.canaryjudge.server.store.StoredEntry;
import io.canaryjudge.server.store.StoredVerdict;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * All that changes of one run, and what of it is not written yet.
 *
 * <p>Memory runs ahead of the database: {@link #cut} gives what is new as one commit, which is
 * tried until it succeeds; nobody is told before. Owned by the run's owner.
 */
final class RunBook {

  private final RunRecord run;
  private final RunAnalysis analysis;
  private final OpenWindows windows;
  private final Producers producers;
  private final RunNotes notes;
  private final int checkpointWindows;

  private RunStatus status;
  private RunStatus cutStatus;
  private long commits;
  private long checkpointedWindows;

  // Since the last cut.
  private long cutRevision;
  private final List<StoredEntry> entries = new ArrayList<>();
  private final List<StoredVerdict> verdicts = new ArrayList<>();
  private final List<AuditRow> audit = new ArrayList<>();

  private RunBook(
      RunHistory history,
      RunNotes notes,
      RunAnalysis analysis,
      OpenWindows windows,
      long checkpointedWindows,
      int checkpointWindows) {
    this.run = history.run();
    this.analysis = analysis;
    this.windows = windows;
    this.producers = new Producers(history.producers());
    this.notes = notes;
    this.checkpointWindows = checkpointWindows;
    this.status = new RunStatus(run.state(), run.decision(), run.endMillis());
    this.cutStatus = status;
    this.commits = history.commits();
    this.checkpointedWindows = checkpointedWindows;
    this.cutRevision = history.revision();
  }

  /**
   * Goes on with a run where its last commit left it: from the newest checkpoint, by folding what
   * the log holds after it, with what was received of the open windows.
   *
   * @param notes what streams note, to be written with its commits
   * @throws JudgeException {@code INTERNAL} if what is stored does not fit together
   */
  static RunBook recover(RunHistory history, RunNotes notes, Policy policy, int checkpointWindows) {
    String id = history.run().id();
    try {
      RunAnalysis analysis = analysis(history, policy);
      long checkpointed = analysis.verdict().sealedWindows();
      for (StoredEntry entry : history.entries()) {
        analysis.apply(entry.entry());
      }
      Verdict verdict = analysis.verdict();
      if (verdict.revision() != history.revision()
          || verdict.sealedWindows() != history.sealedWindows()) {
        throw new IOException(
            "log: revision %d with %d windows (expected: %d with %d)"
                .formatted(
                    verdict.revision(),
                    verdict.sealedWindows(),
                    history.revision(),
                    history.sealedWindows()));
      }
      OpenWindows windows = new OpenWindows(history.sealedWindows());
      for (Segment segment : history.segments()) {
        windows.restore(segment);
      }
      return new RunBook(history, notes, analysis, windows, checkpointed, checkpointWindows);
    } catch (IOException | IllegalArgumentException e) {
      throw JudgeException.of(ErrorReason.INTERNAL, "Run " + id + " cannot be gone on with.")
          .causedBy(e);
    }
  }

  private static RunAnalysis analysis(RunHistory history, Policy policy) throws IOException {
    long startMillis = history.run().startMillis();
    int attempt = history.run().attempt();
    StoredCheckpoint checkpoint = history.checkpoint();
    return checkpoint == null
        ? RunAnalysis.begin(policy, startMillis, attempt)
        : RunAnalysis.restore(
            policy,
            startMillis,
            attempt,
            new DataInputStream(new ByteArrayInputStream(checkpoint.content())));
  }

  OpenWindows windows() {
    return windows;
  }

  Producers producers() {
    return producers;
  }

  /** The newest verdict, which may not be committed yet. */
  Verdict verdict() {
    return analysis.verdict();
  }

  /** Whether the run goes on. */
  boolean open() {
    return analysis.verdict().open();
  }

  /**
   * Seals the first open window, and judges.
   *
   * @param interrupted see {@link LogEntry.WindowSealed}
   * @return what it held
   */
  WindowAggregate seal(boolean interrupted, long nowMillis) {
    long index = windows.sealed();
    WindowAggregate content = windows.seal();
    boolean empty = content.isEmpty();
    apply(new LogEntry.WindowSealed(index, content, interrupted && !empty), !empty, nowMillis);
    return content;
  }

  /**
   * Takes something that happened to the run, and judges.
   *
   * @param row who did it; null if nobody did
   * @throws IllegalArgumentException if it does not fit the run; nothing has changed then
   */
  void apply(LogEntry entry, @Nullable AuditRow row, long nowMillis) {
    apply(entry, true, nowMillis);
    if (row != null) {
      audit.add(row);
    }
  }

  private void apply(LogEntry entry, boolean keep, long nowMillis) {
    Verdict before = analysis.verdict();
    Verdict after = analysis.apply(entry);
    if (keep) {
      entries.add(new StoredEntry(after.revision(), entry));
    }
    if (VerdictChange.isMaterial(before, after)) {
      verdicts.add(new StoredVerdict(after.revision(), after));
    }
    long endMillis = status.endMillis();
    if (endMillis == 0 && !after.open()) {
      endMillis = nowMillis;
    }
    status = new RunStatus(after.state(), after.decision(), endMillis);
  }

  /**
   * What is to be made durable, and what may be told then.
   *
   * @param commit what is new
   * @param snapshot the run as of that commit
   */
  record Cut(RunCommit commit, RunSnapshot snapshot) {}

  /** What is new since the last cut, as the next commit; null if nothing is. */
  @Nullable Cut cut() {
    Verdict verdict = analysis.verdict();
    Segment segment = verdict.open() ? windows.cut() : null;
    SortedMap<String, ProducerProgress> progress = producers.cut();
    boolean moved = verdict.revision() != cutRevision;
    if (!verdict.open()) {
      notes.drop(); // nobody goes on from there
    }
    if (segment == null && progress.isEmpty() && !moved) {
      return null;
    }
    StoredCheckpoint checkpoint = moved ? checkpointIfDue(verdict) : null;
    if (checkpoint != null
        && (verdicts.isEmpty() || !verdicts.getLast().verdict().equals(verdict))) {
      verdicts.add(new StoredVerdict(verdict.revision(), verdict));
    }
    RunCommit commit =
        new RunCommit(
            run.id(),
            ++commits,
            segment,
            verdict.revision(),
            windows.sealed(),
            entries,
            verdicts,
            checkpoint,
            progress,
            notes.cut(),
            status.equals(cutStatus) ? null : status,
            audit);
    cutStatus = status;
    cutRevision = verdict.revision();
    entries.clear();
    verdicts.clear();
    audit.clear();
    return new Cut(commit, snapshot());
  }

  private @Nullable StoredCheckpoint checkpointIfDue(Verdict verdict) {
    long since = verdict.sealedWindows() - checkpointedWindows;
    if (since < (verdict.open() ? checkpointWindows : 1)) {
      return null; // there is little to fold again
    }
    checkpointedWindows = verdict.sealedWindows();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      analysis.write(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return new StoredCheckpoint(verdict.revision(), bytes.toByteArray());
  }

  /** How the run looks now; not to be told before it is durable. */
  RunSnapshot snapshot() {
    return new RunSnapshot(run.with(status), analysis.verdict());
  }
}
