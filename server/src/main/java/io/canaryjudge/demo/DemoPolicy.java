package io.canaryjudge.demo;

import com.google.protobuf.Duration;
import io.canaryjudge.client.JudgeCallException;
import io.canaryjudge.proto.v1.CreatePolicyRequest;
import io.canaryjudge.proto.v1.GetPolicyRequest;
import io.canaryjudge.proto.v1.Policy;
import io.canaryjudge.proto.v1.PolicyServiceGrpc;
import io.canaryjudge.proto.v1.PolicyServiceGrpc.PolicyServiceBlockingStub;
import io.canaryjudge.proto.v1.TrafficPlan;
import io.canaryjudge.proto.v1.UpdatePolicyRequest;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;

/**
 * The policy of the demonstration: {@code standard} with shorter times. What is good enough (the
 * metrics, their thresholds, alpha and beta) is the preset's, unchanged.
 */
final class DemoPolicy {

  static final String NAME = "policies/demo";
  static final String ERROR_RATE = "error_rate";
  static final String LATENCY = "latency";

  private DemoPolicy() {}

  /**
   * Creates it, or brings an older one up to date.
   *
   * @return how it differs from {@code standard}, in words
   */
  static List<String> ensure(Channel channel) {
    PolicyServiceBlockingStub policies =
        PolicyServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(java.time.Duration.ofSeconds(30));
    Policy standard = get(policies, "policies/standard");
    Policy wanted = derive(standard);
    try {
      policies.createPolicy(
          CreatePolicyRequest.newBuilder()
              .setPolicy(wanted)
              .setAuthor("demo")
              .setReason("standard, with times that fit a demonstration")
              .build());
    } catch (StatusRuntimeException e) {
      if (!JudgeCallException.of(e).reason().equals("POLICY_EXISTS")) {
        throw e;
      }
      update(policies, wanted);
    }
    return differences(standard, wanted);
  }

  private static void update(PolicyServiceBlockingStub policies, Policy wanted) {
    Policy present = get(policies, NAME);
    if (!comparable(present).equals(comparable(wanted))) {
      policies.updatePolicy(
          UpdatePolicyRequest.newBuilder()
              .setPolicy(wanted.toBuilder().setEtag(present.getEtag()))
              .setAuthor("demo")
              .setReason("standard has changed")
              .build());
    }
  }

  private static Policy get(PolicyServiceBlockingStub policies, String name) {
    return policies.getPolicy(GetPolicyRequest.newBuilder().setName(name).build()).getPolicy();
  }

  private static Policy comparable(Policy policy) {
    return policy.toBuilder().clearRevision().clearEtag().build();
  }

  /** The whole difference to {@code standard}. */
  static Policy derive(Policy standard) {
    return standard.toBuilder()
        .setName(NAME)
        .setDescription("The policy standard with times that fit a demonstration of two minutes.")
        .setWindow(seconds(1))
        .clearLateness()
        .setWarmUp(seconds(3))
        .setMinimumStepTime(seconds(15))
        .setDeadline(seconds(180))
        .setWatchAfterGo(seconds(0))
        .setBurstGuard(seconds(5))
        .setTrafficPlan(TrafficPlan.newBuilder().addWeights(50).setVerifySplit(true))
        .clearRevision()
        .clearEtag()
        .build();
  }

  /** The difference in words, one line each. */
  static List<String> differences(Policy standard, Policy demo) {
    List<String> lines = new ArrayList<>();
    add(lines, "window", standard.getWindow(), demo.getWindow());
    add(lines, "warm-up", standard.getWarmUp(), demo.getWarmUp());
    add(lines, "minimum step", standard.getMinimumStepTime(), demo.getMinimumStepTime());
    add(lines, "burst guard", standard.getBurstGuard(), demo.getBurstGuard());
    add(lines, "deadline", standard.getDeadline(), demo.getDeadline());
    add(lines, "watch after GO", standard.getWatchAfterGo(), demo.getWatchAfterGo());
    return lines;
  }

  private static void add(List<String> lines, String name, Duration was, Duration is) {
    lines.add("%s %s (%s)".formatted(name, text(is), text(was)));
  }

  private static String text(Duration span) {
    long seconds = span.getSeconds();
    return seconds >= 60 && seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
  }

  private static Duration seconds(long seconds) {
    return Duration.newBuilder().setSeconds(seconds).build();
  }
}
