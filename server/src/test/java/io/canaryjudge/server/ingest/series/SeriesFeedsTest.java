package io.canaryjudge.server.ingest.series;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.aggregate.ProportionAggregate;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.analysis.policy.MetricSource;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.IngestLimits;
import io.canaryjudge.server.run.Refusal;
import io.canaryjudge.server.run.RunHarness;
import io.canaryjudge.server.run.RunSettings;
import io.canaryjudge.server.run.TestPolicies;
import io.canaryjudge.server.store.RunRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From points to what runs count, over a real store. */
class SeriesFeedsTest {

  private static final int ERROR_RATE = 0;
  private static final int LATENCY = 1;
  private static final List<LabelMatcher> NONE = List.of();
  private static final String OTEL = "http_server_request_duration";

  @TempDir Path directory;

  private RunHarness harness;
  private final CountedPoints points = new CountedPoints();
  private SeriesFeeds feeds;
  private RunRecord run;
  private long beginMillis;

  @BeforeEach
  void start() {
    harness = new RunHarness(directory);
    feeds = SeriesFeeds.start(harness.runs, points);
    run = harness.live(TestPolicies.PATIENT);
    beginMillis = run.startMillis();
  }

  @AfterEach
  void stop() {
    points.assertBalanced();
    harness.close();
  }

  /** A point of a series of one arm, at a time after the run began. */
  private SeriesPoint point(
      String name, String version, Map<String, String> labels, long atMillis, PointValue value) {
    return point(name, version, labels, 0, atMillis, value);
  }

  private SeriesPoint point(
      String name,
      String version,
      Map<String, String> labels,
      long startMillis,
      long atMillis,
      PointValue value) {
    Labels.Builder all =
        new Labels.Builder()
            .add("service.name", "checkout")
            .add("service.version", version)
            .add("service.instance.id", "pod-" + version);
    labels.forEach(all::add);
    return new SeriesPoint(
        name,
        "s",
        all.build(),
        Temporality.CUMULATIVE,
        startMillis == 0 ? 0 : (beginMillis + startMillis) * 1_000_000,
        (beginMillis + atMillis) * 1_000_000,
        value);
  }

  private static Map<String, String> status(String status) {
    return Map.of("http.response.status_code", status);
  }

  private static PointValue.Buckets buckets(long... counts) {
    return new PointValue.Buckets(new double[] {0.1, 0.5}, counts);
  }

  private CompletableFuture<SeriesAnswer> send(Door door, SeriesPoint... sent) {
    SeriesRequest request = new SeriesRequest(door);
    List.of(sent).forEach(request::add);
    return feeds.take(request);
  }

  private SeriesAnswer take(SeriesPoint... sent) throws Exception {
    return take(Door.OTLP, sent);
  }

  private SeriesAnswer take(Door door, SeriesPoint... sent) throws Exception {
    CompletableFuture<SeriesAnswer> answer = send(door, sent);
    for (int rounds = 0; rounds < 1_500 && !answer.isDone(); rounds++) {
      harness.round();
      try {
        return answer.get(20, TimeUnit.MILLISECONDS);
      } catch (java.util.concurrent.TimeoutException e) {
        // The stream of this door is opened by the run's owner: another round.
      }
    }
    return answer.get(1, TimeUnit.SECONDS);
  }

  private record Total(long total, long failures) {}

  /** What the sealed windows of a run hold, after time went on. */
  private Total sealed(RunRecord of, int metric, Arm arm) throws Exception {
    harness.pass(6_000);
    long total = 0;
    long failures = 0;
    for (var window : harness.windows(of.id())) {
      for (WindowAggregate.Entry entry : window.content().entries()) {
        if (entry.metric() == metric && entry.arm() == arm) {
          switch (entry.aggregate()) {
            case ProportionAggregate proportion -> {
              total += proportion.total();
              failures += proportion.failures();
            }
            case DistributionAggregate distribution -> {
              total += distribution.count();
              failures += distribution.atLeastAbove(0.5);
            }
          }
        }
      }
    }
    return new Total(total, failures);
  }

