package io.canaryjudge.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.Reason;
import io.canaryjudge.proto.v1.Threshold;
import io.canaryjudge.proto.v1.ThresholdVerdict;
import io.canaryjudge.proto.v1.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressTest {

  private static ThresholdVerdict threshold(double harm, double safe, Threshold.Builder of) {
    return ThresholdVerdict.newBuilder()
        .setThreshold(of)
        .setCanaryEstimate(0.04)
        .setBaselineEstimate(0.002)
        .setLogHarmEvidence(harm)
        .setHarmLine(8)
        .setLogSafeEvidence(safe)
        .setSafeLine(3)
        .build();
  }

  private static MetricVerdict metric(double harm) {
    return MetricVerdict.newBuilder()
        .setMetric("error_rate")
        .setBaselineSampleCount(1200)
        .setCanarySampleCount(1190)
        .addThresholds(threshold(harm, 1.5, Threshold.newBuilder().setLimit(0.01)))
        .addThresholds(threshold(0, 0.6, Threshold.newBuilder().setRelative(0.5).setFloor(0.005)))
        .build();
  }

  @Test
  void showsTheThresholdWithEvidenceOfHarmElseTheLastToBeSafe() {
    assertThat(Progress.leading(metric(4)).getThreshold().hasLimit()).isTrue();
    assertThat(Progress.leading(metric(1)).getThreshold().hasRelative()).isTrue();
  }

  @Test
  void saysWhatWasSeenAgainstWhatLimitAndHowFarTheEvidenceIs() {
    var verdict =
        Verdict.newBuilder()
            .setDecision(Decision.DECISION_WAIT)
            .setReason(Reason.REASON_COLLECTING)
            .setExpectedWait(Duration.newBuilder().setSeconds(14))
            .addMetrics(metric(4))
            .build();
    assertThat(Progress.block(verdict, 8))
        .containsExactly(
            "   8 s  WAIT COLLECTING, about 14 s to go, 1,200 + 1,190 requests",
            "        error_rate ≤ 1.0 %     canary 4.0 %    baseline 0.2 %    harm ▕█████░░░░░▏"
                + " safe ▕█████░░░░░▏");
    assertThat(Progress.line(verdict, 8))
        .isEqualTo(
            "   8 s  WAIT COLLECTING, about 14 s to go, 1,200 + 1,190 requests:"
                + " error_rate ≤ 1.0 % is 4.0 %, baseline 0.2 %, harm 4.0 of 8.0");
  }

  @Test
  void showsNoMetricBeforeThereIsSomethingToJudge() {
    assertThat(Progress.block(Verdict.getDefaultInstance(), 2))
        .containsExactly("   2 s  UNSPECIFIED UNSPECIFIED, 0 + 0 requests");
  }

  @Test
  void latenciesAreInTimesThatPeopleUse() {
    assertThat(Progress.value("latency", 0.0816)).isEqualTo("82 ms");
    assertThat(Progress.value("latency", 5)).isEqualTo("5.0 s");
    assertThat(
            Progress.limit(
                "latency", Threshold.newBuilder().setQuantile(0.95).setRelative(0.1).build()))
        .isEqualTo("P95 ≤ +10 %");
  }

  @Test
  void theBlockIsWrittenOverOnATerminalOnly() {
    for (boolean terminal : List.of(true, false)) {
      var bytes = new ByteArrayOutputStream();
      var screen =
          new Screen(
              new PrintStream(bytes, true, StandardCharsets.UTF_8), terminal, Map.of("TERM", "x"));
      screen.begin();
      screen.show(List.of("first", "block"), "first line");
      screen.show(List.of("second", "block"), "second line");
      screen.say("done");
      String written = bytes.toString(StandardCharsets.UTF_8);
      if (terminal) {
        assertThat(written)
            .isEqualTo("first\nblock\n\u001b[2A\u001b[Jsecond\nblock\n\u001b[2A\u001b[Jdone\n");
      } else {
        // The second came within two seconds of the first.
        assertThat(written).isEqualTo("first line\ndone\n");
      }
    }
  }

  @Test
  void noColorIsRespected() {
    var out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    assertThat(new Screen(out, true, Map.of()).colour()).isTrue();
    assertThat(new Screen(out, true, Map.of("NO_COLOR", "1")).colour()).isFalse();
    assertThat(new Screen(out, true, Map.of("TERM", "dumb")).colour()).isFalse();
    assertThat(new Screen(out, false, Map.of()).colour()).isFalse();
  }
}
