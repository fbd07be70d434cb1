package io.canaryjudge.server.run;

import static io.canaryjudge.server.run.TestStream.TestSample.baseline;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.store.RunRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who listens hears of each run that takes samples: when it is opened, and when it has ended. */
class OpenRunsTest {

  @TempDir Path directory;

  private RunHarness harness;

  @BeforeEach
  void start() {
    harness = new RunHarness(directory);
  }

  @AfterEach
  void stop() {
    harness.close();
  }

  /** Writes down what it hears. */
  private static final class Diary implements OpenRunListener {
    final List<String> lines = new CopyOnWriteArrayList<>();
    final List<OpenRun> runs = new CopyOnWriteArrayList<>();

    @Override
    public void opened(OpenRun run) {
      runs.add(run);
      lines.add("opened " + run.run().id());
    }

    @Override
    public void ended(String runId) {
      lines.add("ended " + runId);
    }
  }

  private Diary listen() {
    Diary diary = new Diary();
    harness.runs.watchOpenRuns(diary);
    return diary;
  }

  private static void awaitLast(Diary diary, String line) {
    Awaitility.await()
        .pollInterval(1, TimeUnit.MILLISECONDS)
        .atMost(30, TimeUnit.SECONDS)
        .until(() -> diary.lines.contains(line));
    assertThat(diary.lines).last().isEqualTo(line);
  }

  private void cancel(RunRecord run) throws Exception {
    var cancelled = harness.runs.cancel(run.id(), "me", "enough", "");
    harness.round();
    assertThat(cancelled).isCompleted();
  }

  @Test
  void tellsOfRunsBeforeAndAfterOneBeginsToListen() {
    RunRecord before = harness.live(TestPolicies.PATIENT);
    Diary diary = listen();
    assertThat(diary.lines).containsExactly("opened " + before.id());

    // Already told when the request is answered: nothing waits here.
    RunRecord after = harness.retrospective(TestPolicies.PATIENT, 0, 1);
    assertThat(diary.lines).containsExactly("opened " + before.id(), "opened " + after.id());
    assertThat(listen().lines).isEqualTo(diary.lines);
  }

  @Test
  void tellsWhatSamplesAreMatchedBy() {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    OpenRun open = listen().runs.getFirst();
    Policy policy = open.policy();
    assertThat(open.run()).isEqualTo(run);
    assertThat(policy).isEqualTo(TestPolicies.PATIENT);
    assertThat(open.terms().metrics()).isEqualTo(policy.metrics());
    assertThat(open.terms().startMillis()).isEqualTo(run.startMillis());
  }

  @Test
  void aRepeatedRequestIsNotANewRun() {
    harness.policies.add(TestPolicies.PATIENT);
    CreateRun request = RunHarness.request(TestPolicies.PATIENT.name(), Optional.empty());
    Diary diary = listen();
    harness.runs.create(request);
    harness.runs.create(request);
    assertThat(diary.lines).hasSize(1);
  }

  @Test
  void tellsOfTheEndAfterTheStreamsHaveEnded() throws Exception {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    Diary diary = listen();
    TestStream stream = harness.open(run.id(), "p");
    stream.send(baseline(harness.clock.millis(), 1, 0));
    harness.runs.watchOpenRuns(
        new OpenRunListener() {
          @Override
          public void opened(OpenRun opened) {}

          @Override
          public void ended(String runId) {
            diary.lines.add("stream ended: " + stream.hasEnded());
          }
        });
    cancel(run);
    awaitLast(diary, "stream ended: true");
    assertThat(diary.lines).contains("ended " + run.id());
    assertThat(stream.endedBecause()).isEqualTo(ErrorReason.RUN_CLOSED);
    assertThat(listen().lines).isEmpty();

    // What a person says of it later does not open it again.
    var overridden = harness.runs.override(run.id(), Decision.GO, "me", "why", "");
    harness.round();
    assertThat(overridden).isCompleted();
    assertThat(diary.lines).hasSize(3);
  }

  @Test
  void aServerThatStopsHasNotEndedItsRuns() throws Exception {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    Diary diary = listen();
    var closing = CompletableFuture.runAsync(() -> harness.runs.close(10_000));
    Awaitility.await()
        .pollInterval(1, TimeUnit.MILLISECONDS)
        .atMost(20, TimeUnit.SECONDS)
        .until(
            () -> {
              harness.runs.round();
              return closing.isDone();
            });
    closing.join();
    assertThat(harness.runs.openRuns()).isZero();
    assertThat(diary.lines).containsExactly("opened " + run.id());

    harness.restart();
    assertThat(listen().lines).containsExactly("opened " + run.id());
  }

  @Test
  void aListenerThatFailsHarmsNobody() {
    harness.runs.watchOpenRuns(
        _ -> {
          throw new IllegalStateException("a defect");
        });
    Diary diary = listen();
    RunRecord run = harness.live(TestPolicies.PATIENT);
    assertThat(diary.lines).containsExactly("opened " + run.id());
  }

  @Test
  void whoHasStoppedListeningHearsNothingMore() {
    Diary diary = new Diary();
    harness.runs.watchOpenRuns(diary).close();
    harness.live(TestPolicies.PATIENT);
    assertThat(diary.lines).isEmpty();
  }
}
