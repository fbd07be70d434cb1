package io.canaryjudge.server.run;

import static io.canaryjudge.server.run.TestPolicies.PATIENT;
import static io.canaryjudge.server.run.TestStream.TestSample.baseline;
import static io.canaryjudge.server.run.TestStream.TestSample.canary;
import static io.canaryjudge.server.run.TestStream.TestSample.counts;
import static io.canaryjudge.server.run.TestStream.TestSample.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.verdict.Reason;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.run.TestStream.TestSample;
import io.canaryjudge.server.store.RunRecord;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Retrospective runs: sealed by what their producers say. */
class RetrospectiveRunTest {

  private static final long START = Instant.parse("2026-01-05T10:00:00Z").toEpochMilli();
  private static final int WINDOWS = 40;

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

  private long sealedWindows(RunRecord run) {
    return harness.runs.snapshot(run.id()).verdict().sealedWindows();
  }

  @Test
  void sealsUpToTheWatermarkOfTheSlowestProducer() throws Exception {
    RunRecord run = harness.retrospective(PATIENT, START, 2);
    TestStream p = harness.open(run.id(), "p");
    p.sendUpTo(START + 5_500, baseline(START + 100, 10, 0));
    harness.round();
    assertThat(sealedWindows(run)).as("the second producer has not opened").isZero();

    TestStream q = harness.open(run.id(), "q");
    q.send(canary(START + 100, 10, 0));
    harness.round();
    assertThat(sealedWindows(run)).as("the second producer has said nothing").isZero();
    q.sendUpTo(START + 3_000, canary(START + 200, 10, 0));
    harness.round();
    assertThat(sealedWindows(run)).isEqualTo(3);
    q.sendUpTo(START + 9_000);
    harness.round();
    assertThat(sealedWindows(run)).as("the first one is the slowest now").isEqualTo(5);
    q.sendUpTo(START + 1_000); // a watermark does not fall
    harness.round();
    assertThat(sealedWindows(run)).isEqualTo(5);

    assertThat(harness.sealedTotal(run.id(), Arm.CANARY)).isEqualTo(20);
    harness.samples.assertBalanced(3);
  }

  @Test
  void endsAfterTheLastBatchOfEachProducer() throws Exception {
    RunRecord run = harness.retrospective(PATIENT, START, 2);
    TestStream p = harness.open(run.id(), "p");
    TestStream q = harness.open(run.id(), "q");
    p.sendLast(baseline(START + 2_000, 10, 0));
    harness.round();
    assertThat(sealedWindows(run)).isZero();
    q.sendLast(canary(START + 7_000, 10, 0));
    harness.round();

    Verdict verdict = harness.runs.snapshot(run.id()).verdict();
    assertThat(verdict.sealedWindows()).as("through the last window with samples").isEqualTo(8);
    assertThat(verdict.open()).isFalse();
    assertThat(verdict.state()).isEqualTo(RunState.COMPLETED);
    assertThat(verdict.reason()).isEqualTo(Reason.DATA_ENDED);
    assertThat(p.acked()).isEqualTo(1);
    assertThat(p.endedBecause()).isEqualTo(ErrorReason.RUN_CLOSED);
    assertThat(q.endedBecause()).isEqualTo(ErrorReason.RUN_CLOSED);
    harness.replay(run.id());
    harness.samples.assertBalanced(2);
  }

  @Test
  void aDeclaredEndNeedsNoLastBatch() throws Exception {
    RunRecord run = harness.retrospective(PATIENT, START, START + 7_500, false);
    TestStream p = harness.open(run.id(), "p");
    p.sendUpTo(START + 7_499, baseline(START + 2_000, 10, 0), baseline(START + 7_500, 1, 0));
    harness.round();
    assertThat(sealedWindows(run)).isEqualTo(7);
    assertThat(p.rejections()).extracting(Rejection::reason).containsExactly(Refusal.IN_FUTURE);
    p.sendUpTo(START + 7_500);
    harness.round();

    Verdict verdict = harness.runs.snapshot(run.id()).verdict();
    assertThat(verdict.sealedWindows()).as("also those without samples").isEqualTo(8);
    assertThat(verdict.reason()).isEqualTo(Reason.DATA_ENDED);
    assertThat(harness.runs.find(run.id()).rangeEndMillis()).isEqualTo(START + 7_500);
    harness.replay(run.id());
  }

