package io.canaryjudge.server.ingest.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.pull.FakePrometheus.Answer;
import io.canaryjudge.server.ingest.pull.FakePrometheus.Asked;
import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.ingest.series.SeriesAnswer;
import io.canaryjudge.server.ingest.series.SeriesIntake;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.ingest.series.SeriesRequest;
import io.canaryjudge.server.ingest.series.SeriesWishes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds of reading, whose time is that of the test. */
class PrometheusPullTest implements SeriesIntake {

  private static final long BEGIN = 1_700_000_000_000L;
  private static final SeriesWishes RUN =
      run("run-1", false, new LabelMatcher("app", List.of("a")));
  private static final String SELECTOR =
      "{__name__=~\"http_requests_total|up\",quantile=\"\",app=~\"a\"}";

  @TempDir private Path folder;

  private final List<SeriesPoint> taken = new ArrayList<>();
  private final List<PullOutcome> outcomes = new ArrayList<>();
  private CompletableFuture<SeriesAnswer> answer =
      CompletableFuture.completedFuture(new SeriesAnswer(0, List.of(), List.of()));
  private List<SeriesWishes> open = List.of(RUN);
  private long now = BEGIN;
  private FakePrometheus prometheus;
  private PrometheusPull pull;

  private static SeriesWishes run(String id, boolean retrospective, LabelMatcher... scope) {
    return new SeriesWishes(
        id,
        retrospective,
        BEGIN,
        new TreeSet<>(List.of("http_requests_total", "up")),
        List.of(scope),
        "checkout");
  }

  @Override
  public boolean wants(String name) {
    return true;
  }

  @Override
  public synchronized CompletableFuture<SeriesAnswer> take(SeriesRequest request) {
    taken.addAll(request.points());
    return answer;
  }

  private synchronized void ended(PullOutcome outcome) {
    outcomes.add(outcome);
  }

  @BeforeEach
  void start() throws IOException {
    prometheus = new FakePrometheus();
    pull = pull(settings(Duration.ofSeconds(30), Optional.empty(), "", Optional.empty(), ""));
  }

  @AfterEach
  void stop() throws InterruptedException {
    pull.close(Duration.ofSeconds(10));
    prometheus.close();
  }

  private PullSettings settings(
      Duration timeout,
      Optional<Path> tokenFile,
      String user,
      Optional<Path> passwordFile,
      String tenant) {
    return new PullSettings(
        prometheus.url(),
        Duration.ofSeconds(15),
        timeout,
        tokenFile,
        user,
        passwordFile,
        Optional.empty(),
        tenant,
        2,
        10_000);
  }

  private PrometheusPull pull(PullSettings settings) {
    return new PrometheusPull(
        () -> open, List::of, this, settings, () -> Instant.ofEpochMilli(now), this::ended);
  }

  private void use(PullSettings settings) throws InterruptedException {
    pull.close(Duration.ofSeconds(10));
    pull = pull(settings);
  }

  private List<Asked> roundAt(long second) throws InterruptedException {
    now = BEGIN + 1_000 * second;
    pull.round();
    return prometheus.readings();
  }

  private static String[] ranges(List<Asked> asked) {
    return asked.stream()
        .map(each -> each.query().replace(SELECTOR, "") + " at " + each.time())
        .toArray(String[]::new);
  }

  @Test
  void eachReadingGoesBackOverTheOneBefore() throws InterruptedException {
    assertThat(ranges(roundAt(0))).containsExactly("[45000ms] at 1700000000.000");
    assertThat(ranges(roundAt(15))).containsExactly("[45000ms] at 1700000015.000");
    assertThat(ranges(roundAt(31))).containsExactly("[46000ms] at 1700000031.000");
    assertThat(outcomes).containsOnly(PullOutcome.TAKEN);
  }

  @Test
  void samplesAreTakenAsTheyAre() throws InterruptedException {
    prometheus.answerWith(
        _ ->
            FakePrometheus.matrix(
                "{\"metric\":{\"__name__\":\"http_requests_total\",\"app\":\"a\"},"
                    + "\"values\":[[1700000000,\"5\"],[1700000015,\"9\"]]}"));

    roundAt(15);

    assertThat(taken)
        .extracting(SeriesPoint::value)
        .containsExactly(new PointValue.Count(5), new PointValue.Count(9));
  }

