package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Timestamps;
import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.client.ProducerEnd;
import io.canaryjudge.client.RecordedSample;
import io.canaryjudge.client.RecordedSampleSender;
import io.canaryjudge.client.SeriesSpec;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.InconclusiveAction;
import io.canaryjudge.proto.v1.ListVerdictsRequest;
import io.canaryjudge.proto.v1.Reason;
import io.canaryjudge.proto.v1.Retrospective;
import io.canaryjudge.proto.v1.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A limit on memory that a canary has to exceed for five minutes on end: recorded readings of a
 * gauge, played through a server.
 */
class SustainedRunTest {

  private static final String POLICY =
      """
      name: NAME
      alpha: 0.01
      beta: 0.05
      window: 10s
      minimum_step_time: 20m
      deadline: 40m
      on_missing_data: MISSING
      on_inconclusive: roll_back
      metrics:
        - name: memory
          kind: distribution
          unit: By
          thresholds: [{quantile: 0.9, limit: 1000000000SUSTAINED}]
      """;

  private static final long START = 1_700_000_000_000L;
  private static final long STEP_MILLIS = 10_000;
  private static final int MINUTES = 40;
  private static final int INSTANCES = 3;

  @TempDir private static Path directory;
  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    Path policies = Files.createDirectory(directory.resolve("policies"));
    write(policies, "sustained-memory", "no_go", ", sustained: 5m");
    write(policies, "patient-memory", "inconclusive", ", sustained: 5m");
    write(policies, "strict-memory", "no_go", "");
    server = TestServer.start(directory, Map.of("policies.directory", policies.toString()));
  }

  private static void write(Path policies, String name, String missing, String sustained)
      throws Exception {
    Files.writeString(
        policies.resolve(name + ".yaml"),
        POLICY.replace("NAME", name).replace("MISSING", missing).replace("SUSTAINED", sustained));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /**
   * Above the limit in those minutes; there is nothing of the canary from {@code silentFrom} on.
   */
  private static List<RecordedSample> readings(IntPredicate aboveInMinute, int silentFrom) {
    Random random = new Random(1);
    List<RecordedSample> readings = new ArrayList<>();
    for (long time = 0; time < MINUTES * 60_000L; time += STEP_MILLIS) {
      int minute = (int) (time / 60_000);
      for (Arm arm : List.of(Arm.ARM_BASELINE, Arm.ARM_CANARY)) {
        boolean canary = arm == Arm.ARM_CANARY;
        if (canary && minute >= silentFrom) {
          continue;
        }
        double level = canary && aboveInMinute.test(minute) ? 1.2e9 : 0.6e9;
        for (int instance = 0; instance < INSTANCES; instance++) {
          readings.add(
              new RecordedSample.Values(
                  SeriesSpec.of(arm, arm.name() + instance, "memory"),
                  START + time,
                  List.of(level * (1 + 0.02 * random.nextGaussian()))));
        }
      }
    }
    return readings;
  }

  private static Verdict play(String policy, List<RecordedSample> readings) throws Exception {
    JudgeClient judge = new JudgeClient(server.channel());
    String run =
        judge
            .createRun(
                AnalysisRun.newBuilder()
                    .setService("checkout")
                    .setBaselineVersion("1")
                    .setCanaryVersion("2")
                    .setPolicy("policies/" + policy)
                    .setRetrospective(
                        Retrospective.newBuilder().setStartTime(Timestamps.fromMillis(START)))
                    .build(),
                UUID.randomUUID())
            .getName();
    ProducerEnd end =
        new RecordedSampleSender(server.channel(), run).send(readings.iterator()).end();
    Verdict verdict = judge.verdict(run);
    assertThat(verdict.getTerminal()).as("%s, %s", end, verdict.getExplanation()).isTrue();
    return verdict;
  }

  private static double minutesIn(Verdict verdict) {
    return (Timestamps.toMillis(verdict.getSealedThroughTime()) - START) / 60_000.0;
  }

  /** The first verdict of the run with the decision that it ended with. */
  private static double minuteOfDecision(Verdict last) {
    String run = last.getName().substring(0, last.getName().indexOf("/verdicts/"));
    return server
        .judge()
        .listVerdicts(ListVerdictsRequest.newBuilder().setParent(run).setPageSize(1_000).build())
        .getVerdictsList()
        .stream()
        .filter(each -> each.getDecision() == last.getDecision())
        .mapToDouble(SustainedRunTest::minutesIn)
        .min()
        .orElseThrow();
  }

  @Test
  void fiveMinutesOnEndAreANoGo() throws Exception {
    Verdict verdict = play("sustained-memory", readings(minute -> minute >= 8, MINUTES));

    assertThat(verdict.getDecision()).isEqualTo(Decision.DECISION_NO_GO);
    assertThat(verdict.getReason()).isEqualTo(Reason.REASON_BEYOND_TOLERANCE);
    assertThat(verdict.getMetrics(0).getThresholds(0).getDecision())
        .isEqualTo(Decision.DECISION_NO_GO);
    assertThat(verdict.getExplanation()).contains("memory");
    assertThat(minuteOfDecision(verdict)).isBetween(13.0, 14.0);
  }

  @Test
  void shorterTimesAreForgivenHoweverSevere() throws Exception {
    List<RecordedSample> twoMinutes = readings(minute -> minute == 8 || minute == 9, MINUTES);

    Verdict sustained = play("sustained-memory", twoMinutes);
    Verdict strict = play("strict-memory", twoMinutes);

    assertThat(sustained.getDecision()).isEqualTo(Decision.DECISION_GO);
    assertThat(sustained.getReason()).isEqualTo(Reason.REASON_WITHIN_TOLERANCE);
    assertThat(minuteOfDecision(sustained)).isGreaterThanOrEqualTo(20);
    assertThat(strict.getDecision()).isEqualTo(Decision.DECISION_NO_GO);
    assertThat(minuteOfDecision(strict)).isBetween(8.0, 10.0);
  }

  @Test
  void fourMinutesOfEveryFiveAreNeitherAndThePolicySaysWhatToDoThen() throws Exception {
    Verdict verdict = play("sustained-memory", readings(minute -> minute % 5 != 0, MINUTES));

    assertThat(verdict.getDecision()).isEqualTo(Decision.DECISION_INCONCLUSIVE);
    assertThat(verdict.getReason()).isEqualTo(Reason.REASON_DEADLINE);
    assertThat(verdict.getOnInconclusive())
        .isEqualTo(InconclusiveAction.INCONCLUSIVE_ACTION_ROLL_BACK);
  }

  @Test
  void aCanaryThatFallsSilentIsWhatThePolicySaysAndNeverAGo() throws Exception {
    List<RecordedSample> silent = readings(minute -> false, 8);

    Verdict noGo = play("sustained-memory", silent);
    Verdict inconclusive = play("patient-memory", silent);

    assertThat(noGo.getDecision()).isEqualTo(Decision.DECISION_NO_GO);
    assertThat(noGo.getReason()).isEqualTo(Reason.REASON_NO_DATA);
    assertThat(minuteOfDecision(noGo)).isBetween(8.0, 12.0);
    assertThat(inconclusive.getDecision()).isEqualTo(Decision.DECISION_INCONCLUSIVE);
    assertThat(inconclusive.getReason()).isEqualTo(Reason.REASON_NO_DATA);
  }

  /** Silence is no time within the limit, and none beyond it either. */
  @Test
  void aCanaryThatFallsSilentWhileItIsBeyondTheLimitIsNotForgiven() throws Exception {
    Verdict verdict = play("sustained-memory", readings(minute -> minute >= 6, 9));

    assertThat(verdict.getDecision()).isEqualTo(Decision.DECISION_NO_GO);
    assertThat(verdict.getReason()).isEqualTo(Reason.REASON_NO_DATA);
  }
}
