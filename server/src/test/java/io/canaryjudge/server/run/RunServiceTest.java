package io.canaryjudge.server.run;

import static io.canaryjudge.server.run.TestStream.TestSample.baseline;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.Database;
import io.canaryjudge.server.store.DatabaseConfig;
import io.canaryjudge.server.store.JdbcRunStore;
import io.canaryjudge.server.store.RunRecord;
import io.canaryjudge.server.store.RunStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service with its own thread and the real time. */
class RunServiceTest {

  private static final RunSettings SETTINGS = RunSettings.DEFAULTS.with(10, 2_000);

  @TempDir Path directory;

  private final CountedSamples samples = new CountedSamples();
  private final TestPolicies policies = new TestPolicies();
  private Database database;
  private RunStore store;
  private RunService runs;

  @BeforeEach
  void start() {
    database =
        Database.open(DatabaseConfig.file(directory.resolve("judge.db")), InstantSource.system());
    restart();
  }

  private void restart() {
    store = new JdbcRunStore(database);
    runs =
        RunService.start(
            store, policies, SETTINGS, InstantSource.system(), samples, RunTelemetry.NONE);
    runs.serve();
  }

  @AfterEach
  void stop() {
    runs.close();
    database.close();
  }

  private RunRecord create() {
    return runs.create(RunHarness.request("patient", Optional.empty()));
  }

  private static void await(java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await()
        .pollInterval(2, TimeUnit.MILLISECONDS)
        .atMost(30, TimeUnit.SECONDS)
        .until(condition);
  }

  @Test
  void commitsByItself() {
    RunRecord run = create();
    TestStream stream = TestStream.open(runs, run.id(), "p");
    stream.send(baseline(run.startMillis(), 1, 0));
    await(() -> stream.acked() == 1);
    samples.assertBalanced(1);
  }

  @Test
  void manyRunsShareCommits() {
    int count = 200;
    List<TestStream> streams = new ArrayList<>();
    List<RunRecord> created = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      RunRecord run = create();
      created.add(run);
      streams.add(TestStream.open(runs, run.id(), "p"));
    }
    for (int batch = 0; batch < 5; batch++) {
      for (int i = 0; i < count; i++) {
        streams.get(i).send(baseline(created.get(i).startMillis(), i, 0));
      }
    }
    await(() -> streams.stream().allMatch(stream -> stream.acked() == 5));
    samples.assertBalanced(count * 5L);
    assertThat(runs.openRuns()).isEqualTo(count);
  }

  @Test
  void closingCommitsWhatWasTakenAndEndsTheStreams() {
    RunRecord run = create();
    TestStream stream = TestStream.open(runs, run.id(), "p");
    for (int i = 0; i < 100; i++) {
      stream.send(baseline(run.startMillis(), 1, 0));
    }
    runs.close();
    assertThat(stream.acked()).isEqualTo(100);
    assertThat(stream.endedBecause()).isEqualTo(ErrorReason.DRAINING);
    assertThat(stream.send(baseline(run.startMillis(), 1, 0)))
        .isEqualTo(IngestSession.Outcome.ENDED);
    assertThat(TestStream.open(runs, run.id(), "q").endedBecause()).isEqualTo(ErrorReason.DRAINING);
    assertThatThrownBy(this::create)
        .isInstanceOfSatisfying(
            JudgeException.class, e -> assertThat(e.reason()).isEqualTo(ErrorReason.DRAINING));
    assertThat(runs.cancel(run.id(), "", "", "")).isCompletedExceptionally();
    samples.assertBalanced(101);

    restart();
    assertThat(TestStream.open(runs, run.id(), "p").next()).isEqualTo(101);
  }

  @Test
  void aSecondServerOverTheSameDatabaseEndsTheFirst() {
    RunRecord run = create();
    TestStream stream = TestStream.open(runs, run.id(), "p");
    stream.send(baseline(run.startMillis(), 1, 0));
    await(() -> stream.acked() == 1);
    RunService first = runs;
    CompletableFuture<Void> takenOver = new CompletableFuture<>();
    first.whenTakenOver(() -> takenOver.complete(null));
    restart();
    TestStream second = TestStream.open(runs, run.id(), "p");
    assertThat(second.next()).isEqualTo(2);

    stream.send(baseline(run.startMillis(), 1, 0));
    assertThat(stream.endedBecause()).isEqualTo(ErrorReason.STORE_TAKEN_OVER);
    assertThat(stream.acked()).isEqualTo(1);
    second.send(baseline(run.startMillis(), 5, 0));
    await(() -> second.acked() == 2);
    assertThat(takenOver).succeedsWithin(Duration.ofSeconds(30));
    first.close();
    samples.assertBalanced(3);
  }

  @Test
  void fastStreamsAreCommittedBeforeTheirTime() {
    runs.close();
    store = new JdbcRunStore(database);
    runs =
        RunService.start(
            store,
            policies,
            RunSettings.DEFAULTS.with(3_600_000, 10), // an hour
            InstantSource.system(),
            samples,
            RunTelemetry.NONE);
    runs.serve();
    RunRecord run = create();
    TestStream stream = TestStream.open(runs, run.id(), "p");
    assertThat(stream.session().wantsMore()).isTrue();
    int most = RunSettings.DEFAULTS.limits().maxUnackedBatches();
    for (int i = 0; i <= most / 4; i++) {
      stream.send(baseline(run.startMillis(), 1, 0));
    }
    await(() -> stream.acked() > 0);
    samples.assertBalanced(samples.accepted());
  }
}
