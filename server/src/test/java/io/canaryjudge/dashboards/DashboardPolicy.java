package io.canaryjudge.dashboards;

import com.google.protobuf.Duration;
import io.canaryjudge.proto.v1.MetricKind;
import io.canaryjudge.proto.v1.MetricPolicy;
import io.canaryjudge.proto.v1.Policy;
import io.canaryjudge.proto.v1.RequiredCheck;
import io.canaryjudge.proto.v1.Threshold;
import io.canaryjudge.proto.v1.Tolerance;
import io.canaryjudge.proto.v1.TrafficPlan;

/** A policy with short windows, every form of threshold that panels show, a check and steps. */
final class DashboardPolicy {

  static final String NAME = "dashboard-test";

  private DashboardPolicy() {}

  static Policy policy() {
    return Policy.newBuilder()
        .setName("policies/" + NAME)
        .setAlpha(0.01)
        .setBeta(0.05)
        .setWindow(Duration.newBuilder().setSeconds(1))
        .setLateness(Duration.newBuilder().setSeconds(1))
        .setBurstGuard(Duration.newBuilder().setSeconds(3))
        .setMinimumStepTime(Duration.newBuilder().setSeconds(600))
        .setDeadline(Duration.newBuilder().setSeconds(3600))
        .addMetrics(
            MetricPolicy.newBuilder()
                .setName("error_rate")
                .setKind(MetricKind.METRIC_KIND_PROPORTION)
                .setUnit("1")
                .addThresholds(Threshold.newBuilder().setLimit(0.2))
                .addThresholds(Threshold.newBuilder().setRelative(0.5).setFloor(0.01)))
        .addMetrics(
            MetricPolicy.newBuilder()
                .setName("latency")
                .setKind(MetricKind.METRIC_KIND_DISTRIBUTION)
                .setUnit("s")
                .addThresholds(
                    Threshold.newBuilder()
                        .setQuantile(0.95)
                        .setRelative(0.1)
                        .setGo(Tolerance.newBuilder().setRelative(0.5))))
        .addChecks(RequiredCheck.newBuilder().setName("smoke-test"))
        .setTrafficPlan(TrafficPlan.newBuilder().addWeights(50).addWeights(100))
        .build();
  }
}
