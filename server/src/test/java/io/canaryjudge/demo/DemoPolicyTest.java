package io.canaryjudge.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.canaryjudge.proto.v1.MetricPolicy;
import io.canaryjudge.proto.v1.Policy;
import io.canaryjudge.proto.v1.TrafficPlan;
import org.junit.jupiter.api.Test;

class DemoPolicyTest {

  private static final Policy STANDARD =
      Policy.newBuilder()
          .setName("policies/standard")
          .setAlpha(0.01)
          .setBeta(0.05)
          .setWindow(Duration.newBuilder().setSeconds(5))
          .setWarmUp(Duration.newBuilder().setSeconds(60))
          .setMinimumStepTime(Duration.newBuilder().setSeconds(300))
          .setDeadline(Duration.newBuilder().setSeconds(3600))
          .setBurstGuard(Duration.newBuilder().setSeconds(15))
          .setWatchAfterGo(Duration.newBuilder().setSeconds(900))
          .setTrafficPlan(TrafficPlan.newBuilder().addWeights(5).addWeights(100))
          .addMetrics(MetricPolicy.newBuilder().setName("error_rate"))
          .setRevision(4)
          .setEtag("x")
          .build();

  @Test
  void onlyTimesAndTheTrafficPlanDiffer() {
    Policy demo = DemoPolicy.derive(STANDARD);
    assertThat(demo.getName()).isEqualTo("policies/demo");
    assertThat(
            demo.toBuilder()
                .setName(STANDARD.getName())
                .setDescription(STANDARD.getDescription())
                .setWindow(STANDARD.getWindow())
                .setWarmUp(STANDARD.getWarmUp())
                .setMinimumStepTime(STANDARD.getMinimumStepTime())
                .setDeadline(STANDARD.getDeadline())
                .setBurstGuard(STANDARD.getBurstGuard())
                .setWatchAfterGo(STANDARD.getWatchAfterGo())
                .setTrafficPlan(STANDARD.getTrafficPlan())
                .setRevision(STANDARD.getRevision())
                .setEtag(STANDARD.getEtag())
                .build())
        .isEqualTo(STANDARD);
  }

  @Test
  void everyDifferenceIsTold() {
    assertThat(DemoPolicy.differences(STANDARD, DemoPolicy.derive(STANDARD)))
        .containsExactly(
            "window 1 s (5 s)",
            "warm-up 3 s (1 min)",
            "minimum step 15 s (5 min)",
            "burst guard 5 s (15 s)",
            "deadline 3 min (60 min)",
            "watch after GO 0 s (15 min)");
  }
}
