package io.canaryjudge.server.notify;

import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.RunAnalysis;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.server.policy.PolicyReader;
import io.canaryjudge.server.store.ArmSelection;
import io.canaryjudge.server.store.AuditRow;
import io.canaryjudge.server.store.NewRun;
import io.canaryjudge.server.store.RunCommit;
import io.canaryjudge.server.store.RunRecord;
import io.canaryjudge.server.store.StoredEntry;
import io.canaryjudge.server.store.StoredVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs to which something happens, with the verdicts that really follow. */
final class TestRuns {

  static final long START_MILLIS = 1_763_712_000_000L; // 2025-11-21T08:00:00Z

  static final String POLICY =
      """
      name: checked
      alpha: 0.01
      window: 10s
      beta: 0.05
      metrics:
        - name: error_rate
          kind: proportion
          thresholds:
            - limit: 0.01
      checks:
        - name: smoke
          failure_is_no_go: true
      """;

  /** Checks with a deadline of one window, and one that is needed before step 1. */
  static final String TIMED_POLICY =
      POLICY
          + "  - {name: approval, deadline: 10s}\n"
          + "  - {name: backup, deadline: 10s, before_step: 3}\n"
          + "  - {name: migration, before_step: 1}\n";

  private TestRuns() {}

  /** A run called checkout 1.5.0, unless {@code service} says otherwise. */
  static RunRecord run(String id, String service) {
    return new RunRecord(
        id,
        service,
        "1.4.2",
        "1.5.0",
        false,
        ArmSelection.DEFAULT,
        "checked",
        3,
        "{}",
        "{}",
        new TreeMap<>(Map.of("team", "payments")),
        "sha256:12",
        false,
        1,
        0,
        false,
        START_MILLIS,
        START_MILLIS,
        RunState.PENDING,
        0,
        Decision.WAIT,
        "ci",
        "",
        0,
        List.of());
  }

  static NewRun newRun(RunRecord run) {
    return new NewRun(
        "request-" + run.id(), "same", run, new AuditRow(1, "ci", "run.create", run.id(), ""));
  }

  /** What happens to a run, as the first commit of it. */
  static RunCommit commit(String id, LogEntry... entries) {
    return commit(POLICY, id, entries);
  }

  /** The same by another policy. */
  static RunCommit commit(String policyText, String id, LogEntry... entries) {
    Policy policy = PolicyReader.read(policyText).orThrow();
    RunAnalysis analysis = RunAnalysis.begin(policy, START_MILLIS);
    List<StoredEntry> log = new ArrayList<>();
    List<StoredVerdict> verdicts = new ArrayList<>();
    for (LogEntry entry : entries) {
      analysis.apply(entry);
      long revision = analysis.verdict().revision();
      log.add(new StoredEntry(revision, entry));
      verdicts.add(new StoredVerdict(revision, analysis.verdict()));
    }
    return new RunCommit(
        id,
        1,
        null,
        analysis.verdict().revision(),
        analysis.verdict().sealedWindows(),
        log,
        verdicts,
        null,
        new TreeMap<>(),
        null,
        null,
        List.of());
  }
}
