package io.canaryjudge.analysis.verdict;

import static io.canaryjudge.analysis.verdict.TestRun.baselineAlone;
import static io.canaryjudge.analysis.verdict.TestRun.count;
import static io.canaryjudge.analysis.verdict.TestRun.errors;
import static io.canaryjudge.analysis.verdict.TestRun.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MissingDataAction;
import io.canaryjudge.analysis.policy.RequiredCheck;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import io.canaryjudge.analysis.policy.TrafficPlan;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a run decides, and why. */
class RunAnalysisTest {
  private static final Consumer<WindowAggregate> HEALTHY = errors(3, 300, 0, 300, 0);
  private static final Consumer<WindowAggregate> FAILING = errors(3, 300, 30, 300, 0);
  private static final Consumer<WindowAggregate> NOTHING = errors(0, 0, 0, 0, 0);
  private static final Consumer<WindowAggregate> NO_CANARY = baselineAlone(3, 300);

  @Test
  void aHealthyCanaryIsPromoted() {
    Verdict verdict = new TestRun(TestPolicy.errors()).untilDecided(300, HEALTHY);

    assertThat(verdict.judgedDecision()).isEqualTo(Decision.GO);
    assertThat(verdict.reason()).isEqualTo(Reason.WITHIN_TOLERANCE);
    assertThat(verdict.state()).isEqualTo(RunState.COMPLETED);
    assertThat(verdict.open()).isFalse();
    assertThat(verdict.metrics().getFirst().decision()).isEqualTo(Decision.GO);
  }

  @Test
  void aFailingCanaryIsRefusedSoon() {
    Verdict verdict = new TestRun(TestPolicy.errors()).untilDecided(300, FAILING);

    assertThat(verdict.judgedDecision()).isEqualTo(Decision.NO_GO);
    assertThat(verdict.reason()).isEqualTo(Reason.BEYOND_TOLERANCE);
    assertThat(verdict.sealedWindows()).isBetween(3L, 5L); // never within the burst guard
  }

  @Test
  void noEvidenceIsNoGo() {
    for (Consumer<WindowAggregate> content : List.of(NOTHING, NO_CANARY)) {
      TestPolicy policy = TestPolicy.errors();
      policy.deadlineMillis = 600_000;
      Verdict verdict = new TestRun(policy).untilDecided(1000, content);

      assertThat(verdict.judgedDecision()).isEqualTo(Decision.INCONCLUSIVE);
      assertThat(verdict.reason()).isEqualTo(Reason.DEADLINE);
      assertThat(verdict.sealedWindows()).isEqualTo(120);
    }
  }

  @Test
  void aRunIsPendingUntilBothArmsSent() {
    TestRun run = new TestRun(TestPolicy.errors());
    assertThat(run.window(NO_CANARY).state()).isEqualTo(RunState.PENDING);
    assertThat(run.verdict().reason()).isEqualTo(Reason.NO_SAMPLES);
    assertThat(run.window(HEALTHY).state()).isEqualTo(RunState.RUNNING);
  }

  @Test
  void aLimitNeedsNoBaseline() {
    TestPolicy policy = new TestPolicy().with(TestPolicy.errorRate(new Tolerance.Limit(0.01)));
    TestRun run = new TestRun(policy);
    Verdict verdict = run.untilDecided(300, window -> count(window, 0, Arm.CANARY, "c0", 300, 0));

    assertThat(verdict.judgedDecision()).isEqualTo(Decision.GO);
    assertThat(verdict.metrics().getFirst().thresholds().getFirst().baselineEstimate()).isNaN();
  }

