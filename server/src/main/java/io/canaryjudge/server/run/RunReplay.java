package io.canaryjudge.server.run;

import io.canaryjudge.analysis.verdict.RunAnalysis;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.Page;
import io.canaryjudge.server.store.RunRecord;
import io.canaryjudge.server.store.RunStore;
import io.canaryjudge.server.store.StoredVerdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Judges a run again from its stored log, and compares with the verdicts on record. */
public final class RunReplay {

  private static final int PAGE_SIZE = 500;

  private final RunStore store;
  private final RunPolicies policies;

  /** Replays runs of a store. */
  public RunReplay(RunStore store, RunPolicies policies) {
    this.store = store;
    this.policies = policies;
  }

  /**
   * What came out of a replay.
   *
   * @param entries how many log entries were folded
   * @param compared how many verdicts on record were compared
   * @param last the verdict after the last entry
   * @param differences verdicts on record that did not come out again to the bit; empty if all is
   *     well
   */
  public record Outcome(long entries, int compared, Verdict last, List<Difference> differences) {

    /** Copies the differences. */
    public Outcome {
      differences = List.copyOf(differences);
    }
  }

  /**
   * A verdict on record that did not come out again.
   *
   * @param revision its revision
   * @param stored what is on record
   * @param replayed what came out; null if the log ends before
   */
  public record Difference(long revision, Verdict stored, @Nullable Verdict replayed) {}

  /**
   * Replays a run, as far as it is committed.
   *
   * @throws JudgeException {@code RUN_NOT_FOUND}
   */
  public Outcome replay(String id) {
    RunRecord run =
        store
            .find(id)
            .orElseThrow(
                () -> JudgeException.of(ErrorReason.RUN_NOT_FOUND, "There is no run " + id + "."));
    Map<Long, Verdict> onRecord = onRecord(id);
    RunAnalysis analysis =
        RunAnalysis.begin(policies.read(run.effectivePolicy()), run.startMillis(), run.attempt());
    List<Difference> differences = new ArrayList<>();
    int compared = onRecord.size();
    store.readLog(
        id,
        (revision, entry) -> {
          Verdict replayed = analysis.apply(entry);
          Verdict stored = onRecord.remove(revision);
          if (stored != null && !stored.equals(replayed)) {
            differences.add(new Difference(revision, stored, replayed));
          }
        });
    onRecord.forEach((revision, stored) -> differences.add(new Difference(revision, stored, null)));
    differences.sort(Comparator.comparingLong(Difference::revision));
    return new Outcome(analysis.verdict().revision(), compared, analysis.verdict(), differences);
  }

  private Map<Long, Verdict> onRecord(String id) {
    Map<Long, Verdict> verdicts = new TreeMap<>();
    String token = "";
    do {
      Page<StoredVerdict> page = store.verdicts(id, PAGE_SIZE, token);
      page.items().forEach(each -> verdicts.put(each.revision(), each.verdict()));
      token = page.nextPageToken();
    } while (!token.isEmpty());
    return verdicts;
  }
}
