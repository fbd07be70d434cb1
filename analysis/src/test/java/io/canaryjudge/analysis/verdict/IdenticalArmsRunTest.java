package io.canaryjudge.analysis.verdict;

import static io.canaryjudge.analysis.verdict.TestRun.count;
import static io.canaryjudge.analysis.verdict.TestRun.errors;
import static io.canaryjudge.analysis.verdict.TestRun.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.inference.RunEvidence;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.Tolerance;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** One series in both arms is not taken for two healthy ones. */
class IdenticalArmsRunTest {
  private static final int INSTANCES = 3;

  private final SplittableRandom random = new SplittableRandom(11);

  @Test
  void oneSeriesInBothArmsIsNotPassed() {
    TestPolicy policy = errorsAndLatency();
    policy.deadlineMillis = 1_800_000;
    TestRun run = new TestRun(policy);
    while (!run.verdict().caveats().contains(Caveat.IDENTICAL_ARMS)) {
      assertThat(run.window(same(0.02)).judgedDecision()).isEqualTo(Decision.WAIT);
    }
    assertThat(run.verdict().sealedWindows()).isEqualTo(4);

    for (int i = 4; i < 300; i++) {
      run.window(same(0.02));
    }
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.WAIT);
    assertThat(run.verdict().reason()).isEqualTo(Reason.IDENTICAL_ARMS);
    assertThat(run.verdict().caveats()).containsExactly(Caveat.IDENTICAL_ARMS);
    assertThat(run.verdict().expectedMillis()).isEmpty();
    assertThat(Explanation.of(run.verdict()))
        .startsWith("WAIT: the evidence is enough for GO, but both arms carried the very same data")
        .contains("check the label or selectors");