  @Test
  void lastBatchesSealThroughTheDeclaredEnd() throws Exception {
    RunRecord run = harness.retrospective(PATIENT, START, START + 2_500_000, false);
    harness.open(run.id(), "p").sendLast(baseline(START + 2_000, 10, 0));
    harness.round();
    assertThat(sealedWindows(run)).as("piece by piece").isEqualTo(1_000);
    harness.round();
    harness.round();
    assertThat(sealedWindows(run)).isEqualTo(2_500);
    assertThat(harness.runs.snapshot(run.id()).verdict().open()).isFalse();
  }

  @Test
  void quietTelemetryIsAtTheDeclaredEnd() throws Exception {
    long end = harness.clock.millis() + 5_000;
    RunRecord run = harness.retrospective(PATIENT, end - 20_000, end, false);
    TestStream otlp = harness.open(run.id(), Door.OTLP.producer());
    harness.round();
    long quiet = RunSettings.DEFAULTS.quietMillis();
    harness.clock.advance(2 * quiet);
    harness.round();
    assertThat(sealedWindows(run)).as("nothing has come yet").isZero();

    otlp.sendUpTo(end - 10_000, baseline(end - 12_000, 10, 0));
    harness.round();
    harness.clock.advance(quiet - 1);
    harness.round();
    assertThat(sealedWindows(run)).isEqualTo(10);
    harness.restart();
    harness.round();
    harness.clock.advance(quiet - 1);
    harness.round();
    assertThat(sealedWindows(run)).as("a restart is no silence").isEqualTo(10);
    harness.clock.advance(1);
    harness.round();

    assertThat(sealedWindows(run)).isEqualTo(20);
    assertThat(harness.runs.snapshot(run.id()).verdict().reason()).isEqualTo(Reason.DATA_ENDED);
    harness.replay(run.id());
  }

  @Test
  void telemetryIsNotAtTheEndBeforeTheEnd() throws Exception {
    long quiet = RunSettings.DEFAULTS.quietMillis();
    long end = harness.clock.millis() + 3 * quiet;
    RunRecord run = harness.retrospective(PATIENT, end - 4 * quiet, end, false);
    harness.open(run.id(), Door.OTLP.producer()).send(baseline(end - 3_000, 10, 0));
    harness.round();
    harness.clock.advance(2 * quiet);
    harness.round();
    assertThat(harness.runs.snapshot(run.id()).verdict().open()).isTrue();
    harness.clock.advance(quiet);
    harness.round();
    assertThat(harness.runs.snapshot(run.id()).verdict().open()).isFalse();
  }

  @Test
  void producersSayThemselvesWhenTheyAreAtTheEnd() throws Exception {
    RunRecord run = harness.retrospective(PATIENT, START, START + 20_000, false);
    harness.open(run.id(), "p").send(baseline(START, 10, 0));
    harness.open(run.id(), Door.OTLP.producer()).send(baseline(START, 10, 0));
    harness.round();
    harness.clock.advance(2 * RunSettings.DEFAULTS.quietMillis());
    harness.round();
    assertThat(harness.runs.snapshot(run.id()).verdict().open()).isTrue();
  }

