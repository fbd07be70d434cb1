package io.canaryjudge.analysis.verdict;

import static io.canaryjudge.analysis.verdict.TestRun.count;
import static io.canaryjudge.analysis.verdict.TestRun.errors;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.RequiredCheck;
import io.canaryjudge.analysis.policy.Tolerance;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class ExplanationTest {

  @Test
  void saysWhatWasSeenInWhichArmAndAgainstWhat() {
    Verdict verdict =
        new TestRun(TestPolicy.errors()).untilDecided(300, errors(3, 300, 30, 290, 1));

    assertThat(Explanation.of(verdict))
        .isEqualTo(
            "NO_GO: error_rate: canary 10 % (90 of 900), baseline 0.345 % (3 of 870):"
                + " 29 times. Beyond +50 % or +0.5 pp.");
  }

  @Test
  void comparesWithTimesOnlyWhereThatIsANumber() {
    Verdict verdict =
        new TestRun(TestPolicy.errors()).untilDecided(300, errors(3, 300, 30, 290, 0));
    assertThat(Explanation.of(verdict))
        .isEqualTo(
            "NO_GO: error_rate: canary 10 % (90 of 900), baseline 0 % (0 of 870). Beyond +50 % or"
                + " +0.5 pp.");

    TestRun good = new TestRun(TestPolicy.errors());
    good.windows(6, errors(3, 300, 0, 290, 3));
    assertThat(Explanation.of(good.verdict())).doesNotContain("times");
  }

  @Test
  void saysWhatItWaitsForAndForAboutHowLong() {
    TestRun run = new TestRun(TestPolicy.errors());
    assertThat(Explanation.of(run.verdict()))
        .isEqualTo("WAIT: an arm has sent nothing that can be judged yet");
    run.windows(6, errors(3, 60, 0, 60, 0));

    assertThat(Explanation.of(run.verdict()))
        .startsWith("WAIT: error_rate: canary 0 % (0 of 360), baseline 0 % (0 of 360). Not settled")
        .containsPattern("about \\d+ (s|min) to go at this rate");
  }

  @Test
  void saysWhatGoRestsOn() {
    Verdict verdict = new TestRun(TestPolicy.errors()).untilDecided(300, errors(3, 300, 0, 300, 0));
    assertThat(Explanation.of(verdict))
        .matches("GO: every tolerance is kept, after [\\d,]+ canary samples");
    assertThat(Explanation.of(verdict.metrics().getFirst())).contains("Within +50 % or +0.5 pp");
  }

  @Test
  void namesTheCheckThatIsMissing() {
    TestPolicy policy = TestPolicy.errors();
    policy.checks = List.of(new RequiredCheck("smoke", false));
    TestRun run = new TestRun(policy);
    run.windows(100, errors(3, 300, 0, 300, 0));
    assertThat(Explanation.of(run.verdict())).isEqualTo("WAIT: check smoke has not reported yet");

    run.apply(new LogEntry.CheckReported(1, "smoke", CheckOutcome.FAILED, "503 on /login", ""));
    assertThat(Explanation.of(run.verdict())).isEqualTo("WAIT: check smoke failed: 503 on /login");
  }

  @Test
  void showsAnOverrideBesideTheJudgedDecision() {
    TestRun run = new TestRun(TestPolicy.errors());
    run.apply(new LogEntry.Overridden(1, Decision.NO_GO, "ann", "wrong image"));
    assertThat(Explanation.of(run.verdict()))
        .isEqualTo(
            "NO_GO by ann: wrong image. Judged: WAIT: an arm has sent nothing that can be judged"
                + " yet");
  }

  @Test
  void saysWhichMarginCoarseBucketsCouldTell() {
    TestPolicy policy =
        new TestPolicy()
            .with(
                TestPolicy.metric(
                    "latency",
                    MetricKind.DISTRIBUTION,
                    "s",
                    HarmfulDirection.INCREASE,
                    TestPolicy.quantile(
                        0.95, TestPolicy.change(0.1, 0, 0), TestPolicy.change(0.2, 0, 0))));
    TestRun run = new TestRun(policy);
    run.windows(
        60,
        window -> {
          for (Arm arm : Arm.values()) {
            for (int i = 0; i < 3; i++) {
              ((DistributionAggregate) window.at(0, arm, arm + "-" + i, MetricKind.DISTRIBUTION))
                  .addExplicit(new double[] {0.05, 0.1, 0.25, 0.5}, new long[] {60, 24, 12, 3, 1});
            }
          }
        });
    assertThat(run.verdict().reason()).isEqualTo(Reason.RESOLUTION);
    assertThat(Explanation.of(run.verdict()))
        .contains("latency P95: canary")
        .contains(
            "the buckets are too coarse to tell +20 %: the quantile is only known to lie between"
                + " 100 ms and 250 ms, so it takes finer buckets or a tolerance of about 150 %");
  }

  @Test
  void namesTheInstanceThatDrivesTheEvidence() {
    TestRun run = new TestRun(TestPolicy.errors());
    run.windows(
        60,
        window -> {
          for (int i = 0; i < 5; i++) {
            count(window, 0, Arm.CANARY, "c" + i, 100, i == 2 ? 10 : 1);
            count(window, 0, Arm.BASELINE, "b" + i, 100, 1);
          }
        });
    assertThat(Explanation.of(run.verdict()))
        .contains("because of instance c2 alone, which may be a bad host");
  }

  @Test
  void everyReasonHasWords() {
    Verdict verdict =
        new TestRun(TestPolicy.latency().with(TestPolicy.errorRate(new Tolerance.Limit(0.01))))
            .verdict();
    for (Reason reason : Reason.values()) {
      Verdict other =
          new Verdict(
              1,
              RunState.RUNNING,
              Decision.WAIT,
              reason,
              null,
              1,
              1,
              -1,
              Double.NaN,
              0,
              4.6,
              verdict.expectedMillis(),
              verdict.metrics(),
              verdict.checks(),
              verdict.caveats(),
              true);
      assertThat(Explanation.of(other)).isNotBlank();
    }
  }

  @Test
  void numbersAreWrittenTheSameEverywhere() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(Words.number(0.023149)).isEqualTo("0.0231");
      assertThat(Words.number(1234.5)).isEqualTo("1,230");
      assertThat(Words.number(100)).isEqualTo("100");
      assertThat(Words.number(0)).isEqualTo("0");
      assertThat(Words.number(1e-9)).isEqualTo("1.00e-09");
      assertThat(Words.number(Double.NaN)).isEqualTo("unknown");
      assertThat(Words.number(Double.POSITIVE_INFINITY)).isEqualTo("infinite");
      assertThat(Words.count(1234567)).isEqualTo("1,234,567");
      assertThat(Words.percent(0.0231)).isEqualTo("2.31 %");
      assertThat(Words.value(0.812, "s")).isEqualTo("812 ms");
      assertThat(Words.value(1.5, "s")).isEqualTo("1.5 s");
      assertThat(Words.value(0.00002, "s")).isEqualTo("20 us");
      assertThat(Words.value(1.5 * 1024 * 1024, "By")).isEqualTo("1.5 MiB");
      assertThat(Words.value(42, "1")).isEqualTo("42");
      assertThat(Words.value(42, "{thread}")).isEqualTo("42 {thread}");
      assertThat(Words.quantile(0.95)).isEqualTo("P95");
      assertThat(Words.quantile(0.999)).isEqualTo("P99.9");
      assertThat(Words.duration(40_000)).isEqualTo("40 s");
      assertThat(Words.duration(170_000)).isEqualTo("3 min");
      assertThat(Words.duration(7_200_000)).isEqualTo("2 h");
    } finally {
      Locale.setDefault(before);
    }
  }
}
