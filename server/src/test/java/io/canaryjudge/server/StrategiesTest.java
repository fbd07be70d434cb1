package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.client.ProducerEnd;
import io.canaryjudge.client.RecordedSample;
import io.canaryjudge.client.RecordedSampleSender;
import io.canaryjudge.client.SeriesSpec;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.ArmSelection;
import io.canaryjudge.proto.v1.CheckOutcome;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.GetPolicyRequest;
import io.canaryjudge.proto.v1.PolicyOverrides;
import io.canaryjudge.proto.v1.Reason;
import io.canaryjudge.proto.v1.Retrospective;
import io.canaryjudge.proto.v1.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The examples of docs/strategies.md, through a running server. The samples are recorded ones, so
 * that hours pass in seconds; seeds are fixed.
 */
class StrategiesTest {

  private static final Pattern POLICY =
      Pattern.compile("(?ms)^```yaml\\n(name: ([a-z-]+)\\n.*?)^```$");
  private static final long START = 1_700_000_000_000L;
  private static final double GOOD = 0.002;
  private static final double BAD = 0.06;

  private static TestServer server;
  private static JudgeClient judge;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    Path policies = Files.createDirectory(directory.resolve("policies"));
    Matcher example = POLICY.matcher(Files.readString(Path.of("..", "docs", "strategies.md")));
    int examples = 0;
    while (example.find()) {
      Files.writeString(policies.resolve(example.group(2) + ".yaml"), example.group(1));
      examples++;
    }
    assertThat(examples).isEqualTo(4);
    server = TestServer.start(directory, Map.of("policies.directory", policies.toString()));
    judge = new JudgeClient(server.channel());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String create(AnalysisRun.Builder run, String policy) throws Exception {
    return judge
        .createRun(
            run.setService("checkout")
                .setBaselineVersion("1.0")
                .setPolicy("policies/" + policy)
                .setRetrospective(
                    Retrospective.newBuilder().setStartTime(Timestamps.fromMillis(START)))
                .build(),
            UUID.randomUUID())
        .getName();
  }

  private static String create(String policy) throws Exception {
    return create(AnalysisRun.newBuilder().setCanaryVersion("1.1"), policy);
  }

  /** Requests of an arm, of so many instances at each second, every so many seconds. */
  private static List<RecordedSample> arm(
      Arm arm,
      int fromSecond,
      int toSecond,
      int every,
      IntUnaryOperator instances,
      double failing) {
    SplittableRandom random = new SplittableRandom(arm.getNumber());
    List<RecordedSample> samples = new ArrayList<>();
    for (int second = fromSecond; second < toSecond; second += every) {
      for (int i = 0; i < instances.applyAsInt(second); i++) {
        int failures = 0;
        for (int request = 0; request < 100; request++) {
          failures += random.nextDouble() < failing ? 1 : 0;
        }
        long time = START + second * 1_000L;
        String instance = arm.name() + i;
        samples.add(
            new RecordedSample.Proportion(
                SeriesSpec.of(arm, instance, "error_rate"), time, 100, failures));
        samples.add(
            new RecordedSample.Values(
                SeriesSpec.of(arm, instance, "latency"),
                time,
                DoubleStream.generate(() -> 0.05 + 0.1 * random.nextDouble())
                    .limit(50)
                    .boxed()
                    .toList()));
      }
    }
    return samples;
  }

  /** What was recorded before the start, as of so much later. */
  private static List<RecordedSample> moved(List<RecordedSample> recorded, int seconds) {
    return recorded.stream()
        .map(
            sample ->
                switch (sample) {
                  case RecordedSample.Proportion(var series, var time, var total, var failures) ->
                      (RecordedSample)
                          new RecordedSample.Proportion(
                              series, time + seconds * 1_000L, total, failures);
                  case RecordedSample.Values(var series, var time, var values) ->
                      new RecordedSample.Values(series, time + seconds * 1_000L, values);
                  case RecordedSample.Exponential _, RecordedSample.Explicit _ ->
                      throw new AssertionError("none was recorded");
                })
        .toList();
  }