  @Test
  void theMinimumTimeCountsAnewAtEachStep() {
    TestPolicy policy = TestPolicy.errors();
    policy.minimumStepMillis = 300_000;
    TestRun run = new TestRun(policy);
    run.windows(59, HEALTHY);
    assertThat(run.verdict().reason()).isEqualTo(Reason.MINIMUM_TIME);
    assertThat(run.verdict().expectedMillis()).hasValue(5_000);

    run.apply(new LogEntry.StepReported(1, 0, 25));
    run.windows(59, HEALTHY);
    assertThat(run.verdict().reason()).isEqualTo(Reason.MINIMUM_TIME);
    run.apply(new LogEntry.StepReported(2, 0, 25)); // again: changes nothing
    assertThat(run.window(HEALTHY).judgedDecision()).isEqualTo(Decision.GO);
    assertThat(run.verdict().step()).isZero();
    assertThat(run.verdict().weight()).isEqualTo(25);
  }

  @Test
  void goWaitsForRequiredChecks() {
    TestPolicy policy = TestPolicy.errors();
    policy.checks = List.of(new RequiredCheck("smoke", false));
    TestRun run = new TestRun(policy);
    run.windows(100, HEALTHY);
    assertThat(run.verdict().reason()).isEqualTo(Reason.CHECK_PENDING);

    run.apply(new LogEntry.CheckReported(7, "smoke", CheckOutcome.FAILED, "503", ""));
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.WAIT);
    assertThat(run.verdict().reason()).isEqualTo(Reason.CHECK_FAILED);