  @Test
  void whatCouldNotBeReadIsReadLaterInPieces() throws InterruptedException {
    roundAt(0);
    prometheus.answerWith(_ -> new Answer(503, "no"));
    assertThat(roundAt(15)).hasSize(1);
    assertThat(roundAt(30)).hasSize(1);
    assertThat(roundAt(100)).as("no more than one try in a round").hasSize(1);

    prometheus.answerWith(_ -> FakePrometheus.NOTHING);

    assertThat(ranges(roundAt(120)))
        .containsExactly(
            "[60000ms] at 1700000030.000",
            "[60000ms] at 1700000090.000",
            "[30000ms] at 1700000120.000");
    assertThat(outcomes)
        .containsExactly(
            PullOutcome.TAKEN,
            PullOutcome.STATUS,
            PullOutcome.STATUS,
            PullOutcome.STATUS,
            PullOutcome.TAKEN,
            PullOutcome.TAKEN,
            PullOutcome.TAKEN);
  }

  @Test
  void nothingOlderThanFifteenMinutesIsRead() throws InterruptedException {
    roundAt(0);

    List<Asked> asked = roundAt(3_600);

    assertThat(asked).hasSize(15);
    assertThat(asked.getFirst().time()).isEqualTo((BEGIN / 1_000 + 3_600 - 900 + 60) + ".000");
  }

  @Test
  void whatTheJudgeCouldNotTakeIsReadAgain() throws InterruptedException {
    prometheus.answerWith(
        _ ->
            FakePrometheus.matrix(
                "{\"metric\":{\"__name__\":\"http_requests_total\"},"
                    + "\"values\":[[1700000000,\"5\"]]}"));
    roundAt(0);
    answer =
        CompletableFuture.failedFuture(
            JudgeException.of(ErrorReason.STORE_UNAVAILABLE, "the database is away"));
    roundAt(15);
    answer = CompletableFuture.completedFuture(new SeriesAnswer(1, List.of(), List.of()));

    assertThat(ranges(roundAt(30))).containsExactly("[60000ms] at 1700000030.000");
    assertThat(outcomes)
        .containsExactly(PullOutcome.TAKEN, PullOutcome.NOT_TAKEN, PullOutcome.TAKEN);
  }

  @Test
  void everyKindOfFailureIsTold() throws InterruptedException {
    prometheus.answerWith(_ -> new Answer(401, "who are you"));
    roundAt(0);
    prometheus.answerWith(_ -> new Answer(422, "query processing would load too many samples"));
    roundAt(15);
    prometheus.answerWith(_ -> new Answer(200, "<html>"));
    roundAt(30);
    prometheus.answerWith(_ -> new Answer(200, " ".repeat(10_001)));
    roundAt(45);
    String one = "{\"metric\":{\"__name__\":\"up\"},\"values\":[]}";
    prometheus.answerWith(_ -> FakePrometheus.matrix(one, one, one));
    roundAt(60);
    prometheus.answerWith(_ -> new Answer(302, ""));
    roundAt(75);
    prometheus.close();
    roundAt(90);

    assertThat(outcomes)
        .containsExactly(
            PullOutcome.CREDENTIALS,
            PullOutcome.LIMIT,
            PullOutcome.MALFORMED,
            PullOutcome.LIMIT,
            PullOutcome.LIMIT,
            PullOutcome.STATUS,
            PullOutcome.UNREACHABLE);
    assertThat(taken).isEmpty();
  }

  @Test
  void aServerThatDoesNotAnswerIsNotWaitedFor() throws InterruptedException {
    use(settings(Duration.ofMillis(100), Optional.empty(), "", Optional.empty(), ""));
    CountDownLatch done = new CountDownLatch(1);
    prometheus.answerWith(
        _ -> {
          try {
            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the server is closed
          }
          return FakePrometheus.NOTHING;
        });

    roundAt(0);
    done.countDown();

    assertThat(outcomes).containsExactly(PullOutcome.TIMEOUT);
  }

