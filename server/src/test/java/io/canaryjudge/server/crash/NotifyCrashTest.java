package io.canaryjudge.server.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.CancelAnalysisRunRequest;
import io.canaryjudge.proto.v1.CheckOutcome;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.GetAnalysisRunRequest;
import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.OverrideVerdictRequest;
import io.canaryjudge.proto.v1.ReportCheckRequest;
import io.canaryjudge.proto.v1.ReportStepRequest;
import io.canaryjudge.proto.v1.Step;
import io.canaryjudge.server.notify.Receiver;
import io.canaryjudge.server.notify.Receiver.Answer;
import io.canaryjudge.server.notify.Receiver.Received;
import io.canaryjudge.server.store.DatabaseConfig;
import io.canaryjudge.server.store.RealPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the whole server at random moments between decisions and their webhooks, with a receiver
 * that takes some at once, some late and some not at the first time: in the end it was told of
 * everything that was acknowledged, in order for each run, and each repeat has the identity of the
 * first and a higher attempt. {@code -Dcrash.notify-kills} sets how often, {@code -Dcrash.seed}
 * when.
 */
class NotifyCrashTest {

  private static final int KILLS = Integer.getInteger("crash.notify-kills", 8);
  private static final long SEED = Long.getLong("crash.seed", 1);
  private static final int MOST_RUNS = 6;
  private static final int MOST_MILLIS = 15; // longer than a commit takes
  private static final Pattern ID = Pattern.compile("([0-9a-f-]{36})-(\\d+)-([a-z-]+)");
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String POLICY =
      """
      name: checked
      alpha: 0.01
      beta: 0.05
      window: 1s
      metrics:
        - name: error_rate
          kind: proportion
          thresholds:
            - limit: 0.01
      checks:
        - name: smoke
          failure_is_no_go: true
      """;

  @TempDir Path directory;

  private final Random random = new Random(SEED);
  private final Set<String> acknowledged = new HashSet<>();
  private int untold;

  @Test
  void whatIsAcknowledgedIsToldOnSqlite() throws Exception {
    killAgainAndAgain(DatabaseConfig.file(directory.resolve("judge.db")));
  }

  @Test
  void whatIsAcknowledgedIsToldOnPostgres() throws Exception {
    killAgainAndAgain(RealPostgres.newDatabase());
  }

  private void killAgainAndAgain(DatabaseConfig database) throws Exception {
    Files.createDirectories(directory.resolve("policies"));
    Files.writeString(directory.resolve("policies/checked.yaml"), POLICY);
    long start = System.nanoTime();
    try (Receiver receiver = new Receiver()) {
      Random moods = new Random(SEED);
      receiver.behave(_ -> mood(moods));
      List<String> settings =
          List.of(
              "--set=notify.targets.x.url=" + receiver.url(),
              "--set=notify.targets.x.events=opened,step,check-failed,decided,overridden,cancelled"
                  + ",ended");
      for (int kill = 0; kill < KILLS; kill++) {
        try (ServerVictim victim = ServerVictim.start(database, directory, settings)) {
          decideUntilKilled(victim);
        }
        untold += acknowledged.size() - told(receiver.received()).size();
      }
      assertThat(untold).as("decisions that the kills came before the webhooks of").isPositive();
      receiver.behave(_ -> Answer.OK);
      try (ServerVictim last = ServerVictim.start(database, directory, settings)) {
        await().atMost(PATIENCE).until(() -> none(last, "waiting"));
        assertThat(none(last, "given_up")).isTrue();
        for (String run : runs(receiver.received())) {
          // Nothing was told that is not on record.
          last.judge().getAnalysisRun(GetAnalysisRunRequest.newBuilder().setName(run).build());
        }
        assertThat(last.stop()).isZero();
      }
      check(receiver.received());
      report(database, receiver.received(), System.nanoTime() - start);
    }
  }

  private static synchronized Answer mood(Random moods) {
    int mood = moods.nextInt(10);
    return mood < 7 ? Answer.OK : mood < 9 ? Answer.of(500) : Answer.CLOSE;
  }

