package io.canaryjudge.server.store;

import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Runs and commits with little to say. */
final class StoreFixtures {

  private StoreFixtures() {}

  static RunRecord run(String id, long createMillis) {
    return run(id, "checkout", createMillis, ArmSelection.DEFAULT);
  }

  static RunRecord run(String id, ArmSelection arms) {
    return run(id, "checkout", 1, arms);
  }

  static RunRecord run(String id, String service, long createMillis) {
    return run(id, service, createMillis, ArmSelection.DEFAULT);
  }

  private static RunRecord run(String id, String service, long createMillis, ArmSelection arms) {
    return new RunRecord(
        id,
        service,
        "1.0",
        "1.1",
        false,
        arms,
        "standard",
        3,
        "{\"name\":\"standard\"}",
        "{}",
        new TreeMap<>(Map.of("team", "ä\"b", "zone", "eu")),
        "",
        false,
        1,
        createMillis + 9_000,
        true,
        createMillis,
        createMillis + 5,
        RunState.PENDING,
        0,
        Decision.WAIT,
        "ci",
        "",
        0,
        List.of());
  }

  static NewRun newRun(RunRecord run) {
    return new NewRun("request-" + run.id(), "same", run, audit("run.create", run.id()));
  }

  static AuditRow audit(String action, String subject) {
    return new AuditRow(1_700_000_000_000L, "someone", action, subject, "détail");
  }

  static Segment segment(long first, long last, int content) {
    return new Segment(first, last, new byte[] {(byte) content, -1, 0, 1});
  }

  /** Begins a commit of a run. */
  static CommitOf commit(String runId, long number) {
    return new CommitOf(runId, number);
  }

  /** A commit in the making. */
  static final class CommitOf {
    private final String runId;
    private final long number;
    private @Nullable Segment segment;
    private long revision;
    private long sealedWindows;
    private final List<StoredEntry> entries = new ArrayList<>();
    private final List<StoredVerdict> verdicts = new ArrayList<>();
    private @Nullable StoredCheckpoint checkpoint;
    private final SortedMap<String, ProducerProgress> producers = new TreeMap<>();
    private NotePage.@Nullable Builder notes;
    private boolean wholeNotes;
    private @Nullable RunStatus status;
    private final List<AuditRow> audit = new ArrayList<>();

    private CommitOf(String runId, long number) {
      this.runId = runId;
      this.number = number;
    }

    CommitOf at(long revision, long sealedWindows) {
      this.revision = revision;
      this.sealedWindows = sealedWindows;
      return this;
    }

    CommitOf segment(Segment segment) {
      this.segment = segment;
      return this;
    }

    CommitOf entry(long revision, LogEntry entry) {
      entries.add(new StoredEntry(revision, entry));
      return this;
    }

    CommitOf verdict(StoredVerdict verdict) {
      verdicts.add(verdict);
      return this;
    }

    CommitOf checkpoint(int content) {
      checkpoint = new StoredCheckpoint(revision, new byte[] {(byte) content, 0, -7});
      return this;
    }

    CommitOf producer(String name, long sequence) {
      producers.put(name, new ProducerProgress(sequence, sequence * 1_000, sequence > 9));
      return this;
    }

    CommitOf note(String key, int... content) {
      byte[] bytes = new byte[content.length];
      for (int i = 0; i < content.length; i++) {
        bytes[i] = (byte) content[i];
      }
      NotePage.Builder page = notes == null ? new NotePage.Builder(16) : notes;
      page.add(key, bytes);
      notes = page;
      return this;
    }

    /** These are all notes of the run. */
    CommitOf wholeNotes() {
      wholeNotes = true;
      return this;
    }

    CommitOf status(RunState state, Decision decision, long endMillis) {
      status = new RunStatus(state, decision, endMillis);
      return this;
    }

    CommitOf audit(AuditRow row) {
      audit.add(row);
      return this;
    }

    RunCommit make() {
      return new RunCommit(
          runId,
          number,
          segment,
          revision,
          sealedWindows,
          entries,
          verdicts,
          checkpoint,
          producers,
          notes == null ? null : notes.build(wholeNotes),
          status,
          audit);
    }
  }
}