  @Test
  void aRunThatTheJudgeReadsTakesNothingElse() throws Exception {
    harness.close();
    harness = new RunHarness(directory, RunSettings.DEFAULTS.withPulls(true));
    RunRecord run = harness.retrospective(PATIENT, START, START + 20_000, true);
    TestStream client = harness.open(run.id(), "p");
    TestStream pull = harness.open(run.id(), Door.PROMQL.producer());
    assertThat(client.endedBecause()).isEqualTo(ErrorReason.INVALID_FIELD);

    pull.send(baseline(START, 10, 0));
    harness.round();
    harness.clock.advance(2 * RunSettings.DEFAULTS.quietMillis());
    harness.round();
    assertThat(harness.runs.snapshot(run.id()).verdict().open())
        .as("a Prometheus that is away is not the end")
        .isTrue();
    pull.sendUpTo(START + 20_000);
    harness.round();
    assertThat(harness.runs.snapshot(run.id()).verdict().open()).isFalse();
  }

  @Test
  void refusesRangesThatCannotBe() {
    long most = IngestLimits.DEFAULTS.maxRetrospectiveMillis();
    assertThat(refused(1, START, false)).containsExactly("end_time");
    assertThat(refused(1, START + most + 1, false)).containsExactly("end_time");
    assertThat(refused(1, START + most, false)).isEmpty();
    assertThat(refused(1, 0, true)).containsExactly("end_time", "from_prometheus");
    assertThat(refused(2, START + 1, true)).containsExactly("producer_count", "from_prometheus");
  }

  private List<String> refused(int producers, long endMillis, boolean fromPrometheus) {
    harness.policies.add(PATIENT);
    CreateRun request =
        RunHarness.request(
            PATIENT.name(),
            Optional.of(new CreateRun.Retrospective(START, producers, endMillis, fromPrometheus)));
    try {
      harness.runs.create(request);
      return List.of();
    } catch (JudgeException e) {
      return e.violations().stream()
          .map(each -> each.field().replace("analysis_run.retrospective.", ""))
          .toList();
    }
  }

  @Test
  void aHalfClosedStreamIsFinishedRatherThanClosed() throws Exception {
    RunRecord run = harness.retrospective(PATIENT, START, 1);
    TestStream p = harness.open(run.id(), "p");
    p.sendLast(baseline(START + 2_000, 10, 0));
    p.session().halfClose();
    harness.round();
    p.awaitFinished();
    assertThat(p.hasEnded()).isFalse();
    assertThat(harness.runs.snapshot(run.id()).verdict().open()).isFalse();
  }

  @Test
  void longSilenceIsSealedPieceByPiece() throws Exception {
    RunRecord run = harness.retrospective(PATIENT, START, 1);
    TestStream p = harness.open(run.id(), "p");
    p.sendUpTo(START + 2_500_000);
    harness.round();
    assertThat(sealedWindows(run)).isEqualTo(1_000);
    harness.round();
    harness.round();
    assertThat(sealedWindows(run)).isEqualTo(2_500);
    harness.replay(run.id());
  }

  @Test
  void refusesWhatIsBeyondTheGreatestDuration() throws Exception {
    RunRecord run = harness.retrospective(PATIENT, START, 1);
    TestStream p = harness.open(run.id(), "p");
    long most = IngestLimits.DEFAULTS.maxRetrospectiveMillis();
    p.send(
        baseline(START + most, 1, 0),
        baseline(START + most - 1, 1, 0),
        baseline(START - 1, 1, 0),
        baseline(Long.MAX_VALUE, 1, 0),
        baseline(Long.MIN_VALUE, 1, 0));
    harness.round();
    assertThat(p.rejections())
        .extracting(rejection -> rejection.reason() + " " + rejection.samples())
        .containsExactlyInAnyOrder("IN_FUTURE 2", "BEFORE_START 2");
    harness.samples.assertBalanced(5);
  }

  @Test
  void aRunThatNobodyFeedsIsCancelled() throws Exception {
    RunRecord run = harness.retrospective(PATIENT, START, 1);
    harness.open(run.id(), "p").send(baseline(START, 10, 0));
    harness.round();
    harness.clock.advance(RunSettings.DEFAULTS.idleMillis() - 1);
    harness.round();
    assertThat(harness.runs.find(run.id()).open()).isTrue();
    harness.clock.advance(1);
    harness.round();
    assertThat(harness.runs.find(run.id()).state()).isEqualTo(RunState.CANCELLED);
    harness.replay(run.id());
  }