  @Test
  void quantilesOfSummariesAreNeitherReadingsNorCounts() throws Exception {
    Map<String, String> labels = Map.of("quantile", "0.99", "code", "500");
    String name = "http_request_duration_seconds";

    take(
        Door.REMOTE_WRITE,
        point(name, "1.5.0", labels, 1_000, new PointValue.Gauge(3)),
        point(name, "1.5.0", labels, 2_000, new PointValue.Gauge(4)));

    assertThat(points.unmatched()).isEqualTo(2);
    assertThat(sealed(run, LATENCY, Arm.CANARY).total()).isZero();
    assertThat(sealed(run, ERROR_RATE, Arm.CANARY).total()).isZero();
  }

  @Test
  void aHistogramFeedsErrorRateAndLatency() throws Exception {
    harness.pass(1_000);
    take(
        point(OTEL, "1.0", status("200"), -900_000, 500, buckets(1_000, 500, 50)),
        point(OTEL, "1.1", status("200"), 100, 500, buckets(10, 5, 1)));
    harness.pass(1_000);
    SeriesAnswer answer =
        take(
            point(OTEL, "1.0", status("200"), -900_000, 1_500, buckets(1_020, 510, 51)),
            point(OTEL, "1.1", status("200"), 100, 1_500, buckets(15, 9, 2)),
            point(OTEL, "1.1", status("503"), 100, 1_500, buckets(0, 0, 3)));

    assertThat(answer.rejected()).isZero();
    assertThat(sealed(run, ERROR_RATE, Arm.BASELINE)).isEqualTo(new Total(31, 0));
    assertThat(sealed(run, ERROR_RATE, Arm.CANARY)).isEqualTo(new Total(29, 3));
    assertThat(sealed(run, LATENCY, Arm.BASELINE)).isEqualTo(new Total(31, 1));
    assertThat(sealed(run, LATENCY, Arm.CANARY)).isEqualTo(new Total(29, 5));
    harness.replay(run.id());
  }

  /** Undercounting the first failure of a young instance would hide the failures of canaries. */
  @Test
  void theFirstFailureOfAKnownProcessCountsWhole() throws Exception {
    harness.pass(2_000);
    take(
        Door.REMOTE_WRITE,
        point(
            "http_requests_total", "1.1", Map.of("code", "200"), 1_000, new PointValue.Count(90)));
    take(
        Door.REMOTE_WRITE,
        point("http_requests_total", "1.1", Map.of("code", "200"), 2_000, new PointValue.Count(95)),
        point("http_requests_total", "1.1", Map.of("code", "500"), 2_000, new PointValue.Count(4)));

    assertThat(sealed(run, ERROR_RATE, Arm.CANARY)).isEqualTo(new Total(9, 4));
  }

  @Test
  void aProcessThatStartedInTheRunCountsWholeFromItsFirstScrape() throws Exception {
    harness.pass(2_000);
    double started = (beginMillis + 200) / 1e3;
    take(
        Door.REMOTE_WRITE,
        point("process_start_time_seconds", "1.1", Map.of(), 1_000, new PointValue.Gauge(started)),
        point("http_requests_total", "1.1", Map.of("code", "200"), 1_000, new PointValue.Count(90)),
        point("http_requests_total", "1.1", Map.of("code", "500"), 1_000, new PointValue.Count(7)));

    assertThat(sealed(run, ERROR_RATE, Arm.CANARY)).isEqualTo(new Total(97, 7));
  }

