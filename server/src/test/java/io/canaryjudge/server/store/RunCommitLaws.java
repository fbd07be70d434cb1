package io.canaryjudge.server.store;

import static io.canaryjudge.server.store.Refusals.assertRefused;
import static io.canaryjudge.server.store.StoreFixtures.audit;
import static io.canaryjudge.server.store.StoreFixtures.commit;
import static io.canaryjudge.server.store.StoreFixtures.newRun;
import static io.canaryjudge.server.store.StoreFixtures.run;
import static io.canaryjudge.server.store.StoreFixtures.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store of runs promises about the progress of runs: commits, logs, recovery. */
abstract class RunCommitLaws extends StoreTest {

  private static final RunHistory UNTOUCHED =
      new RunHistory(
          run("a", 1), 0, 0, 0, null, List.of(), List.of(), new TreeMap<>(), new TreeMap<>());
  private static final LogEntry STEP = new LogEntry.StepReported(7, 1, 25);

  private RunStore store;

  @BeforeEach
  void openStore() {
    store = new JdbcRunStore(database);
    store.create(newRun(run("a", 1)));
    store.create(newRun(run("b", 2)));
  }

  @Test
  void aNewRunHasAnEmptyHistory() {
    assertThat(store.load("a")).isEqualTo(UNTOUCHED);
  }

  @Test
  void givesBackWhatWasCommitted() {
    StoredVerdict verdict = new StoredVerdict(2, new RandomVerdicts(1).next(2));
    store.commit(
        List.of(
            commit("a", 1)
                .at(2, 1)
                .segment(segment(0, 3, 11))
                .entry(1, LogEntries.window(0, 100))
                .entry(2, STEP)
                .verdict(verdict)
                .checkpoint(42)
                .producer("p1", 9)
                .producer("p2", 10)
                .status(RunState.RUNNING, Decision.WAIT, 0)
                .audit(audit("run.step", "a"))
                .make()));
    reopen();
    store = new JdbcRunStore(database);
    RunHistory history = store.load("a");
    assertThat(history.commits()).isEqualTo(1);
    assertThat(history.revision()).isEqualTo(2);
    assertThat(history.sealedWindows()).isEqualTo(1);
    assertThat(history.checkpoint()).isEqualTo(new StoredCheckpoint(2, new byte[] {42, 0, -7}));
    assertThat(history.entries()).as("after the checkpoint").isEmpty();
    assertThat(history.segments()).containsExactly(segment(0, 3, 11));
    assertThat(history.producers())
        .isEqualTo(
            Map.of(
                "p1", new ProducerProgress(9, 9_000, false),
                "p2", new ProducerProgress(10, 10_000, true)));
    assertThat(history.run().state()).isEqualTo(RunState.RUNNING);
    assertThat(store.verdict("a", 2)).contains(verdict);
    assertThat(store.verdict("a", 1)).isEmpty();
    assertThat(store.verdict("b", 2)).isEmpty();
    assertThat(log("a"))
        .containsExactly("1: " + LogEntries.text(LogEntries.window(0, 100)), "2: " + STEP);
    assertThat(new AuditLog(database).list("a", 1, "").items())
        .containsExactly(audit("run.step", "a"));
  }