  @Test
  void runsThatWantTheSameShareAQueryAndEndedOnesAskNone() throws InterruptedException {
    open = List.of(RUN, run("run-2", false, new LabelMatcher("app", List.of("a"))));
    assertThat(roundAt(0)).hasSize(1);
    open = List.of(RUN, run("run-3", false, new LabelMatcher("app", List.of("b"))));
    assertThat(roundAt(15)).hasSize(2);
    open = List.of();
    assertThat(roundAt(30)).isEmpty();
  }

  @Test
  void runsOverRecordedSamplesAreNotRead() throws InterruptedException {
    open = List.of(run("run-1", true, new LabelMatcher("app", List.of("a"))));

    assertThat(roundAt(0)).isEmpty();
  }

  @Test
  void aServiceIsLookedForUntilItIsFoundAndThenOnceAMinute() throws InterruptedException {
    open = List.of(run("run-1", false));
    prometheus.answerWith(
        query ->
            query.isDiscovery()
                ? new Answer(
                    200,
                    "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}")
                : FakePrometheus.NOTHING);
    now = BEGIN;
    pull.round();
    pull.round();
    assertThat(prometheus.drain()).hasSize(2).allMatch(Asked::isDiscovery);

    prometheus.answerWith(
        query -> query.isDiscovery() ? FakePrometheus.found("job") : FakePrometheus.NOTHING);
    now = BEGIN + 30_000;
    pull.round();
    List<Asked> asked = prometheus.drain();
    assertThat(asked).hasSize(3);
    assertThat(asked.get(1).query())
        .as("from before the run began")
        .endsWith("job=~\"(.*/)?checkout\"}[60000ms]");
    assertThat(asked.get(1).time()).isEqualTo("1700000015.000");

    assertThat(roundAt(89)).isNotEmpty();
    assertThat(prometheus.drain()).isEmpty();
    now = BEGIN + 90_000;
    pull.round();
    assertThat(prometheus.drain()).anyMatch(Asked::isDiscovery);
  }

  @Test
  void aServiceThatCannotBeLookedForStaysWhereItWas() throws InterruptedException {
    open = List.of(run("run-1", false));
    roundAt(0);
    prometheus.answerWith(
        query -> query.isDiscovery() ? new Answer(500, "no") : FakePrometheus.NOTHING);

    assertThat(roundAt(60))
        .isNotEmpty()
        .allMatch(each -> each.query().contains("app=\"checkout\""));
    assertThat(outcomes).contains(PullOutcome.STATUS);
  }

  @Test
  void credentialsAreReadAnewForEachQuery() throws InterruptedException, IOException {
    Path token = Files.writeString(folder.resolve("token"), "secret-1\n");
    use(settings(Duration.ofSeconds(30), Optional.of(token), "", Optional.empty(), "team-a"));

    assertThat(roundAt(0).getFirst().headers())
        .containsEntry("Authorization", "Bearer secret-1")
        .containsEntry("X-scope-orgid", "team-a");
    Files.writeString(token, "secret-2\n");
    assertThat(roundAt(15).getFirst().headers()).containsEntry("Authorization", "Bearer secret-2");
    Files.delete(token);
    assertThat(roundAt(30)).isEmpty();
    assertThat(outcomes)
        .containsExactly(PullOutcome.TAKEN, PullOutcome.TAKEN, PullOutcome.CREDENTIALS);
  }

  @Test
  void aUserHasAPassword() throws InterruptedException, IOException {
    Path password = Files.writeString(folder.resolve("password"), "sesame");
    use(settings(Duration.ofSeconds(30), Optional.empty(), "aladdin", Optional.of(password), ""));

    assertThat(roundAt(0).getFirst().headers())
        .containsEntry("Authorization", "Basic YWxhZGRpbjpzZXNhbWU=");
  }

  @Test
  void closingEndsAQuery() throws InterruptedException {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    prometheus.answerWith(
        _ -> {
          asked.countDown();
          try {
            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the server is closed
          }
          return FakePrometheus.NOTHING;
        });
    Thread round =
        Thread.startVirtualThread(
            () -> {
              try {
                pull.round();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();

    pull.close(Duration.ofSeconds(10));

    assertThat(round.join(Duration.ofSeconds(20))).isTrue();
    done.countDown();
  }
}