  /** Opens runs and decides them, until the server is killed right after an answer. */
  private void decideUntilKilled(ServerVictim victim) throws InterruptedException {
    JudgeGrpc.JudgeBlockingStub judge = victim.judge();
    int runs = 1 + random.nextInt(MOST_RUNS);
    for (int i = 0; i < runs; i++) {
      String run = open(judge);
      judge.reportStep(
          ReportStepRequest.newBuilder()
              .setAnalysisRun(run)
              .setStep(Step.newBuilder().setIndex(0).setWeight(5))
              .build());
      acknowledged.add(run + " step");
      if (random.nextBoolean()) {
        judge.reportCheck(
            ReportCheckRequest.newBuilder()
                .setAnalysisRun(run)
                .setCheck("smoke")
                .setOutcome(CheckOutcome.CHECK_OUTCOME_FAILED)
                .build());
        acknowledged.addAll(List.of(run + " check-failed", run + " decided", run + " ended"));
        judge.overrideVerdict(
            OverrideVerdictRequest.newBuilder()
                .setAnalysisRun(run)
                .setDecision(Decision.DECISION_GO)
                .setAuthor("Sam")
                .setReason("known")
                .build());
        acknowledged.add(run + " overridden");
      } else {
        judge.cancelAnalysisRun(CancelAnalysisRunRequest.newBuilder().setName(run).build());
        acknowledged.addAll(List.of(run + " cancelled", run + " ended"));
      }
    }
    victim.killAfter(random.nextInt(MOST_MILLIS));
  }

  private String open(JudgeGrpc.JudgeBlockingStub judge) {
    String run =
        judge
            .createAnalysisRun(
                CreateAnalysisRunRequest.newBuilder()
                    .setRequestId(UUID.randomUUID().toString())
                    .setAnalysisRun(
                        AnalysisRun.newBuilder()
                            .setService("checkout")
                            .setBaselineVersion("1")
                            .setCanaryVersion("2")
                            .setPolicy("policies/checked"))
                    .build())
            .getAnalysisRun()
            .getName();
    acknowledged.add(run + " opened");
    return run;
  }

  private static boolean none(ServerVictim server, String state)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      String answer =
          http.send(
                  HttpRequest.newBuilder(
                          URI.create(server.httpUrl() + "/notifications?state=" + state))
                      .build(),
                  BodyHandlers.ofString())
              .body();
      assertThat(answer).startsWith("{\"notifications\":[");
      return answer.startsWith("{\"notifications\":[]");
    }
  }

  private static Set<String> runs(List<Received> all) {
    Set<String> runs = new HashSet<>();
    all.forEach(each -> runs.add("analysisRuns/" + parts(each).group(1)));
    return runs;
  }

  /** What was acknowledged and told, each once. */
  private Set<String> told(List<Received> all) {
    Set<String> told = new HashSet<>();
    for (Received each : all) {
      Matcher parts = parts(each);
      told.add("analysisRuns/" + parts.group(1) + " " + parts.group(3));
    }
    told.retainAll(acknowledged);
    return told;
  }

  private static Matcher parts(Received received) {
    Matcher parts = ID.matcher(received.id());
    assertThat(parts.matches()).as(received.id()).isTrue();
    return parts;
  }

  private void check(List<Received> all) {
    Map<String, String> identities = new HashMap<>();
    Map<String, Received> newest = new HashMap<>();
    Map<String, Long> revisions = new HashMap<>();
    for (Received each : all) {
      Matcher parts = parts(each);
      String run = "analysisRuns/" + parts.group(1);
      String event = run + " " + parts.group(3);
      String before = identities.put(event, each.id());
      assertThat(before).as("identity of a repeat").isIn(null, each.id());
      Received last = newest.put(each.id(), each);
      if (last == null) {
        long revision = Long.parseLong(parts.group(2));
        assertThat(revision)
            .as("in order: %s", each.id())
            .isGreaterThanOrEqualTo(revisions.getOrDefault(run, 0L));
        revisions.put(run, revision);
      } else {
        assertThat(each.attempt()).as("a repeat says so").isGreaterThan(last.attempt());
        assertThat(each.body()).isEqualTo(last.body());
      }
    }
    assertThat(identities.keySet()).as("what was told").containsAll(acknowledged);
  }

  private void report(DatabaseConfig database, List<Received> all, long nanos) {
    long events = all.stream().map(Received::id).distinct().count();
    System.out.printf(
        "%s: %d kills, %d acknowledged events, %d of them not sent yet at a kill, %d told in %d"
            + " messages (%d of them repeats), in %d s%n",
        database.url().replaceFirst("^jdbc:(\\w+):.*", "$1"),
        KILLS,
        acknowledged.size(),
        untold,
        events,
        all.size(),
        all.size() - events,
        TimeUnit.NANOSECONDS.toSeconds(nanos));
  }
}