  /** Else all that an old process ever counted would be taken for what it did in the run. */
  @Test
  void aScrapeThatFailedDoesNotMakeSeriesNew() throws Exception {
    harness.pass(3_000);
    take(Door.REMOTE_WRITE, point("up", "1.0", Map.of(), 1_000, new PointValue.Gauge(0)));
    take(
        Door.REMOTE_WRITE,
        point("up", "1.0", Map.of(), 2_000, new PointValue.Gauge(1)),
        point(
            "http_requests_total",
            "1.0",
            Map.of("code", "500"),
            2_000,
            new PointValue.Count(70_000)));
    take(
        Door.REMOTE_WRITE,
        point(
            "http_requests_total",
            "1.0",
            Map.of("code", "500"),
            3_000,
            new PointValue.Count(70_002)));

    assertThat(sealed(run, ERROR_RATE, Arm.BASELINE)).isEqualTo(new Total(2, 2));
  }

  /** Of a scrape in the moment in which the run was created only the rest is seen. */
  @Test
  void whatCameBeforeTheRunIsMissedInNoProcess() throws Exception {
    harness.pass(2_000);
    take(
        Door.REMOTE_WRITE,
        point("http_requests_total", "1.0", Map.of("code", "200"), -1, new PointValue.Count(90)));
    take(
        Door.REMOTE_WRITE,
        point("http_requests_total", "1.0", Map.of("code", "200"), 999, new PointValue.Count(95)),
        point("http_requests_total", "1.0", Map.of("code", "500"), 999, new PointValue.Count(70)));
    take(
        Door.REMOTE_WRITE,
        point("http_requests_total", "1.0", Map.of("code", "500"), 1_999, new PointValue.Count(71)),
        point("http_requests_total", "1.0", Map.of("code", "502"), 1_999, new PointValue.Count(3)));

    assertThat(sealed(run, ERROR_RATE, Arm.BASELINE)).isEqualTo(new Total(9, 4));
  }

  @Test
  void aScrapeThatFailedSaysNothingOfTheSeriesThatItDidNotBring() throws Exception {
    harness.pass(2_000);
    take(
        Door.REMOTE_WRITE,
        point("up", "1.1", Map.of(), 500, new PointValue.Gauge(0)),
        ok(1_000, 9));
    take(Door.REMOTE_WRITE, ok(2_000, 12));

    assertThat(sealed(run, ERROR_RATE, Arm.CANARY)).isEqualTo(new Total(3, 0));
  }

  @Test
  void aScrapeThatSucceededSaysWhichSeriesAreNew() throws Exception {
    harness.pass(2_000);
    take(Door.REMOTE_WRITE, point("up", "1.1", Map.of(), 500, new PointValue.Gauge(1)));
    take(Door.REMOTE_WRITE, ok(1_000, 9));

    assertThat(sealed(run, ERROR_RATE, Arm.CANARY)).isEqualTo(new Total(9, 0));
  }

  private SeriesPoint ok(long atMillis, long requests) {
    return point(
        "http_requests_total",
        "1.1",
        Map.of("code", "200"),
        atMillis,
        new PointValue.Count(requests));
  }

  @Test
  void anAnswerThatGotLostIsHarmlessAlsoOverACrash() throws Exception {
    harness.pass(2_000);
    SeriesPoint first = point(OTEL, "1.1", status("200"), 100, 500, buckets(10, 0, 0));
    SeriesPoint second = point(OTEL, "1.1", status("200"), 100, 1_000, buckets(25, 0, 0));
    take(first);
    assertThat(take(first).rejected()).isZero();

    harness.restart();
    feeds = SeriesFeeds.start(harness.runs, points);
    take(first);
    take(second);
    assertThat(points.repeated()).isEqualTo(2);
    assertThat(sealed(run, ERROR_RATE, Arm.CANARY)).isEqualTo(new Total(25, 0));
    harness.samples.assertBalanced(4);
  }

  @Test
  void whatWasNotCommittedBeforeACrashCountsWhenItIsSentAgain() throws Exception {
    harness.pass(2_000);
    take(point(OTEL, "1.1", status("200"), 100, 500, buckets(10, 0, 0)));
    SeriesPoint second = point(OTEL, "1.1", status("200"), 100, 1_000, buckets(25, 0, 0));
    assertThat(send(Door.OTLP, second)).isNotDone();

    harness.restart();
    feeds = SeriesFeeds.start(harness.runs, points);
    take(second);
    assertThat(sealed(run, ERROR_RATE, Arm.CANARY)).isEqualTo(new Total(25, 0));
  }

