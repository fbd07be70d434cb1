package io.canaryjudge.analysis.verdict;

import java.util.List;
import java.util.Objects;

/** Whether a verdict says something new: such verdicts are recorded, others only shown. */
public final class VerdictChange {
  private VerdictChange() {}

  /**
   * Whether anything but numbers changed: a decision, a reason, the state, a check, the step, an
   * override, a caveat, the instance or the stratum that drives the evidence.
   */
  public static boolean isMaterial(Verdict previous, Verdict next) {
    return previous.state() != next.state()
        || previous.judgedDecision() != next.judgedDecision()
        || previous.reason() != next.reason()
        || previous.open() != next.open()
        || previous.step() != next.step()
        || Double.compare(previous.weight(), next.weight()) != 0
        || !Objects.equals(previous.override(), next.override())
        || !previous.caveats().equals(next.caveats())
        || !previous.checks().equals(next.checks())
        || metricsChanged(previous.metrics(), next.metrics());
  }

  private static boolean metricsChanged(List<MetricVerdict> previous, List<MetricVerdict> next) {
    if (previous.size() != next.size()) {
      return true;
    }
    for (int i = 0; i < next.size(); i++) {
      MetricVerdict before = previous.get(i);
      MetricVerdict after = next.get(i);
      if (before.decision() != after.decision()
          || before.reason() != after.reason()
          || thresholdsChanged(before.thresholds(), after.thresholds())) {
        return true;
      }
    }
    return false;
  }

  private static boolean thresholdsChanged(
      List<ThresholdVerdict> previous, List<ThresholdVerdict> next) {
    for (int i = 0; i < next.size(); i++) {
      ThresholdVerdict before = previous.get(i);
      ThresholdVerdict after = next.get(i);
      if (before.decision() != after.decision()
          || before.reason() != after.reason()
          || !Objects.equals(before.drivingInstance(), after.drivingInstance())
          || !Objects.equals(before.drivingStratum(), after.drivingStratum())) {
        return true;
      }
    }
    return previous.size() != next.size();
  }
}
