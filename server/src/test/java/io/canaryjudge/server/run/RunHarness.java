package io.canaryjudge.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.AggregateCodec;
import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.aggregate.ProportionAggregate;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.store.ArmSelection;
import io.canaryjudge.server.store.Database;
import io.canaryjudge.server.store.DatabaseConfig;
import io.canaryjudge.server.store.JdbcRunStore;
import io.canaryjudge.server.store.RunRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** Runs over a real database, with time and rounds in the hands of the test. */
public final class RunHarness implements AutoCloseable {

  private static final long STEP_MILLIS = 500;

  public final FakeClock clock = new FakeClock();
  public final CountedSamples samples = new CountedSamples();
  public final TestPolicies policies = new TestPolicies();
  public final Database database;
  public final RunSettings settings;
  public FaultyRunStore store;
  public RunService runs;

  public RunHarness(Path directory) {
    this(directory, RunSettings.DEFAULTS);
  }

  public RunHarness(Path directory, RunSettings settings) {
    this(DatabaseConfig.file(directory.resolve("judge.db")), settings);
  }

  public RunHarness(DatabaseConfig config, RunSettings settings) {
    this.database = Database.open(config, clock);
    this.settings = settings;
    this.store = new FaultyRunStore(new JdbcRunStore(database));
    this.runs = startService();
  }

  private RunService startService() {
    return RunService.start(store, policies, settings, clock, samples, RunTelemetry.NONE, false);
  }

  /** As after a kill: what was not committed is gone. */
  public void restart() {
    store = new FaultyRunStore(new JdbcRunStore(database));
    runs = startService();
  }

  public RunRecord live(Policy policy) {
    return create(policy, Optional.empty());
  }

  public RunRecord retrospective(Policy policy, long startMillis, int producers) {
    return create(policy, Optional.of(new CreateRun.Retrospective(startMillis, producers)));
  }

  /** Of records with an end. */
  public RunRecord retrospective(
      Policy policy, long startMillis, long endMillis, boolean fromPrometheus) {
    return create(
        policy,
        Optional.of(new CreateRun.Retrospective(startMillis, 1, endMillis, fromPrometheus)));
  }

  private RunRecord create(Policy policy, Optional<CreateRun.Retrospective> retrospective) {
    policies.add(policy);
    return runs.create(request(policy.name(), retrospective));
  }

  /** A live run of an artifact in an environment. */
  public RunRecord live(Policy policy, String digest, String environment) {
    policies.add(policy);
    CreateRun plain = request(policy.name(), Optional.empty());
    return runs.create(
        new CreateRun(
            plain.requestId(),
            plain.service(),
            plain.baselineVersion(),
            plain.canaryVersion(),
            false,
            plain.arms(),
            plain.policyName(),
            plain.policyRevision(),
            plain.overrides(),
            plain.labels(),
            digest,
            plain.retrospective(),
            "",
            environment));
  }

  /** Sends the same each second to a live run, until it is decided or the time is over. */
  public Verdict untilDecided(RunRecord run, long failuresOfThousand, int seconds)
      throws Exception {
    TestStream stream = open(run.id(), "p");
    for (int i = 0; i < seconds; i++) {
      if (runs.snapshot(run.id()).verdict().judgedDecision() != Decision.WAIT) {
        break;
      }
      for (int instance = 0; instance < 3; instance++) {
        stream.send(
            TestStream.TestSample.counts(
                Arm.BASELINE, "b" + instance, clock.millis(), 1_000, 1 + (i + instance) % 2),
            TestStream.TestSample.counts(
                Arm.CANARY,
                "c" + instance,
                clock.millis(),
                1_000,
                failuresOfThousand + (i + instance + 1) % 2));
      }
      pass(1_000);
    }
    return runs.snapshot(run.id()).verdict();
  }

  static CreateRun request(String policy, Optional<CreateRun.Retrospective> retrospective) {
    return new CreateRun(
        UUID.randomUUID().toString(),
        "checkout",
        "1.0",
        "1.1",
        false,
        ArmSelection.DEFAULT,
        policy,
        OptionalLong.empty(),
        "{}",
        new TreeMap<>(),
        "",
        retrospective,
        "",
        "");
  }

  TestStream open(String runId, String producer) {
    return TestStream.open(runs, runId, producer);
  }

  /** One round of commits, and everything told that follows from it. */
  public void round() throws Exception {
    if (runs.round()) {
      settle();
    }
  }

  /** Lets time pass in small steps, with a round after each. */
  public void pass(long millis) throws Exception {
    for (long left = millis; left > 0; left -= STEP_MILLIS) {
      clock.advance(Math.min(left, STEP_MILLIS));
      round();
    }
  }

  /** Waits until every owner has told what was committed. */
  public void settle() {
    awaitUntil(() -> runs.owners().stream().noneMatch(RunOwner::busyWithRound));
  }

  static void awaitUntil(Callable<Boolean> condition) {
    Awaitility.await()
        .pollInterval(1, TimeUnit.MILLISECONDS)
        .atMost(30, TimeUnit.SECONDS)
        .until(condition);
  }

  /** The log of a run, a line for each entry. */
  public List<String> log(String runId) {
    List<String> lines = new ArrayList<>();
    store.readLog(runId, (revision, entry) -> lines.add(revision + " " + text(entry)));
    return lines;
  }

  static String text(LogEntry entry) {
    return entry instanceof LogEntry.WindowSealed window
        ? "window "
            + window.index()
            + (window.interrupted() ? " interrupted " : " ")
            + HexFormat.of().formatHex(AggregateCodec.encode(window.content()))
        : entry.toString();
  }

  /** The sealed windows of a run. */
  public List<LogEntry.WindowSealed> windows(String runId) {
    List<LogEntry.WindowSealed> windows = new ArrayList<>();
    store.readLog(
        runId,
        (_, entry) -> {
          if (entry instanceof LogEntry.WindowSealed window) {
            windows.add(window);
          }
        });
    return windows;
  }

  /** Requests (or values) of an arm in all sealed windows. */
  public long sealedTotal(String runId, Arm arm) {
    return windows(runId).stream().mapToLong(window -> total(window.content(), arm)).sum();
  }

  public static long total(WindowAggregate window, Arm arm) {
    return window.entries().stream()
        .filter(entry -> entry.arm() == arm)
        .mapToLong(
            entry ->
                switch (entry.aggregate()) {
                  case ProportionAggregate proportion -> proportion.total();
                  case DistributionAggregate distribution -> distribution.count();
                })
        .sum();
  }

  /** Replays a run and finds no difference. */
  public RunReplay.Outcome replay(String runId) {
    RunReplay.Outcome outcome = new RunReplay(store, policies).replay(runId);
    assertThat(outcome.differences()).isEmpty();
    return outcome;
  }

  @Override
  public void close() {
    store.heal();
    database.close();
    samples.assertBalanced();
  }
}
