package io.canaryjudge.server.api;

import com.google.protobuf.util.Durations;
import io.canaryjudge.proto.v1.Threshold;
import io.canaryjudge.proto.v1.Tolerance;

/** Thresholds as messages, each field set that the threshold has. */
final class ThresholdMessages {

  private ThresholdMessages() {}

  static Threshold toProto(io.canaryjudge.analysis.policy.Threshold threshold) {
    Threshold.Builder message = Threshold.newBuilder();
    threshold.quantile().ifPresent(message::setQuantile);
    switch (threshold.noGo()) {
      case io.canaryjudge.analysis.policy.Tolerance.Limit(double limit) -> message.setLimit(limit);
      case io.canaryjudge.analysis.policy.Tolerance.Change(
              double relative,
              double absolute,
              double floor) ->
          message.setRelative(relative).setAbsolute(absolute).setFloor(floor);
    }
    if (!threshold.go().equals(threshold.noGo())) {
      message.setGo(toProto(threshold.go()));
    }
    if (threshold.sustainedMillis() > 0) {
      message.setSustained(Durations.fromMillis(threshold.sustainedMillis()));
    }
    return message.build();
  }

  private static Tolerance toProto(io.canaryjudge.analysis.policy.Tolerance tolerance) {
    return switch (tolerance) {
      case io.canaryjudge.analysis.policy.Tolerance.Limit(double limit) ->
          Tolerance.newBuilder().setLimit(limit).build();
      case io.canaryjudge.analysis.policy.Tolerance.Change(
              double relative,
              double absolute,
              double floor) ->
          Tolerance.newBuilder()
              .setRelative(relative)
              .setAbsolute(absolute)
              .setFloor(floor)
              .build();
    };
  }
}
