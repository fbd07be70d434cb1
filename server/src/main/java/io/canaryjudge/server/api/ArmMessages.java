package io.canaryjudge.server.api;

import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.proto.v1.ArmSelection;
import java.util.List;

/** How runs tell their arms apart, as messages, and back. */
final class ArmMessages {

  private ArmMessages() {}

  static ArmSelection toProto(io.canaryjudge.server.store.ArmSelection arms) {
    return ArmSelection.newBuilder()
        .addAllScope(toProto(arms.scope()))
        .setLabel(arms.label())
        .setBaselineValue(arms.baselineValue())
        .setCanaryValue(arms.canaryValue())
        .addAllBaseline(toProto(arms.baseline()))
        .addAllCanary(toProto(arms.canary()))
        .setInstanceLabel(arms.instanceLabel())
        .build();
  }

  private static List<io.canaryjudge.proto.v1.LabelMatcher> toProto(List<LabelMatcher> matchers) {
    return matchers.stream()
        .map(
            matcher ->
                io.canaryjudge.proto.v1.LabelMatcher.newBuilder()
                    .setLabel(matcher.label())
                    .addAllValues(matcher.values())
                    .build())
        .toList();
  }

  /** The default for a message of which nothing is set. */
  static io.canaryjudge.server.store.ArmSelection fromProto(ArmSelection arms) {
    return new io.canaryjudge.server.store.ArmSelection(
        fromProto(arms.getScopeList()),
        arms.getLabel(),
        arms.getBaselineValue(),
        arms.getCanaryValue(),
        fromProto(arms.getBaselineList()),
        fromProto(arms.getCanaryList()),
        arms.getInstanceLabel());
  }

  private static List<LabelMatcher> fromProto(List<io.canaryjudge.proto.v1.LabelMatcher> matchers) {
    return matchers.stream()
        .map(matcher -> new LabelMatcher(matcher.getLabel(), matcher.getValuesList()))
        .toList();
  }
}
