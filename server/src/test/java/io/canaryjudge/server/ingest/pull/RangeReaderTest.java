package io.canaryjudge.server.ingest.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.verdict.Reason;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.ingest.pull.FakePrometheus.Answer;
import io.canaryjudge.server.ingest.series.PointAccounting;
import io.canaryjudge.server.ingest.series.SeriesFeeds;
import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.Refusal;
import io.canaryjudge.server.run.RunHarness;
import io.canaryjudge.server.run.RunSettings;
import io.canaryjudge.server.run.TestPolicies;
import io.canaryjudge.server.store.RunRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs over a range, from a recorded Prometheus into a real store, in the time of the test. */
class RangeReaderTest implements PointAccounting {

  private static final long START = Instant.parse("2026-01-05T10:00:00Z").toEpochMilli();
  private static final int SCRAPES = 400;
  private static final long END = START + SCRAPES * 1_000;

  @TempDir private Path directory;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<PullOutcome> outcomes = new ConcurrentLinkedQueue<>();
  private final Map<Refusal, Long> refused = new EnumMap<>(Refusal.class);
  private RecordedPrometheus prometheus;
  private RunHarness harness;
  private PrometheusPull pull;

  @BeforeEach
  void start() throws IOException {
    prometheus = new RecordedPrometheus();
    harness = new RunHarness(directory, RunSettings.DEFAULTS.withPulls(true));
    harness.clock.advance(END + 3_600_000 - harness.clock.millis());
    begin();
  }

  private void begin() {
    SeriesFeeds feeds = SeriesFeeds.start(harness.runs, this);
    pull =
        new PrometheusPull(
            feeds::wishes,
            feeds::pulled,
            feeds,
            new PullSettings(
                prometheus.url(),
                Duration.ofSeconds(1),
                Duration.ofSeconds(20),
                Optional.empty(),
                "",
                Optional.empty(),
                Optional.empty(),
                "",
                1_000,
                20_000),
            harness.clock,
            outcomes::add);
  }

  @AfterEach
  void stop() throws InterruptedException {
    pull.close(Duration.ofSeconds(10));
    threads.shutdownNow();
    harness.close();
    prometheus.close();
  }

  @Override
  public void received(Door door, long points) {}

  @Override
  public void taken(Door door, long points) {}

  @Override
  public void repeated(Door door, long points) {}

  @Override
  public void shadowed(Door door, long points) {}

  @Override
  public void unmatched(Door door, long points) {}

  @Override
  public synchronized void refused(Door door, Refusal reason, long points) {
    refused.merge(reason, points, Long::sum);
  }

  /** One look at the ranges, with the rounds of commits that it waits for. */
  private void look() throws Exception {
    PrometheusPull now = pull;
    Future<?> looking =
        threads.submit(
            () -> {
              now.readRanges();
              return null;
            });
    while (true) {
      harness.round();
      try {
        looking.get(5, TimeUnit.MILLISECONDS);
        harness.round();
        return;
      } catch (TimeoutException e) {
        // It waits for the next commit.
      }
    }
  }

  private Verdict lookUntilTheEnd(RunRecord run) throws Exception {
    for (int looks = 0; looks < 100; looks++) {
      look();
      Verdict verdict = harness.runs.snapshot(run.id()).verdict();
      if (!verdict.open()) {
        return verdict;
      }
      harness.clock.advance(1_000); // after a failure a while passes
    }
    throw new AssertionError(harness.runs.snapshot(run.id()).verdict());
  }

  private void sample(String name, String version, String code, long millis, String value) {
    Map<String, String> labels = new TreeMap<>();
    labels.put("__name__", name);
    labels.put("service", "checkout");
    labels.put("version", version);
    labels.put("instance", "pod-" + version);
    if (!code.isEmpty()) {
      labels.put("code", code);
    }
    prometheus.add(labels, millis, value);
  }

  /** 10 requests a second in each arm, since long before the run; each 50th of the canary fails. */
  private void record(int from, int to) {
    for (int second = from; second <= to; second++) {
      long millis = START + 1_000L * second + 200;
      for (String version : List.of("1.0", "1.1")) {
        sample("up", version, "", millis, "1");
        sample("http_requests_total", version, "200", millis, "" + 10 * (5_000 + second));
      }
      if (second >= 50) {
        sample("http_requests_total", "1.1", "500", millis, "" + second / 50);
      }
    }
  }

  private RunRecord create() {
    return harness.retrospective(TestPolicies.PATIENT, START, END, true);
  }