    run.windows(60, same(0.02));
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.INCONCLUSIVE);
    assertThat(Explanation.of(run.verdict()))
        .isEqualTo(
            "INCONCLUSIVE: the deadline passed, and GO was withheld although the evidence was"
                + " enough. Both arms carried the very same data: check the label or selectors"
                + " that tell them apart.");
  }

  @Test
  void failuresAloneTellTheSameSeries() {
    TestRun run = new TestRun(TestPolicy.errors());
    for (int i = 0; i < 400; i++) {
      long seed = random.nextLong();
      run.window(window -> both(window, seed, seed, 0.02, false));
    }
    assertThat(run.verdict().reason()).isEqualTo(Reason.IDENTICAL_ARMS);
  }

  @Test
  void honestArmsOfARegularLoadArePromoted() {
    TestRun run = new TestRun(errorsAndLatency());
    while (run.verdict().open()) {
      Verdict verdict = run.window(honest(0.02));
      assertThat(verdict.caveats()).doesNotContain(Caveat.IDENTICAL_ARMS);
    }
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.GO);
  }

  @Test
  void equalNumbersWithoutFailuresAreWorthAWordOnly() {
    TestPolicy policy = TestPolicy.errors();
    policy.minimumStepMillis = 120_000;
    TestRun run = new TestRun(policy);
    run.windows(11, errors(INSTANCES, 300, 0, 300, 0));
    assertThat(run.verdict().caveats()).isEmpty();
    run.windows(13, errors(INSTANCES, 300, 0, 300, 0));
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.GO);
    assertThat(run.verdict().caveats()).containsExactly(Caveat.IDENTICAL_ARMS);
    assertThat(Explanation.of(run.verdict()))
        .isEqualTo(
            "GO: every tolerance is kept, after 7,200 canary samples. Both arms carried the very"
                + " same data: check the label or selectors that tell them apart.");
  }

  @Test
  void whatRepeatsItselfIsAGenerator() {
    Verdict verdict =
        new TestRun(TestPolicy.errors()).untilDecided(600, errors(INSTANCES, 300, 3, 300, 3));
    assertThat(verdict.judgedDecision()).isEqualTo(Decision.GO);
    assertThat(verdict.caveats()).containsExactly(Caveat.IDENTICAL_ARMS);
  }

  @Test
  void aLimitIsStillALimit() {
    TestPolicy policy = new TestPolicy().with(TestPolicy.errorRate(new Tolerance.Limit(0.01)));
    policy.burstGuardMillis = 600_000;
    TestRun run = new TestRun(policy);
    while (run.verdict().open()) {
      long seed = random.nextLong();
      run.window(window -> both(window, seed, seed, 0.2, false));
    }
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.NO_GO);
    assertThat(run.verdict().reason()).isEqualTo(Reason.BEYOND_TOLERANCE);
    assertThat(run.verdict().caveats()).containsExactly(Caveat.IDENTICAL_ARMS);
    assertThat(Explanation.of(run.verdict())).contains(". Both arms carried the very same data");
  }

  @Test
  void asManyWindowsHaveToDifferAsWereTheSame() {
    TestRun run = new TestRun(errorsAndLatency());
    for (int i = 0; i < 200; i++) {
      run.window(same(0.02));
    }
    run.window(window -> {});
    for (int i = 0; i < 198; i++) {
      run.window(honest(0.02));
      assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.WAIT);
      assertThat(run.verdict().caveats()).containsExactly(Caveat.IDENTICAL_ARMS);
    }
    run.window(honest(0.02)); // the 199th: the first of the same was compared with nothing
    assertThat(run.verdict().caveats()).isEmpty();
    while (run.verdict().open()) {
      run.window(honest(0.02));
    }
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.GO);
  }

  @Test
  void oneWindowThatDiffersIsNotEnough() {
    TestPolicy policy = errorsAndLatency();
    TestRun run = new TestRun(policy);
    for (int i = 0; i < 300; i++) {
      run.window(i % 10 == 9 ? honest(0.02) : same(0.02));
    }
    assertThat(run.verdict().reason()).isEqualTo(Reason.IDENTICAL_ARMS);
  }

  @Test
  void aWindowThatWasInterruptedSaysNothing() {
    TestRun run = new TestRun(errorsAndLatency());
    for (int i = 0; i < 600; i++) {
      boolean interrupted = i % 2 == 1;
      WindowAggregate window = new WindowAggregate();
      (interrupted ? honest(0.02) : same(0.02)).accept(window);
      run.apply(new LogEntry.WindowSealed(i, window, interrupted));
    }
    assertThat(run.verdict().reason()).isEqualTo(Reason.IDENTICAL_ARMS);
  }

  /** The load of a database that both arms use is rightly the same. */
  @Test
  void oneMetricMayBeShared() {
    TestPolicy policy = TestPolicy.errors();
    policy.with(
        TestPolicy.metric(
            "lag",
            MetricKind.DISTRIBUTION,
            "s",
            HarmfulDirection.INCREASE,
            TestPolicy.quantile(0.9, new Tolerance.Limit(60), new Tolerance.Limit(60))));
    TestRun run = new TestRun(policy);
    while (run.verdict().open()) {
      double lag = 1 + random.nextDouble();
      long seed = random.nextLong();
      run.window(
          window -> {
            both(window, seed, seed + 1, 0.02, false);
            for (Arm arm : Arm.values()) {
              value(window, 1, arm, "db", lag, 1);
              value(window, 1, arm, "db", 2 * lag, 1);
            }
          });
      assertThat(run.verdict().caveats()).doesNotContain(Caveat.IDENTICAL_ARMS);
    }
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.GO);
  }

  @Test
  void aRestoredRunStillKnows() throws IOException {
    TestPolicy policy = errorsAndLatency();
    RunAnalysis through = RunAnalysis.begin(policy.build(), TestRun.START);
    RunAnalysis restored = RunAnalysis.begin(policy.build(), TestRun.START);
    for (int i = 0; i < 80; i++) {
      WindowAggregate window = new WindowAggregate();
      (i % 30 < 20 ? same(0.02) : honest(0.02)).accept(window);
      Verdict verdict = through.apply(new LogEntry.WindowSealed(i, window));
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      restored.write(new DataOutputStream(bytes));
      restored = RunAnalysis.restore(policy.build(), TestRun.START, in(bytes.toByteArray()));
      assertThat(restored.apply(new LogEntry.WindowSealed(i, window))).isEqualTo(verdict);
    }
    assertThat(restored.verdict().caveats()).contains(Caveat.IDENTICAL_ARMS);
  }

  /**
   * Evidence of eight windows, written before arms were compared as a whole (format 1), goes on as
   * if it had been written today.
   */
  @Test
  void olderEvidenceIsRead() throws IOException {
    RunEvidence today = new RunEvidence(TestPolicy.errors().build(), TestRun.START);
    RunEvidence older = new RunEvidence(TestPolicy.errors().build(), TestRun.START);
    older.read(in(recorded("evidence_1.txt")));
    for (int i = 0; i < 30; i++) {
      WindowAggregate window = new WindowAggregate();
      errors(1, 300 + i, i % 3, 310 + i, i % 2).accept(window);
      today.fold(window, false);
      if (i >= 8) {
        older.fold(window, false);
      }
    }
    assertThat(bytes(older)).isEqualTo(bytes(today));
  }

  private static TestPolicy errorsAndLatency() {
    return TestPolicy.errors()
        .with(
            TestPolicy.metric(
                "latency",
                MetricKind.DISTRIBUTION,
                "s",
                HarmfulDirection.INCREASE,
                TestPolicy.quantile(
                    0.9, TestPolicy.change(0.3, 0, 0), TestPolicy.change(0.5, 0, 0))));
  }

  private Consumer<WindowAggregate> same(double errorRate) {
    return window -> {
      long seed = random.nextLong();
      both(window, seed, seed, errorRate, true);
    };
  }

  private Consumer<WindowAggregate> honest(double errorRate) {
    return window -> both(window, random.nextLong(), random.nextLong(), errorRate, true);
  }

  /** 10 requests a second to each instance, as they fare by chance. The names differ in order. */
  private static void both(
      WindowAggregate window, long baseline, long canary, double errorRate, boolean latency) {
    arm(window, Arm.BASELINE, new SplittableRandom(baseline), errorRate, latency);
    arm(window, Arm.CANARY, new SplittableRandom(canary), errorRate, latency);
  }

  private static void arm(
      WindowAggregate window, Arm arm, SplittableRandom random, double errorRate, boolean latency) {
    for (int i = 0; i < INSTANCES; i++) {
      String instance = "pod-" + (arm == Arm.BASELINE ? i : INSTANCES - i);
      for (int r = 0; r < 50; r++) {
        count(window, 0, arm, instance, 1, random.nextDouble() < errorRate ? 1 : 0);
        if (latency) {
          value(window, 1, arm, instance, 0.05 * StrictMath.exp(0.5 * random.nextGaussian()), 1);
        }
      }
    }
  }

  private static byte[] recorded(String name) throws IOException {
    try (var in =
        Objects.requireNonNull(IdenticalArmsRunTest.class.getResourceAsStream(name), name)) {
      return Base64.getMimeDecoder()
          .decode(new String(in.readAllBytes(), StandardCharsets.US_ASCII));
    }
  }

  private static byte[] bytes(RunEvidence evidence) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    evidence.write(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static DataInputStream in(byte[] bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes));
  }
}
