package io.canaryjudge.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Timestamps;
import io.canaryjudge.proto.v1.CheckOutcome;
import io.canaryjudge.proto.v1.CheckVerdict;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.Reason;
import io.canaryjudge.proto.v1.Threshold;
import io.canaryjudge.proto.v1.ThresholdVerdict;
import io.canaryjudge.proto.v1.Tolerance;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.proto.v1.VerdictOverride;
import org.junit.jupiter.api.Test;

class VerdictPrinterTest {

  private static final Verdict NO_GO =
      Verdict.newBuilder()
          .setDecision(Decision.DECISION_NO_GO)
          .setJudgedDecision(Decision.DECISION_NO_GO)
          .setReason(Reason.REASON_BEYOND_TOLERANCE)
          .setExplanation("error_rate is beyond tolerance.")
          .addMetrics(
              MetricVerdict.newBuilder()
                  .setMetric("error_rate")
                  .setDecision(Decision.DECISION_NO_GO)
                  .setExplanation("error_rate: 3.1 % of 1,290 requests failed.")
                  .addThresholds(
                      ThresholdVerdict.newBuilder()
                          .setDecision(Decision.DECISION_NO_GO)
                          .setThreshold(
                              Threshold.newBuilder()
                                  .setRelative(0.5)
                                  .setFloor(0.005)
                                  .setGo(Tolerance.newBuilder().setRelative(1)))
                          .setCanaryEstimate(0.031007)
                          .setBaselineEstimate(0.00201)
                          .setLogHarmEvidence(7.91)
                          .setHarmLine(5.308)
                          .setLogSafeEvidence(-3.2)
                          .setSafeLine(3.04)))
          .addChecks(
              CheckVerdict.newBuilder()
                  .setName("smoke")
                  .setOutcome(CheckOutcome.CHECK_OUTCOME_PASSED)
                  .setLink("https://ci/7"))
          .addChecks(
              CheckVerdict.newBuilder()
                  .setName("approval")
                  .setOutcome(CheckOutcome.CHECK_OUTCOME_EXPIRED)
                  .setBeforeStep(2)
                  .setDeadlineTime(Timestamps.fromMillis(1_700_000_000_000L))
                  .setReason("Ada was asked"))
          .build();

  @Test
  void decisionFirstThenWhyThenWhatWasSeen() {
    assertThat(new VerdictPrinter(false).full(NO_GO).lines())
        .containsExactly(
            "NO_GO · BEYOND_TOLERANCE",
            "  error_rate is beyond tolerance.",
            "",
            "  ✗ error_rate: 3.1 % of 1,290 requests failed.",
            "      ✗ change 50 % beyond 0.005           canary 0.031, baseline 0.00201;"
                + " harm 7.9 of 5.3, safe -3.2 of 3.0",
            "",
            "  check smoke: PASSED https://ci/7",
            "  check approval: EXPIRED before step 2 by 2023-11-14T22:13:20Z Ada was asked");
  }

  @Test
  void coloursOnlyWhereAsked() {
    assertThat(new VerdictPrinter(true).headline(NO_GO))
        .isEqualTo("\u001b[31mNO_GO · BEYOND_TOLERANCE\u001b[0m");
    assertThat(new VerdictPrinter(false).full(NO_GO)).doesNotContain("\u001b");
  }

  @Test
  void aPersonsDecisionIsNeverMixedWithTheJudgedOne() {
    var overridden =
        NO_GO.toBuilder()
            .setDecision(Decision.DECISION_GO)
            .setOverride(
                VerdictOverride.newBuilder()
                    .setDecision(Decision.DECISION_GO)
                    .setAuthor("ada")
                    .setReason("the errors are a test's"))
            .build();
    assertThat(new VerdictPrinter(false).full(overridden))
        .startsWith("GO")
        .contains("decided by ada: the errors are a test's (judged: NO_GO)");
  }

  @Test
  void roundsToThreeDigits() {
    assertThat(VerdictPrinter.number(0.0123456)).isEqualTo("0.0123");
    assertThat(VerdictPrinter.number(1234.5)).isEqualTo("1230");
    assertThat(VerdictPrinter.number(0)).isEqualTo("0");
    assertThat(VerdictPrinter.number(Double.POSITIVE_INFINITY)).isEqualTo("Infinity");
  }
}
