package io.canaryjudge.analysis.verdict;

import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.Tolerance;
import java.util.ArrayList;
import java.util.List;

/** Tolerances for people: "at most 1 %", "+50 % or +0.5 pp". */
final class ToleranceWords {
  private ToleranceWords() {}

  static String of(Tolerance tolerance, MetricPolicy metric) {
    boolean increase = metric.harmfulDirection() == HarmfulDirection.INCREASE;
    return switch (tolerance) {
      case Tolerance.Limit(double limit) ->
          (increase ? "at most " : "at least ") + value(limit, metric);
      case Tolerance.Change change -> change(change, increase ? "+" : "-", metric);
    };
  }

  /** A value of the metric, with its unit. */
  static String value(double value, MetricPolicy metric) {
    return metric.kind() == MetricKind.PROPORTION
        ? Words.percent(value)
        : Words.value(value, metric.unit());
  }

  private static String change(Tolerance.Change change, String sign, MetricPolicy metric) {
    List<String> sum = new ArrayList<>();
    if (change.relative() > 0) {
      sum.add(sign + Words.percent(change.relative()));
    }
    if (change.absolute() > 0) {
      sum.add(sign + difference(change.absolute(), metric));
    }
    if (change.floor() > 0) {
      String floor = sign + difference(change.floor(), metric);
      return sum.isEmpty() ? floor : String.join(" ", sum) + " or " + floor;
    }
    return sum.isEmpty() ? "no change for the worse" : String.join(" ", sum);
  }

  private static String difference(double difference, MetricPolicy metric) {
    return metric.kind() == MetricKind.PROPORTION
        ? Words.points(difference)
        : Words.value(difference, metric.unit());
  }
}
