package io.canaryjudge.server.store;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Writes the commits of many runs with one batch for each table, so that a thousand runs cost a
 * dozen statements.
 */
final class RunCommits {

  private RunCommits() {}

  /** A commit does not follow what is stored: it was made already, or somebody else writes. */
  static final class OutOfStep extends RuntimeException {
    OutOfStep() {
      super("a commit does not follow what is stored", null, false, false);
    }
  }

  /**
   * Where a run is committed.
   *
   * @param commits number of its last commit
   * @param revision newest position of its log
   * @param sealedWindows how many windows are sealed as of {@code revision}
   */
  record Progress(long commits, long revision, long sealedWindows) {}

  static Optional<Progress> progress(Connection connection, String runId) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select commits, revision, sealed_windows from run_progress where run_id = ?")) {
      select.setString(1, runId);
      try (ResultSet row = select.executeQuery()) {
        return row.next()
            ? Optional.of(new Progress(row.getLong(1), row.getLong(2), row.getLong(3)))
            : Optional.empty();
      }
    }
  }

  /**
   * Writes them.
   *
   * @param commits several of one run in their order
   * @throws OutOfStep if one does not follow what is stored
   */
  static void write(Connection connection, List<RunCommit> commits) throws SQLException {
    advance(connection, commits);
    addSegments(connection, commits);
    dropSealedSegments(connection, commits);
    addEntries(connection, commits);
    addVerdicts(connection, commits);
    replaceCheckpoints(connection, commits);
    advanceProducers(connection, commits);
    NoteRows.write(connection, commits);
    changeStatus(connection, commits);
    AuditRows.insert(
        connection, commits.stream().flatMap(commit -> commit.audit().stream()).toList());
  }

  /**
   * Leaves out what was written before: by a commit whose success was not heard of.
   *
   * @throws JudgeException {@code RUN_NOT_FOUND}, or {@code INTERNAL} if a commit neither follows
   *     what is stored nor is it
   */
  static List<RunCommit> withoutRepeats(Connection connection, List<RunCommit> commits)
      throws SQLException {
    Map<String, List<RunCommit>> byRun = new TreeMap<>();
    for (RunCommit commit : commits) {
      byRun.computeIfAbsent(commit.runId(), _ -> new ArrayList<>()).add(commit);
    }
    List<RunCommit> remaining = new ArrayList<>();
    for (Map.Entry<String, List<RunCommit>> run : byRun.entrySet()) {
      Progress stored =
          progress(connection, run.getKey()).orElseThrow(() -> RunRows.notFound(run.getKey()));
      remaining.addAll(withoutRepeats(stored, run.getValue()));
    }
    return remaining;
  }

  private static List<RunCommit> withoutRepeats(Progress stored, List<RunCommit> commits) {
    int next = 0;
    for (int i = 0; i < commits.size(); i++) {
      if (commits.get(i).number() == stored.commits()) {
        next = i + 1;
      }
    }
    if (next > 0) {
      RunCommit repeated = commits.get(next - 1);
      if (repeated.revision() != stored.revision()
          || repeated.sealedWindows() != stored.sealedWindows()) {
        throw conflict(repeated, stored);
      }
    } else if (commits.getFirst().number() != stored.commits() + 1) {
      throw conflict(commits.getFirst(), stored);
    }
    long number = stored.commits();
    List<RunCommit> remaining = commits.subList(next, commits.size());
    for (RunCommit commit : remaining) {
      number++;
      if (commit.number() != number
          || commit.revision() < stored.revision()
          || commit.sealedWindows() < stored.sealedWindows()) {
        throw conflict(commit, stored);
      }
    }
    return remaining;
  }

  private static JudgeException conflict(RunCommit commit, Progress stored) {
    return JudgeException.of(
        ErrorReason.INTERNAL,
        "run "
            + commit.runId()
            + ": commit "
            + commit.number()
            + " with revision "
            + commit.revision()
            + " and "
            + commit.sealedWindows()
            + " sealed windows (expected: to follow "
            + stored
            + ")");
  }

  private static void advance(Connection connection, List<RunCommit> commits) throws SQLException {
    try (Batch update =
        new Batch(
            connection,
            "update run_progress set commits = ?, revision = ?, sealed_windows = ?"
                + " where run_id = ? and commits = ? and revision <= ? and sealed_windows <= ?")) {
      for (RunCommit commit : commits) {
        update.add(
            commit.number(),
            commit.revision(),
            commit.sealedWindows(),
            commit.runId(),
            commit.number() - 1,
            commit.revision(),
            commit.sealedWindows());
      }
      for (int updated : update.execute()) {
        if (updated != 1) {
          throw new OutOfStep();
        }
      }
    }
  }

  private static void addSegments(Connection connection, List<RunCommit> commits)
      throws SQLException {
    try (Batch insert =
        new Batch(
            connection,
            "insert into segments (run_id, number, first_window, last_window, content)"
                + " values (?, ?, ?, ?, ?)")) {
      for (RunCommit commit : commits) {
        Segment segment = commit.segment();
        if (segment != null && segment.lastWindow() >= commit.sealedWindows()) {
          insert.add(
              commit.runId(),
              commit.number(),
              segment.firstWindow(),
              segment.lastWindow(),
              segment.content());
        }
      }
      insert.execute();
    }
  }

  private static void dropSealedSegments(Connection connection, List<RunCommit> commits)
      throws SQLException {
    try (Batch delete =
        new Batch(connection, "delete from segments where run_id = ? and last_window < ?")) {
      for (RunCommit commit : commits) {
        if (commit.sealedWindows() > 0) {
          delete.add(commit.runId(), commit.sealedWindows());
        }
      }
      delete.execute();
    }
  }

  private static void addEntries(Connection connection, List<RunCommit> commits)
      throws SQLException {
    try (Batch insert =
        new Batch(
            connection,
            "insert into log_entries (run_id, revision, kind, content) values (?, ?, ?, ?)")) {
      for (RunCommit commit : commits) {
        for (StoredEntry entry : commit.entries()) {
          if (!LogGaps.isImplied(entry.entry())) {
            insert.add(
                commit.runId(),
                entry.revision(),
                LogEntryCodec.kind(entry.entry()).name(),
                LogEntryCodec.encode(entry.entry()));
          }
        }
      }
      insert.execute();
    }
  }

  /** A verdict that is on record already stays: a checkpoint may keep it once more. */
  private static void addVerdicts(Connection connection, List<RunCommit> commits)
      throws SQLException {
    try (Batch insert =
        new Batch(
            connection,
            "insert into verdicts (run_id, revision, decision, content) values (?, ?, ?, ?)"
                + " on conflict (run_id, revision) do nothing")) {
      for (RunCommit commit : commits) {
        for (StoredVerdict verdict : commit.verdicts()) {
          insert.add(
              commit.runId(),
              verdict.revision(),
              verdict.verdict().decision().name(),
              VerdictCodec.encode(verdict.verdict()));
        }
      }
      insert.execute();
    }
  }

  private static void replaceCheckpoints(Connection connection, List<RunCommit> commits)
      throws SQLException {
    Map<String, StoredCheckpoint> newest = new LinkedHashMap<>();
    for (RunCommit commit : commits) {
      StoredCheckpoint checkpoint = commit.checkpoint();
      if (checkpoint != null) {
        newest.put(commit.runId(), checkpoint);
      }
    }
    try (Batch upsert =
        new Batch(
            connection,
            "insert into checkpoints (run_id, revision, content) values (?, ?, ?)"
                + " on conflict (run_id) do update"
                + " set revision = excluded.revision, content = excluded.content")) {
      for (Map.Entry<String, StoredCheckpoint> run : newest.entrySet()) {
        upsert.add(run.getKey(), run.getValue().revision(), run.getValue().content());
      }
      upsert.execute();
    }
  }

  private static void advanceProducers(Connection connection, List<RunCommit> commits)
      throws SQLException {
    try (Batch upsert =
        new Batch(
            connection,
            "insert into producers (run_id, name, sequence, watermark_millis, ended)"
                + " values (?, ?, ?, ?, ?)"
                + " on conflict (run_id, name) do update set sequence = excluded.sequence,"
                + " watermark_millis = excluded.watermark_millis, ended = excluded.ended")) {
      for (Map.Entry<String, Map<String, ProducerProgress>> run : newest(commits).entrySet()) {
        for (Map.Entry<String, ProducerProgress> producer : run.getValue().entrySet()) {
          ProducerProgress progress = producer.getValue();
          upsert.add(
              run.getKey(),
              producer.getKey(),
              progress.sequence(),
              progress.watermarkMillis(),
              progress.last());
        }
      }
      upsert.execute();
    }
  }

  /** By run and name: a statement must not meet one row twice. */
  private static Map<String, Map<String, ProducerProgress>> newest(Collection<RunCommit> commits) {
    Map<String, Map<String, ProducerProgress>> newest = new LinkedHashMap<>();
    for (RunCommit commit : commits) {
      if (!commit.producers().isEmpty()) {
        newest.computeIfAbsent(commit.runId(), _ -> new TreeMap<>()).putAll(commit.producers());
      }
    }
    return newest;
  }

  private static void changeStatus(Connection connection, List<RunCommit> commits)
      throws SQLException {
    try (Batch update =
        new Batch(
            connection, "update runs set state = ?, end_millis = ?, decision = ? where id = ?")) {
      for (RunCommit commit : commits) {
        RunStatus status = commit.status();
        if (status != null) {
          update.add(
              status.state().name(), status.endMillis(), status.decision().name(), commit.runId());
        }
      }
      update.execute();
    }
  }
}
