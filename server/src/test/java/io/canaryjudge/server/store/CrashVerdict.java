package io.canaryjudge.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Compares what is in a database with what was acknowledged. */
final class CrashVerdict {

  private final RunStore store;
  private final List<RunRecord> runs = CrashPlan.runs();

  CrashVerdict(RunStore store) {
    this.store = store;
  }

  /**
   * After how many groups the runs have these numbers of commits.
   *
   * @throws AssertionError if after none: a group was torn
   */
  static long groupsOf(long[] commits) {
    long sum = Arrays.stream(commits).sum();
    long[] reached = new long[CrashPlan.RUNS];
    long group = 0;
    while (Arrays.stream(reached).sum() < sum) {
      group++;
      CrashPlan.count(group, reached);
    }
    assertThat(commits).as("commits of each run, a whole number of groups").isEqualTo(reached);
    return group;
  }

  /**
   * Checks that the runs are as they were after some group, and not before an acknowledged one.
   *
   * @return how many groups are stored
   */
  long check(long acknowledged) {
    List<RunHistory> histories = runs.stream().map(run -> store.load(run.id())).toList();
    long groups = groupsOf(histories.stream().mapToLong(RunHistory::commits).toArray());
    assertThat(groups)
        .as("groups stored, of which %d were acknowledged", acknowledged)
        .isBetween(acknowledged, acknowledged + 1);
    for (int i = 0; i < runs.size(); i++) {
      RunHistory found = histories.get(i);
      RunHistory expected = CrashPlan.expected(runs.get(i), found.commits());
      assertThat(LogEntries.texts(found.entries())).isEqualTo(LogEntries.texts(expected.entries()));
      assertThat(withoutEntries(found)).isEqualTo(withoutEntries(expected));
    }
    return groups;
  }

  /** Checks the whole past: every log entry, every verdict and every audit row, each once. */
  void checkPast(AuditLog audit) {
    for (RunRecord run : runs) {
      long commits = store.load(run.id()).commits();
      List<StoredEntry> log = new ArrayList<>();
      store.readLog(run.id(), (revision, entry) -> log.add(new StoredEntry(revision, entry)));
      assertThat(LogEntries.texts(log)).isEqualTo(CrashPlan.expectedLog(commits));
      assertThat(all(token -> store.verdicts(run.id(), 1_000, token)))
          .isEqualTo(CrashPlan.expectedVerdicts(commits));
      List<AuditRow> rows = all(token -> audit.list(run.id(), 1_000, token));
      assertThat(rows).hasSize((int) commits + 1);
      assertThat(rows.getFirst().action())
          .isEqualTo(commits == 0 ? "run.create" : "commit " + commits);
    }
  }

  private static <T> List<T> all(java.util.function.Function<String, Page<T>> pages) {
    List<T> all = new ArrayList<>();
    String token = "";
    do {
      Page<T> page = pages.apply(token);
      all.addAll(page.items());
      token = page.nextPageToken();
    } while (!token.isEmpty());
    return all;
  }

  private static RunHistory withoutEntries(RunHistory history) {
    return new RunHistory(
        history.run(),
        history.commits(),
        history.revision(),
        history.sealedWindows(),
        history.checkpoint(),
        List.of(),
        history.segments(),
        history.producers(),
        history.notes());
  }
}