  /** The same samples, split over producers, batches and rounds in any order: the same verdict. */
  @Test
  void theOrderOfArrivalDoesNotMatter() throws Exception {
    List<TestSample> samples = samples(new Random(1));
    RunRecord reference = harness.retrospective(PATIENT, START, 1);
    TestStream whole = harness.open(reference.id(), "p");
    whole.sendLast(samples.toArray(TestSample[]::new));
    harness.round();
    List<String> expected = withoutTimes(harness.log(reference.id()));
    assertThat(expected).hasSizeGreaterThan(WINDOWS);
    Verdict verdict = harness.runs.snapshot(reference.id()).verdict();
    long sent = samples.size();

    for (int seed = 0; seed < 6; seed++) {
      RunRecord other = feed(new Random(seed), samples);
      sent += samples.size();
      assertThat(withoutTimes(harness.log(other.id()))).isEqualTo(expected);
      assertThat(harness.runs.snapshot(other.id()).verdict()).isEqualTo(verdict);
      harness.replay(other.id());
    }
    harness.samples.assertBalanced(sent);
    assertThat(harness.samples.accepted()).isEqualTo(sent);
  }

  private RunRecord feed(Random random, List<TestSample> samples) throws Exception {
    int producers = 1 + random.nextInt(4);
    RunRecord run = harness.retrospective(PATIENT, START, producers);
    List<TestSample> shuffled = new ArrayList<>(samples);
    Collections.shuffle(shuffled, random);
    List<List<TestSample>> shares = new ArrayList<>();
    List<TestStream> streams = new ArrayList<>();
    for (int i = 0; i < producers; i++) {
      shares.add(new ArrayList<>());
      streams.add(harness.open(run.id(), "p" + i));
    }
    shuffled.forEach(sample -> shares.get(random.nextInt(producers)).add(sample));
    for (List<TestSample> share : shares) {
      // Out of order, but not so much that everything has to stay open.
      share.sort(Comparator.comparingLong(sample -> sample.timeMillis() / 5_000));
    }
    while (shares.stream().anyMatch(share -> !share.isEmpty())) {
      int i = random.nextInt(producers);
      List<TestSample> share = shares.get(i);
      List<TestSample> batch = share.subList(0, Math.min(share.size(), random.nextInt(8)));
      TestSample[] now = batch.toArray(TestSample[]::new);
      batch.clear();
      long watermark =
          share.stream().mapToLong(TestSample::timeMillis).min().orElse(START + WINDOWS * 1_000L);
      streams.get(i).sendUpTo(watermark, now);
      if (random.nextInt(4) == 0) {
        harness.round();
      }
    }
    Collections.shuffle(streams, random);
    for (TestStream stream : streams) {
      stream.sendLast();
    }
    harness.round();
    return run;
  }

  private static List<TestSample> samples(Random random) {
    List<TestSample> samples = new ArrayList<>();
    for (int i = 0; i < 1_500; i++) {
      Arm arm = random.nextBoolean() ? Arm.BASELINE : Arm.CANARY;
      String instance = "i" + random.nextInt(3);
      long time = START + random.nextInt(WINDOWS * 1_000);
      samples.add(
          random.nextBoolean()
              ? counts(arm, instance, time, 1 + random.nextInt(50), random.nextInt(2))
              : value(arm, instance, time, Math.exp(random.nextGaussian())));
    }
    samples.add(counts(Arm.CANARY, "i0", START + WINDOWS * 1_000L - 1, 1, 0));
    return samples;
  }

  /** Entries but for the time of day at which they were made. */
  private static List<String> withoutTimes(List<String> log) {
    return log.stream().map(line -> line.replaceAll("atMillis=\\d+", "")).toList();
  }
}