  @Test
  void failuresThatAreCountedApartBelongToTheRequests() throws Exception {
    run = harness.live(withSources(new MetricSource("orders", NONE, NONE, "order_failures")));
    harness.pass(2_000);
    take(orders(200, 10, "orders_total"), orders(200, 0, "order_failures_total"));
    take(orders(500, 60, "orders_total"));
    take(orders(500, 7, "order_failures_total")); // by another shard of the sender
    harness.restart();
    feeds = SeriesFeeds.start(harness.runs, points);
    harness.pass(1_000);
    take(orders(1_500, 70, "orders_total"));

    assertThat(sealed(run, ERROR_RATE, Arm.CANARY)).isEqualTo(new Total(60, 7));
    harness.replay(run.id());
  }

  @Test
  void aSeriesOfFailuresThatNeverComesIsNotTakenForNoFailures() throws Exception {
    run = harness.live(withSources(new MetricSource("orders", NONE, NONE, "order_failurs")));
    harness.pass(2_000);
    take(orders(200, 10, "orders_total"), orders(200, 1, "order_failures_total"));
    take(orders(500, 60, "orders_total"), orders(500, 7, "order_failures_total"));

    assertThat(sealed(run, ERROR_RATE, Arm.CANARY)).isEqualTo(new Total(0, 0));
  }

  @Test
  void anInstanceWithALabelOfTooManyValuesCrowdsOutNobody() throws Exception {
    int most = harness.settings.limits().maxFedSeries();
    harness.pass(2_000);
    SeriesPoint[] flood = new SeriesPoint[most + 3];
    for (int i = 0; i < flood.length; i++) {
      Map<String, String> labels = Map.of("code", "200", "path", "/user/" + i);
      flood[i] = point("http_requests_total", "1.1", labels, 500, new PointValue.Count(1));
    }
    SeriesAnswer answer = take(flood);
    assertThat(answer.rejections())
        .singleElement()
        .satisfies(
            rejection -> {
              assertThat(rejection.reason()).isEqualTo(Refusal.LIMIT);
              assertThat(rejection.points()).isEqualTo(3);
              assertThat(rejection.example())
                  .contains("pod-1.1: one more series (expected: at most " + most);
            });
    assertThat(take(orders(600, 1, "http_requests_total")).rejected()).isEqualTo(1);
    assertThat(take(point(OTEL, "1.0", status("200"), 100, 600, buckets(1, 0, 0))).rejected())
        .isZero();
  }

  @Test
  void seriesThatCannotBeUsedTakeNoRoomFromOthers() throws Exception {
    harness.close();
    IngestLimits few = new IngestLimits(100, 100, 100, 3, 4, 1_000, 6, 6, 60_000, 86_400_000L);
    harness = new RunHarness(directory.resolve("few"), RunSettings.DEFAULTS.with(few));
    feeds = SeriesFeeds.start(harness.runs, points);
    run = harness.live(TestPolicies.PATIENT);
    beginMillis = run.startMillis();
    harness.pass(2_000);
    SeriesPoint[] bytes = new SeriesPoint[20];
    for (int i = 0; i < bytes.length; i++) {
      SeriesPoint one =
          point(OTEL, "1.1", Map.of("http.route", "/" + i), 100, 500, buckets(1, 0, 0));
      bytes[i] =
          new SeriesPoint(
              one.name(),
              "By",
              one.labels(),
              one.temporality(),
              one.startNanos(),
              one.timeNanos(),
              one.value());
    }
    assertThat(take(bytes).rejections())
        .singleElement()
        .satisfies(each -> assertThat(each.reason()).isEqualTo(Refusal.WRONG_UNIT));

    // An instance, a choice and a series for each of two metrics: five notes of six.
    assertThat(take(point(OTEL, "1.1", status("200"), 100, 600, buckets(3, 0, 0))).rejected())
        .isZero();
    assertThat(take(point(OTEL, "1.1", status("503"), 100, 700, buckets(1, 0, 0))).rejections())
        .singleElement()
        .satisfies(
            each ->
                assertThat(each.example())
                    .contains("at most 6 series, instances and sources in a run"));
    take(point(OTEL, "1.1", status("200"), 100, 800, buckets(5, 0, 0)));
    assertThat(sealed(run, ERROR_RATE, Arm.CANARY)).isEqualTo(new Total(5, 0));
  }

