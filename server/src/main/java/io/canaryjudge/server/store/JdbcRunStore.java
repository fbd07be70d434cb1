package io.canaryjudge.server.store;

import io.canaryjudge.analysis.verdict.Decision;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs in a {@link Database}.
 *
 * <p>The newest one over a database is the only one that writes: {@code create} and {@code commit}
 * of any other throw {@code STORE_TAKEN_OVER} from then on, and their process has to stop judging.
 */
public final class JdbcRunStore implements RunStore {

  private static final int ENTRIES_AT_ONCE = 256;
  private static final int MAX_GOS = 20;
  private static final String CREATE_RUN = "run.create";

  private final Database database;
  private final WriterEpoch epoch;
  private final Announcer announcer;
  private final ReentrantLock creating = new ReentrantLock();

  /** Takes over the runs of a database, of which nobody outside is told. */
  public JdbcRunStore(Database database) {
    this(database, Announcer.SILENT);
  }

  /**
   * Takes over the runs of a database.
   *
   * @param announcer says what is to be told of them
   */
  public JdbcRunStore(Database database, Announcer announcer) {
    this.database = database;
    this.epoch = WriterEpoch.take(database);
    this.announcer = announcer;
  }

  /** What is to be told of these runs. */
  public Outbox outbox() {
    return new JdbcOutbox(database, epoch);
  }

  @Override
  public RunRecord create(NewRun newRun) {
    RunRecord created;
    creating.lock(); // two runs created at once must not be the same attempt
    try {
      created = createDurably(newRun, newRun.run());
    } finally {
      creating.unlock();
    }
    announcer.durable();
    return created;
  }

  private RunRecord createDurably(NewRun newRun, RunRecord run) {
    return database.write(
        "create run " + run.id(),
        connection -> {
          epoch.require(connection);
          Optional<RequestRows.Made> before =
              RequestRows.claim(
                  connection,
                  CREATE_RUN,
                  newRun.requestId(),
                  newRun.fingerprint(),
                  new RequestRows.Made(run.id(), 0),
                  run.createMillis());
          if (before.isPresent()) {
            return RunRows.find(connection, before.get().subject()).orElseThrow();
          }
          RunRecord linked = AttemptRows.link(connection, run);
          RunRows.insert(connection, linked);
          AuditRows.insert(connection, List.of(newRun.audit()));
          NotificationRows.insert(connection, announcer.created(linked));
          return linked;
        });
  }

  @Override
  public Optional<RunRecord> find(String id) {
    return database.read("find run " + id, connection -> RunRows.find(connection, id));
  }

  @Override
  public Page<RunRecord> list(RunFilter filter, int pageSize, String pageToken) {
    PageTokens.requirePageSize(pageSize);
    String list = "runs/" + filter.service() + filter.states().stream().sorted().toList();
    PageTokens.Position after =
        PageTokens.decode(list, pageToken, new PageTokens.Position(Long.MAX_VALUE, ""));
    List<RunRecord> rows =
        database.read(
            "list runs", connection -> RunRows.list(connection, filter, after, pageSize + 1));
    return PageTokens.page(
        list, rows, pageSize, run -> new PageTokens.Position(run.createMillis(), run.id()));
  }

  @Override
  public List<StoredGo> gos(String service, String artifactDigest, String environment) {
    return database.read(
        "look for GOs of " + service + " in " + environment,
        connection -> {
          List<StoredGo> gos = new ArrayList<>();
          for (RunRecord run :
              RunRows.gos(connection, service, artifactDigest, environment, MAX_GOS)) {
            // The newest on record has the present decisions: a change of them is always recorded.
            List<StoredVerdict> newest = VerdictRows.list(connection, run.id(), Long.MAX_VALUE, 1);
            boolean judged =
                !newest.isEmpty() && newest.getFirst().verdict().judgedDecision() == Decision.GO;
            gos.add(new StoredGo(run.id(), run.endMillis(), judged));
          }
          return gos;
        });
  }

  @Override
  public List<RunRecord> open() {
    return database.read("list open runs", RunRows::open);
  }

  @Override
  public void commit(List<RunCommit> commits) {
    if (commits.isEmpty()) {
      return;
    }
    // In one order everywhere, so that two transactions never wait for each other in a circle.
    List<RunCommit> ordered =
        commits.stream()
            .sorted(Comparator.comparing(RunCommit::runId).thenComparingLong(RunCommit::number))
            .toList();
    String task = "commit " + ordered.size() + (ordered.size() == 1 ? " run" : " runs");
    try {
      write(task, ordered, false);
    } catch (RunCommits.OutOfStep _) {
      // Rare: the success of this commit was not heard of, or it is a defect.
      write(task, ordered, true);
    }
    announcer.durable();
  }