  @Test
  void aRangeIsReadToItsEnd() throws Exception {
    record(-300, SCRAPES + 100);
    RunRecord run = create();

    Verdict verdict = lookUntilTheEnd(run);

    assertThat(verdict.state()).isEqualTo(RunState.COMPLETED);
    assertThat(verdict.reason()).isEqualTo(Reason.DATA_ENDED);
    assertThat(verdict.sealedWindows()).isEqualTo(SCRAPES);
    // From the sample before the start on, so but for what the last one misses of the range.
    assertThat(harness.sealedTotal(run.id(), Arm.BASELINE)).isEqualTo(10 * SCRAPES);
    assertThat(harness.sealedTotal(run.id(), Arm.CANARY))
        .as("and the first failure, which makes a new series")
        .isEqualTo(10 * SCRAPES + (SCRAPES - 1) / 50);
    assertThat(outcomes).containsOnly(PullOutcome.TAKEN);
    assertThat(refused).isEmpty();
    harness.replay(run.id());
  }

  @Test
  void aRestartInTheMiddleChangesNothing() throws Exception {
    record(-300, SCRAPES + 100);
    RunRecord whole = create();
    lookUntilTheEnd(whole);
    RunRecord broken = create();
    int[] answers = {0};
    prometheus.trouble(good -> ++answers[0] % 9 == 0 ? new Answer(503, "no") : good);
    for (int looks = 0; looks < 6; looks++) {
      look();
      pull.close(Duration.ofSeconds(10));
      harness.restart();
      begin();
    }
    assertThat(harness.runs.snapshot(broken.id()).verdict().open()).isTrue();
    lookUntilTheEnd(broken);

    assertThat(outcomes).contains(PullOutcome.STATUS);
    assertThat(harness.log(broken.id()).stream().map(RangeReaderTest::withoutTime))
        .hasSizeGreaterThan(SCRAPES)
        .containsExactlyElementsOf(
            harness.log(whole.id()).stream().map(RangeReaderTest::withoutTime).toList());
  }

  /** The end of the data is at the moment at which it was read. */
  private static String withoutTime(String entry) {
    return entry.replaceFirst("DataEnded.*", "DataEnded");
  }

  @Test
  void whatIsTooMuchForOneAnswerIsReadInSmallerSlices() throws Exception {
    record(-300, SCRAPES + 100);
    prometheus.trouble(
        good -> good.body().length() > 1_500 ? new Answer(422, "too many samples") : good);
    RunRecord run = create();

    lookUntilTheEnd(run);

    assertThat(outcomes).contains(PullOutcome.LIMIT);
    assertThat(harness.sealedTotal(run.id(), Arm.BASELINE)).isEqualTo(10 * SCRAPES);
  }

  @Test
  void gapsAndNotANumberAreNoZeros() throws Exception {
    record(-300, 100);
    sample("http_requests_total", "1.0", "200", START + 101_200, "NaN");
    record(200, SCRAPES);
    RunRecord run = create();

    Verdict verdict = lookUntilTheEnd(run);

    assertThat(refused).containsOnly(Map.entry(Refusal.NOT_FINITE, 1L));
    assertThat(verdict.sealedWindows()).isEqualTo(SCRAPES);
    assertThat(harness.sealedTotal(run.id(), Arm.BASELINE)).isEqualTo(10 * SCRAPES);
    assertThat(harness.windows(run.id()))
        .filteredOn(window -> window.content().isEmpty())
        .extracting(window -> (int) window.index())
        .containsExactlyElementsOf(IntStream.range(101, 200).boxed().toList());
  }

  @Test
  void aRangeThatEndsLaterIsReadAsItComes() throws Exception {
    record(-300, SCRAPES + 100);
    long before = harness.clock.millis();
    RunRecord run =
        harness.retrospective(TestPolicies.PATIENT, before - 100_000, before + 100_000, true);
    look();
    Verdict verdict = harness.runs.snapshot(run.id()).verdict();
    assertThat(verdict.open()).isTrue();
    assertThat(verdict.sealedWindows()).as("what has settled, and no more").isBetween(90L, 98L);

    harness.clock.advance(150_000);
    lookUntilTheEnd(run);

    assertThat(harness.runs.snapshot(run.id()).verdict().sealedWindows()).isEqualTo(200);
  }

  @Test
  void whatOthersSendIsNotForIt() throws Exception {
    RunRecord run = create();
    SeriesFeeds feeds = SeriesFeeds.start(harness.runs, this);

    assertThat(feeds.wishes()).isEmpty();
    assertThat(feeds.wants("http_requests")).isFalse();
    assertThat(feeds.pulled()).extracting(each -> each.terms().runId()).containsExactly(run.id());
  }
}