  @Test
  void severalSourcesCountBesideEachOther() throws Exception {
    run =
        harness.live(
            withSources(
                new MetricSource("orders", NONE, NONE),
                new MetricSource("returns", NONE, NONE, "return_failures")));
    harness.pass(2_000);
    take(
        orders(200, 0, "orders_total"),
        orders(200, 0, "returns_total"),
        orders(200, 0, "return_failures_total"));
    take(
        orders(500, 60, "orders_total"),
        orders(500, 30, "returns_total"),
        orders(500, 2, "return_failures_total"));

    assertThat(sealed(run, ERROR_RATE, Arm.CANARY)).isEqualTo(new Total(90, 2));
  }

  private SeriesPoint orders(long atMillis, long count, String name) {
    return point(name, "1.1", Map.of("code", "200"), atMillis, new PointValue.Count(count));
  }

  private Policy withSources(MetricSource... sources) {
    Policy policy = TestPolicies.withSources(List.of(sources));
    harness.policies.add(policy);
    return policy;
  }

  @Test
  void otherSeriesOfTheSameRequestsAreShadowed() throws Exception {
    harness.pass(1_000);
    take(
        point(
            "http_requests_total", "1.1", Map.of("code", "200"), 100, 500, new PointValue.Count(8)),
        point(OTEL, "1.1", status("200"), 100, 500, buckets(10, 0, 0)));

    assertThat(points.shadowed()).isEqualTo(1);
    assertThat(sealed(run, ERROR_RATE, Arm.CANARY)).isEqualTo(new Total(10, 0));
  }

  @Test
  void millisecondsBecomeSeconds() throws Exception {
    harness.pass(1_000);
    SeriesPoint millis =
        point(
            "istio_request_duration_milliseconds",
            "1.1",
            Map.of("reporter", "destination", "response_code", "200"),
            100,
            500,
            new PointValue.Buckets(new double[] {100, 500}, new long[] {3, 2, 1}));
    take(
        new SeriesPoint(
            millis.name(),
            "",
            millis.labels(),
            millis.temporality(),
            millis.startNanos(),
            millis.timeNanos(),
            millis.value()));
    assertThat(sealed(run, LATENCY, Arm.CANARY)).isEqualTo(new Total(6, 1));
  }

  @Test
  void classicHistogramsArePutTogetherAcrossRequests() throws Exception {
    harness.pass(3_000);
    String name = "http_request_duration_seconds";
    for (long at = 1_000; at <= 3_000; at += 1_000) {
      long n = at / 1_000;
      take(
          Door.REMOTE_WRITE,
          point(name, "1.1", Map.of(), at, new PointValue.ClassicBucket(0.1, 10 * n)),
          point(name, "1.1", Map.of(), at, new PointValue.ClassicBucket(0.5, 15 * n)));
      take(
          Door.REMOTE_WRITE,
          point(name, "1.1", Map.of(), at, new PointValue.ClassicBucket(1 / 0.0, 17 * n)));
    }
    assertThat(sealed(run, LATENCY, Arm.CANARY)).isEqualTo(new Total(34, 4));
  }

  @Test
  void oneStreamFeedsEveryRunOfTheService() throws Exception {
    RunRecord other = harness.live(TestPolicies.PATIENT);
    harness.pass(1_000);
    take(point(OTEL, "1.1", status("200"), 100, 500, buckets(10, 0, 0)));
    assertThat(sealed(run, ERROR_RATE, Arm.CANARY)).isEqualTo(new Total(10, 0));
    assertThat(sealed(other, ERROR_RATE, Arm.CANARY)).isEqualTo(new Total(10, 0));
  }

