package io.canaryjudge.server.store;

import static io.canaryjudge.server.store.StoreFixtures.audit;
import static io.canaryjudge.server.store.StoreFixtures.run;

import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.RunState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the process that is killed commits: an endless list of group commits, each known from its
 * number alone, so that what must be found after a crash can be computed, too.
 */
final class CrashPlan {

  static final int RUNS = 10;

  private static final int CHECKPOINT_EVERY = 16;
  private static final int VERDICT_EVERY = 8;

  private CrashPlan() {}

  static List<RunRecord> runs() {
    List<RunRecord> runs = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      runs.add(run("run-" + i, i));
    }
    return runs;
  }

  /** Which runs take part in a group, in its order. */
  static int[] members(long group) {
    Random random = new Random(group * 0x9E3779B97F4A7C15L);
    return random.ints(0, RUNS).limit(1 + random.nextInt(RUNS)).distinct().toArray();
  }

  /** How many commits each run has after so many groups. */
  static long[] commitsAfter(long groups) {
    long[] commits = new long[RUNS];
    for (long group = 1; group <= groups; group++) {
      count(group, commits);
    }
    return commits;
  }

  /** Adds one group to such numbers. */
  static void count(long group, long[] commits) {
    for (int member : members(group)) {
      commits[member]++;
    }
  }

  /** The commits of a group. */
  static List<RunCommit> group(long group, long[] commitsBefore) {
    return Arrays.stream(members(group))
        .mapToObj(member -> commit("run-" + member, commitsBefore[member] + 1))
        .toList();
  }

  private static RunCommit commit(String run, long number) {
    StoreFixtures.CommitOf commit =
        StoreFixtures.commit(run, number)
            .at(number, sealed(number))
            .segment(segmentOf(run, number))
            .entry(number, entry(number))
            .producer("p" + number % 3, number)
            .status(RunState.RUNNING, decision(number), 0)
            .audit(audit("commit " + number, run));
    if (number % CHECKPOINT_EVERY == 0) {
      commit.checkpoint((int) number);
    }
    if (number % VERDICT_EVERY == 0) {
      commit.verdict(new StoredVerdict(number, new RandomVerdicts(number).next(number)));
    }
    return commit.make();
  }

  private static long sealed(long commits) {
    return (commits + 1) / 2;
  }

  private static LogEntry entry(long number) {
    return number % 2 == 1
        ? LogEntries.window(sealed(number) - 1, number)
        : new LogEntry.StepReported(number, (int) number, number % 100);
  }

  private static Decision decision(long number) {
    return number % 2 == 1 ? Decision.WAIT : Decision.GO;
  }

  private static Segment segmentOf(String run, long number) {
    Random random = new Random(run.hashCode() * 31L + number);
    byte[] content = new byte[random.nextInt(4_000)];
    random.nextBytes(content);
    return new Segment(sealed(number), sealed(number) + number % 2, content);
  }

  /** What a run must look like after so many commits; log and verdicts apart. */
  static RunHistory expected(RunRecord created, long commits) {
    if (commits == 0) {
      return new RunHistory(
          created, 0, 0, 0, null, List.of(), List.of(), new TreeMap<>(), new TreeMap<>());
    }
    List<Segment> segments = new ArrayList<>();
    SortedMap<String, ProducerProgress> producers = new TreeMap<>();
    for (long number = Math.max(1, commits - 5); number <= commits; number++) {
      Segment segment = segmentOf(created.id(), number);
      if (segment.lastWindow() >= sealed(commits)) {
        segments.add(segment);
      }
      producers.putAll(commit(created.id(), number).producers());
    }
    long checkpointed = commits - commits % CHECKPOINT_EVERY;
    List<StoredEntry> entries = new ArrayList<>();
    for (long number = checkpointed + 1; number <= commits; number++) {
      entries.add(new StoredEntry(number, entry(number)));
    }
    return new RunHistory(
        withStatus(created, commits),
        commits,
        commits,
        sealed(commits),
        checkpointed == 0 ? null : commit(created.id(), checkpointed).checkpoint(),
        entries,
        segments,
        producers,
        new TreeMap<>());
  }

  private static RunRecord withStatus(RunRecord run, long commits) {
    return run.with(new RunStatus(RunState.RUNNING, decision(commits), 0));
  }

  static List<String> expectedLog(long commits) {
    List<StoredEntry> entries = new ArrayList<>();
    for (long number = 1; number <= commits; number++) {
      entries.add(new StoredEntry(number, entry(number)));
    }
    return LogEntries.texts(entries);
  }

  /** Newest first. */
  static List<StoredVerdict> expectedVerdicts(long commits) {
    List<StoredVerdict> verdicts = new ArrayList<>();
    for (long number = commits - commits % VERDICT_EVERY; number > 0; number -= VERDICT_EVERY) {
      verdicts.add(new StoredVerdict(number, new RandomVerdicts(number).next(number)));
    }
    return verdicts;
  }
}