  /** Sends both arms in order of time, as far as the policy knows their metric. */
  private static Verdict play(
      String run, boolean withLatency, List<RecordedSample> baseline, List<RecordedSample> canary)
      throws Exception {
    List<RecordedSample> all = new ArrayList<>(baseline);
    all.addAll(canary);
    all.removeIf(sample -> !withLatency && sample instanceof RecordedSample.Values);
    all.sort(Comparator.comparingLong(RecordedSample::timeMillis));
    RecordedSampleSender.Sent sent =
        new RecordedSampleSender(server.channel(), run).send(all.iterator());
    assertThat(sent.end()).isNotInstanceOf(ProducerEnd.Refused.class);
    assertThat(sent.stats().rejectedSamples()).isEmpty();
    await()
        .pollInterval(10, TimeUnit.MILLISECONDS)
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> judge.verdict(run).getTerminal());
    return judge.verdict(run);
  }

  private static void check(String run, String name, CheckOutcome outcome) throws Exception {
    judge.reportCheck(run, name, outcome, "", "https://ci/7");
  }

  private static Decision expected(double failing) {
    return failing == GOOD ? Decision.DECISION_GO : Decision.DECISION_NO_GO;
  }

  @ParameterizedTest
  @CsvSource({"" + GOOD, "" + BAD})
  void canaryWithSteps(double failing) throws Exception {
    String run = create("strategy-canary");
    assertThat(judge.reportStep(run, 0, 5).getNextStepChecksList()).containsExactly("smoke-test");
    check(run, "smoke-test", CheckOutcome.CHECK_OUTCOME_PASSED);
    assertThat(judge.reportStep(run, 1, 25).getNextStepChecksList()).isEmpty();
    assertThat(judge.reportStep(run, 2, 50).getNextStepChecksList())
        .containsExactly("product-owner");
    check(run, "product-owner", CheckOutcome.CHECK_OUTCOME_PASSED);
    assertThat(judge.reportStep(run, 3, 100).getNextStepChecksList()).isEmpty();
    Verdict verdict =
        play(
            run,
            false,
            arm(Arm.ARM_BASELINE, 0, 1_200, 5, _ -> 3, GOOD),
            arm(Arm.ARM_CANARY, 0, 1_200, 5, _ -> 3, failing));
    assertThat(verdict.getDecision()).isEqualTo(expected(failing));
    assertThat(verdict.getStep().getIndex()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"" + GOOD, "" + BAD})
  void rolling(double failing) throws Exception {
    // Six instances, one more of them new every two minutes.
    Verdict verdict =
        play(
            create("strategy-rolling"),
            false,
            arm(Arm.ARM_BASELINE, 0, 1_200, 5, second -> Math.max(0, 5 - second / 120), GOOD),
            arm(Arm.ARM_CANARY, 0, 1_200, 5, second -> Math.min(6, 1 + second / 120), failing));
    assertThat(verdict.getDecision()).isEqualTo(expected(failing));
  }

  @ParameterizedTest
  @CsvSource({"" + GOOD, "" + BAD})
  void blueGreenAfterTheSwitch(double failing) throws Exception {
    String run = create("strategy-blue-green");
    check(run, "smoke-test", CheckOutcome.CHECK_OUTCOME_PASSED);
    judge.reportStep(run, 0, 100);
    List<RecordedSample> before = arm(Arm.ARM_BASELINE, -1_200, 0, 5, _ -> 3, GOOD);
    Verdict verdict =
        play(run, false, moved(before, 1_200), arm(Arm.ARM_CANARY, 0, 1_200, 5, _ -> 3, failing));
    assertThat(verdict.getDecision()).isEqualTo(expected(failing));
  }

  @Test
  void blueGreenBeforeTheSwitchByChecks() throws Exception {
    String failed = create("strategy-blue-green");
    check(failed, "smoke-test", CheckOutcome.CHECK_OUTCOME_FAILED);
    assertThat(judge.verdict(failed).getDecision()).isEqualTo(Decision.DECISION_NO_GO);
    assertThat(judge.verdict(failed).getReason()).isEqualTo(Reason.REASON_CHECK_FAILED);

    String hasty = create("strategy-blue-green");
    assertThat(judge.verdict(hasty).getNextStepChecksList()).containsExactly("smoke-test");
    Verdict verdict = judge.reportStep(hasty, 0, 100);
    assertThat(verdict.getDecision()).isEqualTo(Decision.DECISION_NO_GO);
    assertThat(verdict.getReason()).isEqualTo(Reason.REASON_CHECK_EXPIRED);
  }

  @ParameterizedTest
  @CsvSource({"" + GOOD, "" + BAD})
  void featureFlag(double failing) throws Exception {
    AnalysisRun.Builder wanted =
        AnalysisRun.newBuilder()
            .setCanaryVersion("1.0")
            .setAllowSameVersion(true)
            .setArms(
                ArmSelection.newBuilder()
                    .setLabel("feature_flag.result.variant")
                    .setBaselineValue("off")
                    .setCanaryValue("on"));
    Verdict verdict =
        play(
            create(wanted, "strategy-feature-flag"),
            false,
            arm(Arm.ARM_BASELINE, 0, 1_200, 5, _ -> 3, GOOD),
            arm(Arm.ARM_CANARY, 0, 1_200, 5, _ -> 3, failing));
    assertThat(verdict.getDecision()).isEqualTo(expected(failing));
  }

  /** Windows as long as makes sense for the time, which the presets let a run choose. */
  @ParameterizedTest
  @CsvSource({
    "bake-15m, 1200, 5, " + GOOD,
    "bake-15m, 1200, 5, " + BAD,
    "bake-4h, 18000, 60, " + GOOD,
    "bake-4h, 18000, 60, " + BAD,
    "bake-48h, 180000, 300, " + GOOD,
    "bake-48h, 180000, 300, " + BAD
  })
  void bake(String preset, int seconds, int window, double failing) throws Exception {
    AnalysisRun.Builder wanted =
        AnalysisRun.newBuilder()
            .setCanaryVersion("1.1")
            .setOverrides(PolicyOverrides.newBuilder().setWindow(Durations.fromSeconds(window)));
    String run = create(wanted, preset);
    judge.reportStep(run, 0, 100);
    List<RecordedSample> before = arm(Arm.ARM_BASELINE, -seconds, 0, window, _ -> 3, GOOD);
    Verdict verdict =
        play(
            run,
            true,
            moved(before, seconds),
            arm(Arm.ARM_CANARY, 0, seconds, window, _ -> 3, failing));
    assertThat(verdict.getDecision()).isEqualTo(expected(failing));
    if (failing == GOOD) {
      long needed = Durations.toSeconds(minimumTime(preset));
      assertThat(verdict.getSealedWindowCount() * window).isGreaterThanOrEqualTo(needed);
    }
  }

  private static Duration minimumTime(String preset) {
    return server
        .policies()
        .getPolicy(GetPolicyRequest.newBuilder().setName("policies/" + preset).build())
        .getPolicy()
        .getMinimumStepTime();
  }
}