  @Test
  void keepsEveryKindOfEntry() {
    StoreFixtures.CommitOf commit = commit("a", 1).at(9, 4);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      expected.add((i + 1) + ": " + LogEntries.text(LogEntries.emptyWindow(i)));
    }
    long revision = 3;
    for (LogEntry entry : LogEntries.oneOfEachKind()) { // its window has index 3
      revision++;
      commit.entry(revision, entry);
      expected.add(revision + ": " + LogEntries.text(entry));
    }
    store.commit(List.of(commit.make()));
    assertThat(log("a")).isEqualTo(expected);
    assertThat(LogEntries.texts(store.load("a").entries())).isEqualTo(expected);
  }

  @Test
  void emptyWindowsCostNoRowAndComeBack() {
    store.commit(
        List.of(
            commit("a", 1)
                .at(3, 3)
                .entry(1, LogEntries.window(0, 10))
                .entry(3, LogEntries.emptyWindow(2)) // given or not is the same
                .make()));
    store.commit(List.of(commit("a", 2).at(5, 4).entry(4, STEP).make()));
    store.commit(List.of(commit("a", 3).at(5, 4).checkpoint(1).make()));
    store.commit(List.of(commit("a", 4).at(9, 8).entry(7, LogEntries.window(5, 20)).make()));
    assertThat(count("log_entries")).isEqualTo(3);
    List<String> all =
        List.of(
            "1: " + LogEntries.text(LogEntries.window(0, 10)),
            "2: " + LogEntries.text(LogEntries.emptyWindow(1)),
            "3: " + LogEntries.text(LogEntries.emptyWindow(2)),
            "4: " + STEP,
            "5: " + LogEntries.text(LogEntries.emptyWindow(3)),
            "6: " + LogEntries.text(LogEntries.emptyWindow(4)),
            "7: " + LogEntries.text(LogEntries.window(5, 20)),
            "8: " + LogEntries.text(LogEntries.emptyWindow(6)),
            "9: " + LogEntries.text(LogEntries.emptyWindow(7)));
    assertThat(log("a")).isEqualTo(all);
    assertThat(LogEntries.texts(store.load("a").entries())).isEqualTo(all.subList(5, 9));
  }

  @Test
  void replaysALongLogInOrder() {
    int windows = 1_000;
    StoreFixtures.CommitOf commit = commit("a", 1).at(windows, windows);
    for (int i = 0; i < windows; i++) {
      commit.entry(i + 1, LogEntries.window(i, i + 1));
    }
    store.commit(List.of(commit.make()));
    assertThat(log("a"))
        .isEqualTo(
            LongStream.range(0, windows)
                .mapToObj(i -> (i + 1) + ": " + LogEntries.text(LogEntries.window(i, i + 1)))
                .toList());
  }

  @Test
  void dropsSegmentsWhoseWindowsAreAllSealed() {
    store.commit(List.of(commit("a", 1).segment(segment(0, 0, 1)).make()));
    store.commit(List.of(commit("a", 2).segment(segment(0, 1, 2)).make()));
    store.commit(List.of(commit("a", 3).segment(segment(0, 2, 3)).make()));
    store.commit(List.of(commit("b", 1).segment(segment(0, 0, 4)).make()));
    assertThat(store.load("a").segments())
        .containsExactly(segment(0, 0, 1), segment(0, 1, 2), segment(0, 2, 3));
    store.commit(
        List.of(
            commit("a", 4)
                .at(2, 2)
                .segment(segment(1, 1, 5)) // sealed by this very commit
                .entry(1, LogEntries.window(0, 3))
                .entry(2, LogEntries.window(1, 3))
                .make()));
    assertThat(store.load("a").segments()).containsExactly(segment(0, 2, 3));
    assertThat(store.load("b").segments()).as("another run's").containsExactly(segment(0, 0, 4));
    store.commit(List.of(commit("a", 5).at(3, 3).entry(3, LogEntries.window(2, 3)).make()));
    assertThat(store.load("a").segments()).isEmpty();
  }

  @Test
  void keepsTheNewestOfCheckpointAndProducers() {
    store.commit(List.of(commit("a", 1).checkpoint(1).producer("p", 1).producer("q", 1).make()));
    store.commit(List.of(commit("a", 2).at(1, 0).entry(1, STEP).producer("p", 2).make()));
    store.commit(List.of(commit("a", 3).at(1, 0).checkpoint(3).make()));
    RunHistory history = store.load("a");
    assertThat(history.checkpoint()).isEqualTo(new StoredCheckpoint(1, new byte[] {3, 0, -7}));
    assertThat(history.producers().get("p").sequence()).isEqualTo(2);
    assertThat(history.producers().get("q").sequence()).isEqualTo(1);
  }

  @Test
  void keepsTheNewestNotesUntilTheRunEnds() {
    store.commit(List.of(commit("a", 1).note("x", 1).note("y", 2, 255, 0).make()));
    store.commit(
        List.of(
            commit("a", 2).note("x", 3).note("z").make(),
            commit("a", 3).note("x", 4, 4).note("!~", 5).make(),
            commit("b", 1).note("x", 6).make()));
    assertThat(notes("a")).containsExactly("!~=[5]", "x=[4, 4]", "y=[2, -1, 0]", "z=[]");
    assertThat(notes("b")).containsExactly("x=[6]");

    store.commit(List.of(commit("a", 4).status(RunState.RUNNING, Decision.WAIT, 0).make()));
    assertThat(notes("a")).hasSize(4);
    store.commit(
        List.of(
            commit("a", 5).note("late", 7).make(),
            commit("a", 6).status(RunState.CANCELLED, Decision.WAIT, 9).make()));
    assertThat(notes("a")).isEmpty();
    assertThat(count("note_pages where run_id = 'a'")).isZero();
    assertThat(notes("b")).containsExactly("x=[6]");
  }

  @Test
  void aWholePageOfNotesTakesThePlaceOfThoseBefore() {
    store.commit(List.of(commit("a", 1).note("x", 1).note("y", 2).make()));
    store.commit(List.of(commit("b", 1).note("x", 3).make()));
    store.commit(
        List.of(
            commit("a", 2).note("y", 4).make(),
            commit("a", 3).note("x", 5).note("y", 6).wholeNotes().make(),
            commit("a", 4).note("y", 7).make()));
    assertThat(notes("a")).containsExactly("x=[5]", "y=[7]");
    assertThat(count("note_pages where run_id = 'a'")).isEqualTo(2);
    assertThat(notes("b")).containsExactly("x=[3]");
  }

  @Test
  void notesOfAnEarlierSchemaAreReadUntilAWholePageComes() {
    database.write(
        "note",
        connection -> {
          try (Batch insert =
              new Batch(
                  connection, "insert into run_notes (run_id, key, content) values (?, ?, ?)")) {
            insert.add("a", "x", new byte[] {1});
            insert.add("a", "y", new byte[] {2});
            insert.add("b", "x", new byte[] {3});
            insert.execute();
          }
          return 0;
        });
    store.commit(List.of(commit("a", 1).note("y", 4).make()));
    assertThat(notes("a")).containsExactly("x=[1]", "y=[4]");
    store.commit(List.of(commit("a", 2).note("x", 5).note("y", 6).wholeNotes().make()));
    assertThat(notes("a")).containsExactly("x=[5]", "y=[6]");
    assertThat(count("run_notes where run_id = 'a'")).isZero();
    assertThat(notes("b")).containsExactly("x=[3]");
  }

  private List<String> notes(String runId) {
    return store.load(runId).notes().entrySet().stream()
        .map(note -> note.getKey() + "=" + Arrays.toString(note.getValue()))
        .toList();
  }

  @Test
  void takesSeveralCommitsOfOneRunAtOnce() {
    store.commit(
        List.of(
            commit("a", 1).at(1, 0).entry(1, STEP).checkpoint(1).producer("p", 1).make(),
            commit("b", 1).producer("p", 7).make(),
            commit("a", 2).at(2, 1).checkpoint(2).producer("p", 2).segment(segment(1, 1, 6)).make(),
            commit("a", 3).at(3, 2).producer("q", 5).make()));
    RunHistory history = store.load("a");
    assertThat(history.commits()).isEqualTo(3);
    assertThat(history.revision()).isEqualTo(3);
    assertThat(history.checkpoint()).isEqualTo(new StoredCheckpoint(2, new byte[] {2, 0, -7}));
    assertThat(history.producers().get("p").sequence()).isEqualTo(2);
    assertThat(history.producers().get("q").sequence()).isEqualTo(5);
    assertThat(history.segments()).as("sealed by the third").isEmpty();
  }

  @Test
  void aGroupCommitIsAllOrNothing() {
    // A row in the way, so that the database itself refuses in the middle of a commit.
    sabotage(
        "insert into log_entries (run_id, revision, kind, content) values ('b', 1, 'STEP', '')");
    assertNothingCommitted(
        ErrorReason.INTERNAL, commit("b", 1).at(1, 1).entry(1, LogEntries.window(0, 1)).make());
    assertNothingCommitted(ErrorReason.INTERNAL, commit("b", 2).make());
    assertNothingCommitted(ErrorReason.RUN_NOT_FOUND, commit("nobody", 1).make());
  }

  private void assertNothingCommitted(ErrorReason reason, RunCommit bad) {
    RunCommit good =
        commit("a", 1)
            .at(1, 0)
            .entry(1, STEP)
            .segment(segment(0, 0, 1))
            .producer("p", 1)
            .note("x", 1)
            .checkpoint(1)
            .status(RunState.RUNNING, Decision.WAIT, 0)
            .audit(audit("run.step", "a"))
            .make();
    assertRefused(reason, () -> store.commit(List.of(good, bad)));
    assertRefused(reason, () -> store.commit(List.of(bad, good)));
    assertThat(store.load("a")).isEqualTo(UNTOUCHED);
    assertThat(new AuditLog(database).list("a", 10, "").items())
        .containsExactly(audit("run.create", "a"));
  }

  @Test
  void anEffectWithoutItsAuditRowDoesNotHappen() {
    RunCommit override =
        commit("a", 1)
            .at(1, 0)
            .entry(1, new LogEntry.Overridden(1, Decision.GO, "z", "why"))
            .status(RunState.RUNNING, Decision.GO, 0)
            .segment(segment(0, 0, 1))
            .audit(audit("run.override", "a"))
            .make();
    sabotage("alter table audit rename to audit_away");
    assertRefused(ErrorReason.INTERNAL, () -> store.commit(List.of(override)));
    sabotage("alter table audit_away rename to audit");
    assertThat(store.load("a")).isEqualTo(UNTOUCHED);

    sabotage("alter table verdicts rename to verdicts_away");
    assertRefused(ErrorReason.INTERNAL, () -> store.commit(List.of(withVerdict(override))));
    sabotage("alter table verdicts_away rename to verdicts");
    assertThat(new AuditLog(database).list("a", 10, "").items())
        .as("an audit row without its effect")
        .containsExactly(audit("run.create", "a"));

    store.commit(List.of(override));
    assertThat(store.load("a").run().decision()).isEqualTo(Decision.GO);
    assertThat(new AuditLog(database).list("a", 10, "").items())
        .containsExactly(audit("run.override", "a"), audit("run.create", "a"));
  }

  private static RunCommit withVerdict(RunCommit commit) {
    return new RunCommit(
        commit.runId(),
        commit.number(),
        commit.segment(),
        commit.revision(),
        commit.sealedWindows(),
        commit.entries(),
        List.of(new StoredVerdict(1, new RandomVerdicts(1).next(1))),
        commit.checkpoint(),
        commit.producers(),
        commit.notes(),
        commit.status(),
        commit.audit());
  }

  @Test
  void aCommitMadeAgainHasNoSecondEffect() {
    RunCommit first =
        commit("a", 1)
            .at(1, 0)
            .entry(1, STEP)
            .segment(segment(0, 0, 1))
            .audit(audit("run.step", "a"))
            .make();
    RunCommit second = commit("a", 2).at(2, 1).segment(segment(1, 1, 2)).make();
    RunCommit other = commit("b", 1).at(1, 0).entry(1, STEP).make();
    store.commit(List.of(first));
    store.commit(List.of(first));
    store.commit(List.of(first, second, other));
    store.commit(List.of(other, first, second));
    assertThat(store.load("a").commits()).isEqualTo(2);
    assertThat(store.load("a").segments()).containsExactly(segment(1, 1, 2));
    assertThat(log("a")).hasSize(2);
    assertThat(log("b")).hasSize(1);
    assertThat(new AuditLog(database).list("a", 10, "").items()).hasSize(2);
  }

  @Test
  void refusesWhatNeitherFollowsNorRepeats() {
    store.commit(List.of(commit("a", 1).at(5, 3).make()));
    store.commit(List.of(commit("a", 2).at(6, 4).make()));
    List<RunCommit> bad =
        List.of(
            commit("a", 1).at(5, 3).make(), // older than the newest: not a repeat of the last call
            commit("a", 2).at(7, 4).make(),
            commit("a", 2).at(6, 3).make(),
            commit("a", 3).at(5, 4).make(), // backwards
            commit("a", 3).at(6, 3).make(),
            commit("a", 4).at(7, 5).make()); // one is missing
    for (RunCommit commit : bad) {
      JudgeException refusal =
          assertRefused(ErrorReason.INTERNAL, () -> store.commit(List.of(commit)));
      assertThat(refusal).hasMessageContaining("run a: commit " + commit.number());
    }
    assertThat(store.load("a").commits()).isEqualTo(2);
  }

  @Test
  void readersSeeWholeCommitsOnly() throws Exception {
    int commits = 150;
    AtomicBoolean done = new AtomicBoolean();
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        readers.add(threads.submit(() -> readWhile(done)));
      }
      try {
        for (int i = 1; i <= commits; i++) {
          store.commit(
              List.of(
                  commit("a", i)
                      .at(i, i)
                      .segment(segment(i, i, i))
                      .entry(i, LogEntries.window(i - 1, i))
                      .producer("p", i)
                      .make()));
        }
      } finally {
        done.set(true);
      }
      for (Future<Integer> reader : readers) {
        assertThat(reader.get()).isPositive();
      }
    }
  }

  private int readWhile(AtomicBoolean done) {
    int reads = 0;
    while (!done.get()) {
      RunHistory history = store.load("a");
      long commits = history.commits();
      assertThat(history.revision()).isEqualTo(commits);
      assertThat(history.sealedWindows()).isEqualTo(commits);
      assertThat(history.entries()).hasSize((int) commits);
      if (commits > 0) {
        assertThat(history.producers().get("p").sequence()).isEqualTo(commits);
        assertThat(history.segments()).containsExactly(segment(commits, commits, (int) commits));
      }
      reads++;
    }
    return reads;
  }

  @Test
  void listsVerdictsNewestFirst() {
    RandomVerdicts verdicts = new RandomVerdicts(5);
    List<StoredVerdict> all =
        LongStream.of(2, 3, 7, 11, 20)
            .mapToObj(revision -> new StoredVerdict(revision, verdicts.next(revision)))
            .toList();
    StoreFixtures.CommitOf commit = commit("a", 1).at(20, 20);
    all.subList(0, 4).forEach(commit::verdict);
    store.commit(List.of(commit.make()));
    Page<StoredVerdict> first = store.verdicts("a", 2, "");
    assertThat(first.items()).containsExactly(all.get(3), all.get(2));
    // A checkpoint may keep a verdict that is on record already.
    store.commit(List.of(commit("a", 2).at(20, 20).verdict(all.get(3)).verdict(all.get(4)).make()));
    assertThat(store.verdicts("a", 2, first.nextPageToken()))
        .isEqualTo(new Page<>(List.of(all.get(1), all.get(0)), ""));
    assertThat(store.verdicts("a", 1, "").items()).containsExactly(all.get(4));
    assertThat(store.verdicts("b", 1, "")).isEqualTo(new Page<>(List.of(), ""));
    String ofA = first.nextPageToken();
    assertRefused(ErrorReason.INVALID_FIELD, () -> store.verdicts("b", 2, ofA));
  }

  @Test
  void saysWhichEntryCannotBeRead() {
    store.commit(List.of(commit("a", 1).at(1, 1).entry(1, LogEntries.window(0, 10)).make()));
    sabotage("update run_progress set sealed_windows = 0 where run_id = 'a'");
    assertThat(assertRefused(ErrorReason.INTERNAL, () -> log("a")))
        .hasMessageContaining("run a")
        .hasMessageContaining("log of 1 windows (expected: 0)");
  }

  @Test
  void refusesRunsThatDoNotExist() {
    assertRefused(ErrorReason.RUN_NOT_FOUND, () -> store.load("nobody"));
    assertRefused(ErrorReason.RUN_NOT_FOUND, () -> log("nobody"));
  }

  private List<String> log(String runId) {
    List<StoredEntry> entries = new ArrayList<>();
    store.readLog(runId, (revision, entry) -> entries.add(new StoredEntry(revision, entry)));
    return LogEntries.texts(entries);
  }
}