  private void write(String task, List<RunCommit> commits, boolean repeats) {
    database.write(
        task,
        connection -> {
          epoch.require(connection);
          List<RunCommit> fresh =
              repeats ? RunCommits.withoutRepeats(connection, commits) : commits;
          List<NewNotification> news = news(connection, fresh);
          RunCommits.write(connection, fresh);
          NotificationRows.insert(connection, news);
          return commits;
        });
  }

  /** What is to be told of commits that are not written yet. */
  private List<NewNotification> news(Connection connection, List<RunCommit> commits)
      throws SQLException, IOException {
    if (announcer.silent()) {
      return List.of();
    }
    Map<String, StoredVerdict> newest = new HashMap<>();
    List<NewNotification> news = new ArrayList<>();
    for (RunCommit commit : commits) {
      if (commit.verdicts().isEmpty()) {
        continue; // nothing that is worth telling
      }
      String id = commit.runId();
      RunRecord run = RunRows.find(connection, id).orElseThrow(() -> RunRows.notFound(id));
      StoredVerdict before = newest.get(id);
      if (before == null) {
        before =
            VerdictRows.list(connection, id, Long.MAX_VALUE, 1).stream().findFirst().orElse(null);
      }
      news.addAll(announcer.committed(run, before == null ? null : before.verdict(), commit));
      newest.put(id, commit.verdicts().getLast());
    }
    return news;
  }

  @Override
  public RunHistory load(String runId) {
    return database.read(
        "load run " + runId,
        connection -> {
          RunRecord run =
              RunRows.find(connection, runId).orElseThrow(() -> RunRows.notFound(runId));
          RunCommits.Progress progress = RunCommits.progress(connection, runId).orElseThrow();
          StoredCheckpoint checkpoint = RunLogs.checkpoint(connection, runId);
          long after = checkpoint == null ? 0 : checkpoint.revision();
          return new RunHistory(
              run,
              progress.commits(),
              progress.revision(),
              progress.sealedWindows(),
              checkpoint,
              RunLogs.entriesAfter(connection, runId, after, progress),
              RunLogs.segments(connection, runId),
              RunLogs.producers(connection, runId),
              NoteRows.find(connection, runId));
        });
  }

  /**
   * {@inheritDoc}
   *
   * <p>Reads part by part, each in a transaction of its own, so that a long replay holds up
   * nothing: rows of a log never change.
   */
  @Override
  public void readLog(String runId, EntryConsumer each) {
    String task = "read the log of run " + runId;
    RunCommits.Progress progress =
        database
            .read(task, connection -> RunCommits.progress(connection, runId))
            .orElseThrow(() -> RunRows.notFound(runId));
    try {
      readLog(task, runId, progress, new LogGaps(0, 0, each));
    } catch (IOException e) {
      throw database.unreadable(task, e);
    }
  }

  private void readLog(String task, String runId, RunCommits.Progress progress, LogGaps gaps)
      throws IOException {
    long last = 0;
    List<StoredEntry> part;
    do {
      long above = last;
      part =
          database.read(
              task,
              connection ->
                  RunLogs.entries(connection, runId, above, progress.revision(), ENTRIES_AT_ONCE));
      for (StoredEntry entry : part) {
        gaps.next(entry.revision(), entry.entry());
        last = entry.revision();
      }
    } while (part.size() == ENTRIES_AT_ONCE);
    gaps.finish(progress.revision(), progress.sealedWindows());
  }

  @Override
  public Page<StoredVerdict> verdicts(String runId, int pageSize, String pageToken) {
    PageTokens.requirePageSize(pageSize);
    String list = "verdicts/" + runId;
    PageTokens.Position after =
        PageTokens.decode(list, pageToken, new PageTokens.Position(Long.MAX_VALUE, ""));
    List<StoredVerdict> rows =
        database.read(
            "list verdicts of run " + runId,
            connection -> VerdictRows.list(connection, runId, after.number(), pageSize + 1));
    return PageTokens.page(
        list, rows, pageSize, verdict -> new PageTokens.Position(verdict.revision(), ""));
  }

  @Override
  public Optional<StoredVerdict> verdict(String runId, long revision) {
    return database.read(
        "find verdict " + revision + " of run " + runId,
        connection -> VerdictRows.find(connection, runId, revision));
  }
}