  @Test
  void seriesOfOthersAreUnmatched() throws Exception {
    harness.pass(1_000);
    take(
        point(OTEL, "0.9", status("200"), 100, 500, buckets(10, 0, 0)),
        point(OTEL, "1.1", Map.of("service.name", "cart"), 100, 500, buckets(10, 0, 0)),
        point(OTEL, "1.1", Map.of("http.route", "/pay"), 100, 500, buckets(9, 0, 0)));
    assertThat(points.unmatched()).isEqualTo(2);
    assertThat(sealed(run, ERROR_RATE, Arm.CANARY))
        .as("a series that does not tell failures is none of an error rate")
        .isEqualTo(new Total(0, 0));
    assertThat(sealed(run, LATENCY, Arm.CANARY)).isEqualTo(new Total(9, 0));

    assertThat(feeds.wants(OTEL)).isTrue();
    assertThat(feeds.wants(OTEL + "_seconds")).isTrue();
    assertThat(feeds.wants("go_goroutines")).isFalse();
  }

  @Test
  void aLatePointIsRefusedAndTheNextOneCountsOnlyItsOwn() throws Exception {
    harness.pass(1_000);
    take(point(OTEL, "1.1", status("200"), 100, 500, buckets(10, 0, 0)));
    harness.pass(20_000);
    SeriesAnswer late = take(point(OTEL, "1.1", status("200"), 100, 900, buckets(30, 0, 0)));
    assertThat(late.rejections()).extracting(PointRejection::reason).containsOnly(Refusal.LATE);
    harness.pass(100);
    take(point(OTEL, "1.1", status("200"), 100, 20_900, buckets(31, 0, 0)));
    assertThat(sealed(run, ERROR_RATE, Arm.CANARY)).isEqualTo(new Total(11, 0));
    assertThat(harness.samples.late()).isEqualTo(2);
  }

  @Test
  void nothingIsWantedOfARunThatEnded() throws Exception {
    CompletableFuture<?> cancelled = harness.runs.cancel(run.id(), "ann", "done", "");
    harness.round();
    cancelled.get(30, TimeUnit.SECONDS);
    Awaitility.await().atMost(30, TimeUnit.SECONDS).until(() -> !feeds.wants(OTEL));
    SeriesAnswer answer = take(point(OTEL, "1.1", status("200"), 100, 500, buckets(1, 0, 0)));
    assertThat(answer.points()).isEqualTo(1);
    assertThat(points.unmatched()).isEqualTo(1);
  }

  /** Counts points, and checks that each has one outcome. */
  private static final class CountedPoints implements PointAccounting {

    private final List<Long> received = new ArrayList<>();
    private final List<Long> outcomes = new ArrayList<>();
    private long repeated;
    private long shadowed;
    private long unmatched;

    @Override
    public synchronized void received(Door door, long points) {
      received.add(points);
    }

    @Override
    public synchronized void taken(Door door, long points) {
      outcomes.add(points);
    }

    @Override
    public synchronized void repeated(Door door, long points) {
      outcomes.add(points);
      repeated += points;
    }

    @Override
    public synchronized void shadowed(Door door, long points) {
      outcomes.add(points);
      shadowed += points;
    }

    @Override
    public synchronized void unmatched(Door door, long points) {
      outcomes.add(points);
      unmatched += points;
    }

    @Override
    public synchronized void refused(Door door, Refusal reason, long points) {
      outcomes.add(points);
    }

    synchronized long repeated() {
      return repeated;
    }

    synchronized long shadowed() {
      return shadowed;
    }

    synchronized long unmatched() {
      return unmatched;
    }

    synchronized void assertBalanced() {
      assertThat(outcomes.stream().mapToLong(Long::longValue).sum())
          .isEqualTo(received.stream().mapToLong(Long::longValue).sum());
    }
  }
}