    run.apply(new LogEntry.CheckReported(8, "smoke", CheckOutcome.PASSED, "", ""));
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.GO);
    assertThat(run.verdict().checks())
        .containsExactly(new CheckVerdict("smoke", true, CheckOutcome.PASSED, "", "", 8));
  }

  @Test
  void aCheckMayDecideByItself() {
    TestPolicy policy = TestPolicy.errors();
    policy.checks = List.of(new RequiredCheck("smoke", true));
    TestRun run = new TestRun(policy);
    run.window(HEALTHY);
    run.apply(new LogEntry.CheckReported(7, "other", CheckOutcome.FAILED, "", ""));
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.WAIT);

    run.apply(new LogEntry.CheckReported(7, "smoke", CheckOutcome.FAILED, "", ""));
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.NO_GO);
    assertThat(run.verdict().reason()).isEqualTo(Reason.CHECK_FAILED);
  }

  @Test
  void checksAreBounded() {
    TestRun run = new TestRun(TestPolicy.errors());
    for (int i = 0; i < CheckBook.MOST; i++) {
      run.apply(new LogEntry.CheckReported(1, "check-" + i, CheckOutcome.PASSED, "", ""));
    }
    Verdict before = run.verdict();
    assertThatThrownBy(
            () -> run.apply(new LogEntry.CheckReported(1, "more", CheckOutcome.PASSED, "", "")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected: at most 64");
    assertThat(run.verdict()).isEqualTo(before);
  }

  @Test
  void aCanaryThatFallsSilentEndsTheRun() {
    for (MissingDataAction action : MissingDataAction.values()) {
      TestPolicy policy = TestPolicy.errors();
      policy.minimumStepMillis = 3_600_000;
      policy.onMissingData = action;
      TestRun run = new TestRun(policy);
      run.windows(40, HEALTHY);
      assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.WAIT);

      run.untilDecided(12, NO_CANARY);

      assertThat(run.verdict().judgedDecision().name()).isEqualTo(action.name());
      assertThat(run.verdict().reason()).isEqualTo(Reason.NO_DATA);
    }
  }

  @Test
  void silenceThatMayBeOursIsNotHeldAgainstTheCanary() {
    TestPolicy policy = TestPolicy.errors();
    policy.minimumStepMillis = 3_600_000;
    TestRun run = new TestRun(policy);
    run.windows(40, HEALTHY);
    for (int i = 40; i < 70; i++) {
      WindowAggregate window = new WindowAggregate();
      NO_CANARY.accept(window);
      run.apply(new LogEntry.WindowSealed(i, window, true));
    }
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.WAIT);
    assertThat(run.verdict().reason()).isEqualTo(Reason.LOW_COVERAGE); // not seen for a minute
  }

  @Test
  void goNeedsACanaryThatIsSeenOften() {
    TestPolicy policy = TestPolicy.errors();
    policy.minimumStepMillis = 300_000;
    policy.minimumCoverage = 0.8;
    TestRun run = new TestRun(policy);
    for (int minute = 0; minute < 10; minute++) {
      // Every second minute the canary sends nothing, and the baseline too little to tell why.
      boolean both = minute % 2 == 0;
      run.windows(12, both ? HEALTHY : window -> count(window, 0, Arm.BASELINE, "b0", 1, 0));
    }
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.WAIT);
    assertThat(run.verdict().reason()).isEqualTo(Reason.LOW_COVERAGE);
  }

  @Test
  void anOffSplitWithholdsGo() {
    TestPolicy policy = TestPolicy.errors();
    policy.trafficPlan = new TrafficPlan(List.of(25.0, 50.0), true);
    policy.minimumStepMillis = 300_000;
    TestRun run = new TestRun(policy);
    run.apply(new LogEntry.StepReported(1, 0, 25));
    run.windows(60, HEALTHY); // half of the requests
    assertThat(run.verdict().reason()).isEqualTo(Reason.SAMPLE_RATIO);

    run.apply(new LogEntry.StepReported(1, 1, 50));
    assertThat(run.windows(60, HEALTHY).judgedDecision()).isEqualTo(Decision.GO);
  }

  @Test
  void stepsDoNotFall() {
    TestRun run = new TestRun(TestPolicy.errors());
    run.apply(new LogEntry.StepReported(1, 2, 25));
    assertThatThrownBy(() -> run.apply(new LogEntry.StepReported(1, 1, 10)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("step: 1 (expected: >= 2)");
    assertThatThrownBy(() -> run.apply(new LogEntry.StepReported(1, 2, Double.NaN)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("weight: NaN (expected: in [0, 100])");
    assertThat(run.verdict().revision()).isEqualTo(1);
  }

  @Test
  void windowsAreSealedInOrder() {
    TestRun run = new TestRun(TestPolicy.errors());
    run.window(HEALTHY);
    Verdict before = run.verdict();
    assertThatThrownBy(() -> run.apply(new LogEntry.WindowSealed(2, new WindowAggregate())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("index: 2 (expected: 1)");
    assertThat(run.verdict()).isEqualTo(before);
  }

  @Test
  void aRegressionAfterGoIsReported() {
    TestPolicy policy = TestPolicy.errors();
    policy.watchAfterGoMillis = 1_800_000;
    TestRun run = new TestRun(policy);
    run.untilDecided(300, HEALTHY);
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.GO);
    assertThat(run.verdict().open()).isTrue();

    run.windows(60, FAILING);
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.NO_GO);
    assertThat(run.verdict().reason()).isEqualTo(Reason.LATE);
    assertThat(run.verdict().open()).isFalse();
  }

  @Test
  void theWatchAfterGoEnds() {
    TestPolicy policy = TestPolicy.errors();
    policy.watchAfterGoMillis = 60_000;
    TestRun run = new TestRun(policy);
    run.untilDecided(300, HEALTHY);
    long go = run.verdict().sealedWindows();
    run.windows(100, HEALTHY);

    assertThat(run.verdict().open()).isFalse();
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.GO);
    assertThat(run.verdict().sealedWindows()).isEqualTo(go + 12);
  }

  @Test
  void aPersonDecidesBesideTheJudge() {
    TestRun run = new TestRun(TestPolicy.errors());
    run.window(HEALTHY);
    run.apply(new LogEntry.Overridden(5, Decision.NO_GO, "ann", "wrong image"));
    assertThat(run.verdict().decision()).isEqualTo(Decision.NO_GO);
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.WAIT);
    assertThat(run.verdict().open()).isTrue();

    run.untilDecided(300, HEALTHY);
    run.apply(new LogEntry.Overridden(6, Decision.GO, "bob", "fixed"));
    assertThat(run.verdict().decision()).isEqualTo(Decision.GO);
    assertThat(run.verdict().override())
        .isEqualTo(new HumanOverride(Decision.GO, "bob", "fixed", 6));
    assertThatThrownBy(() -> run.apply(new LogEntry.Overridden(7, Decision.WAIT, "bob", "later")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aCancelledRunIsNoGo() {
    TestRun run = new TestRun(TestPolicy.errors());
    run.window(HEALTHY);
    Verdict verdict = run.apply(new LogEntry.Cancelled(5, "ann", "superseded"));
    assertThat(verdict.state()).isEqualTo(RunState.CANCELLED);
    assertThat(verdict.judgedDecision()).isEqualTo(Decision.INCONCLUSIVE);
    assertThat(verdict.reason()).isEqualTo(Reason.CANCELLED);
  }

  @Test
  void recordedSamplesEnd() {
    TestRun run = new TestRun(TestPolicy.errors());
    run.window(HEALTHY);
    Verdict verdict = run.apply(new LogEntry.DataEnded(5));
    assertThat(verdict.judgedDecision()).isEqualTo(Decision.INCONCLUSIVE);
    assertThat(verdict.reason()).isEqualTo(Reason.DATA_ENDED);
    assertThat(verdict.metrics().getFirst().decision()).isEqualTo(Decision.INCONCLUSIVE);
  }

  @Test
  void instancesThatWarmUpAreNotJudged() {
    TestPolicy policy = TestPolicy.errors();
    policy.warmUpMillis = 60_000;
    TestRun run = new TestRun(policy);
    run.windows(12, FAILING);
    assertThat(run.verdict().reason()).isEqualTo(Reason.WARMING_UP);
    assertThat(run.verdict().metrics().getFirst().canarySamples()).isZero();

    run.windows(300, HEALTHY);
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.GO);
  }

  @Test
  void aDeclaredStartSaysThatAnInstanceIsWarm() {
    TestPolicy policy = TestPolicy.errors();
    policy.warmUpMillis = 60_000;
    TestRun run = new TestRun(policy);
    run.window(
        window -> {
          FAILING.accept(window);
          for (int i = 0; i < 3; i++) {
            window.started(Arm.CANARY, "c" + i, TestRun.START - 60_000);
            window.started(Arm.BASELINE, "b" + i, TestRun.START - 86_400_000);
          }
        });
    assertThat(run.verdict().metrics().getFirst().canarySamples()).isEqualTo(300);
  }

  /** The failures of an instance that is just born are the canary's own. */
  @Test
  void withoutAWarmUpAnInstanceCountsInTheWindowInWhichItStarts() {
    TestRun run = new TestRun(TestPolicy.errors());
    run.window(
        window -> {
          FAILING.accept(window);
          for (int i = 0; i < 3; i++) {
            window.started(Arm.CANARY, "c" + i, TestRun.START + 1_000);
          }
        });
    assertThat(run.verdict().metrics().getFirst().canarySamples()).isEqualTo(300);
  }

  @Test
  void aBusinessMetricThatFallsIsHarm() {
    Tolerance tolerance = TestPolicy.change(0.1, 0, 0.002);
    TestPolicy policy =
        new TestPolicy()
            .with(
                TestPolicy.metric(
                    "signups",
                    MetricKind.PROPORTION,
                    "1",
                    HarmfulDirection.DECREASE,
                    new Threshold(OptionalDouble.empty(), tolerance, tolerance, 0)));
    Verdict fewer = new TestRun(policy).untilDecided(400, errors(3, 600, 90, 600, 120));
    assertThat(fewer.judgedDecision()).isEqualTo(Decision.NO_GO);
    assertThat(fewer.metrics().getFirst().thresholds().getFirst().effectLimit()).isEqualTo(0.9);

    Verdict more = new TestRun(policy).untilDecided(400, errors(3, 600, 132, 600, 120));
    assertThat(more.judgedDecision()).isEqualTo(Decision.GO);
  }

  @Test
  void aConstantGaugeCanBePromotedAndItsGrowthIsFound() {
    TestPolicy policy =
        new TestPolicy()
            .with(
                TestPolicy.metric(
                    "memory",
                    MetricKind.DISTRIBUTION,
                    "By",
                    HarmfulDirection.INCREASE,
                    TestPolicy.quantile(
                        0.95, TestPolicy.change(0.1, 0, 0), TestPolicy.change(0.2, 0, 0))));
    assertThat(new TestRun(policy).untilDecided(400, gauge(5e8, 5e8)).judgedDecision())
        .isEqualTo(Decision.GO);
    assertThat(new TestRun(policy).untilDecided(400, gauge(5e8, 8e8)).judgedDecision())
        .isEqualTo(Decision.NO_GO);
    assertThat(new TestRun(policy).untilDecided(400, gauge(0, 0)).judgedDecision())
        .isEqualTo(Decision.GO);
  }

  @Test
  void aGaugeThatFallsIsHarmWhereThePolicySaysSo() {
    TestPolicy policy =
        new TestPolicy()
            .with(
                TestPolicy.metric(
                    "free_disk",
                    MetricKind.DISTRIBUTION,
                    "By",
                    HarmfulDirection.DECREASE,
                    TestPolicy.quantile(0.05, new Tolerance.Limit(1e9), new Tolerance.Limit(1e9))));
    assertThat(new TestRun(policy).untilDecided(400, gauge(5e9, 5e9)).judgedDecision())
        .isEqualTo(Decision.GO);
    assertThat(new TestRun(policy).untilDecided(400, gauge(5e9, 5e8)).judgedDecision())
        .isEqualTo(Decision.NO_GO);
  }

  @Test
  void aSustainedLimitNeedsEveryMinute() {
    Threshold sustained =
        new Threshold(
            OptionalDouble.empty(), new Tolerance.Limit(0.01), new Tolerance.Limit(0.01), 300_000);
    TestPolicy policy =
        new TestPolicy()
            .with(
                TestPolicy.metric(
                    "error_rate",
                    MetricKind.PROPORTION,
                    "1",
                    HarmfulDirection.INCREASE,
                    sustained));
    Verdict verdict = new TestRun(policy).untilDecided(600, errors(3, 300, 9, 300, 9));
    assertThat(verdict.judgedDecision()).isEqualTo(Decision.NO_GO);
    assertThat(verdict.sealedWindows()).isEqualTo(60);

    TestRun flapping = new TestRun(policy);
    for (int minute = 0; minute < 40 && flapping.verdict().open(); minute++) {
      flapping.windows(12, minute % 4 == 3 ? HEALTHY : errors(3, 300, 9, 300, 9));
    }
    assertThat(flapping.verdict().judgedDecision()).isNotEqualTo(Decision.NO_GO);
  }

  @Test
  void aMetricThatWarnsDecidesNothing() {
    TestPolicy policy =
        TestPolicy.errors()
            .with(TestPolicy.warning(TestPolicy.errorRate(new Tolerance.Limit(0.001))));
    TestRun run = new TestRun(policy);
    run.untilDecided(
        400,
        window -> {
          HEALTHY.accept(window);
          count(window, 1, Arm.CANARY, "c0", 300, 30);
          count(window, 1, Arm.BASELINE, "b0", 300, 30);
        });
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.GO);
    assertThat(run.verdict().metrics().get(1).decision()).isEqualTo(Decision.NO_GO);
  }

  @Test
  void severalMetricsCanBeGuiltyTogetherOnly() {
    TestPolicy policy = new TestPolicy();
    for (int i = 0; i < 4; i++) {
      policy.with(TestPolicy.errorRate(new Tolerance.Limit(0.01)));
    }
    TestRun run = new TestRun(policy);
    run.untilDecided(
        400,
        window -> {
          for (int metric = 0; metric < 4; metric++) {
            for (int i = 0; i < 3; i++) {
              count(window, metric, Arm.CANARY, "c" + i, 100, 2);
              count(window, metric, Arm.BASELINE, "b" + i, 100, 2);
            }
          }
        });
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.NO_GO);
    assertThat(run.verdict().reason()).isEqualTo(Reason.JOINTLY_BEYOND_TOLERANCE);
    assertThat(run.verdict().metrics())
        .allMatch(m -> m.reason() == Reason.JOINTLY_BEYOND_TOLERANCE);
  }

  @Test
  void aBadHostIsNamedAndNotTakenForABadVersion() {
    TestRun run = new TestRun(TestPolicy.errors());
    run.untilDecided(
        200,
        window -> {
          for (int i = 0; i < 5; i++) {
            count(window, 0, Arm.CANARY, "c" + i, 100, i == 2 ? 10 : 1);
            count(window, 0, Arm.BASELINE, "b" + i, 100, 1);
          }
        });
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.WAIT);
    assertThat(run.verdict().reason()).isEqualTo(Reason.HETEROGENEOUS);
    assertThat(run.verdict().metrics().getFirst().thresholds().getFirst().drivingInstance())
        .isEqualTo("c2");
  }

  @Test
  void fewErrorsAreNotEnough() {
    TestPolicy policy = new TestPolicy();
    policy.with(TestPolicy.errorRate(new Tolerance.Limit(0.00001)));
    policy.burstGuardMillis = 5_000;
    TestRun run = new TestRun(policy);
    run.window(errors(4, 100, 4, 100, 0));
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.WAIT);
    assertThat(run.verdict().reason()).isEqualTo(Reason.MINIMUM_EVENTS);

    run.window(errors(4, 100, 4, 100, 0));
    assertThat(run.verdict().judgedDecision()).isEqualTo(Decision.NO_GO);
  }

  @Test
  void caveatsSayHowFarTheBoundsReach() {
    TestRun one = new TestRun(TestPolicy.errors());
    one.window(errors(1, 100, 0, 100, 0));
    assertThat(one.verdict().caveats())
        .containsExactly(Caveat.SINGLE_CANARY_INSTANCE, Caveat.FEW_INSTANCES);
    TestRun three = new TestRun(TestPolicy.errors());
    three.window(HEALTHY);
    assertThat(three.verdict().caveats()).isEmpty();
  }

  @Test
  void latencyIsComparedAtEachQuantile() {
    TestRun run = new TestRun(TestPolicy.latency());
    Verdict same = run.untilDecided(2000, latency(1, 1));
    assertThat(same.judgedDecision()).isEqualTo(Decision.GO);
    assertThat(same.metrics().getFirst().thresholds())
        .allMatch(t -> t.provenRelative().isPresent());

    Verdict tail = new TestRun(TestPolicy.latency()).untilDecided(2000, latency(1, 3));
    assertThat(tail.judgedDecision()).isEqualTo(Decision.NO_GO);
    Verdict slower = new TestRun(TestPolicy.latency()).untilDecided(2000, latency(1.3, 1.3));
    assertThat(slower.judgedDecision()).isEqualTo(Decision.NO_GO);
  }

  /** Two values of each arm's three instances in each window. */
  private static Consumer<WindowAggregate> gauge(double baseline, double canary) {
    return window -> {
      for (int i = 0; i < 3; i++) {
        value(window, 0, Arm.BASELINE, "b" + i, baseline, 2);
        value(window, 0, Arm.CANARY, "c" + i, canary, 2);
      }
    };
  }

  /** A spread of latencies; those of the canary multiplied, in the slowest tenth otherwise. */
  private static Consumer<WindowAggregate> latency(double factor, double tailFactor) {
    return window -> {
      for (int i = 0; i < 3; i++) {
        for (int rank = 0; rank < 100; rank++) {
          double value = 0.05 * StrictMath.exp(0.02 * ((rank * 37 + i * 11) % 100));
          boolean tail = (rank * 37 + i * 11) % 100 >= 90;
          value(window, 0, Arm.BASELINE, "b" + i, value, 1);
          value(window, 0, Arm.CANARY, "c" + i, value * (tail ? tailFactor : factor), 1);
        }
      }
    };
  }
}
