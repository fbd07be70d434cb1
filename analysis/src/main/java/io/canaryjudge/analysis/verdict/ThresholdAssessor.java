package io.canaryjudge.analysis.verdict;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.inference.Bounds;
import io.canaryjudge.analysis.inference.Instances;
import io.canaryjudge.analysis.inference.MetricEvidence;
import io.canaryjudge.analysis.inference.ThresholdEvidence;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.Tolerance;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** From the evidence about a threshold to its verdict. Without state. */
final class ThresholdAssessor {
  private final Policy policy;
  private final Instances instances;
  private final double safeLine;

  /**
   * Assesses by a policy.
   *
   * @param safeLine line of the evidence for GO
   */
  ThresholdAssessor(Policy policy, Instances instances, double safeLine) {
    this.policy = policy;
    this.instances = instances;
    this.safeLine = safeLine;
  }

  /**
   * The verdict.
   *
   * @param number index of the threshold in its metric
   * @param harmLine line at which its evidence alone names it guilty
   */
  ThresholdVerdict assess(MetricEvidence metric, int number, double harmLine) {
    ThresholdEvidence evidence = metric.thresholds().get(number);
    boolean fewEvents = evidence.harmfulEvents() < metric.metric().minimumEvents();
    double logHarm = fewEvents ? Math.min(evidence.logHarm(), 0) : evidence.logHarm();
    double logSafe = evidence.logSafe();
    Decision decision =
        logHarm >= harmLine ? Decision.NO_GO : logSafe >= safeLine ? Decision.GO : Decision.WAIT;
    OptionalInt driving =
        !fewEvents && (decision == Decision.NO_GO || evidence.crossesUntempered(harmLine))
            ? evidence.drivingInstance(harmLine)
            : OptionalInt.empty();
    OptionalInt stratum =
        decision == Decision.NO_GO ? evidence.drivingStratum(harmLine) : OptionalInt.empty();
    boolean enoughButForEvents = fewEvents && evidence.logHarm() >= harmLine;
    Reason reason =
        switch (decision) {
          case NO_GO ->
              evidence.interpolated() ? Reason.RESOLUTION_APPROX : Reason.BEYOND_TOLERANCE;
          case GO -> Reason.WITHIN_TOLERANCE;
          case WAIT, INCONCLUSIVE ->
              driving.isPresent()
                  ? Reason.HETEROGENEOUS
                  : enoughButForEvents ? Reason.MINIMUM_EVENTS : missing(metric, evidence);
        };
    boolean compares = evidence.threshold().noGo() instanceof Tolerance.Change;
    double baseline = compares ? metric.estimate(Arm.BASELINE, number) : Double.NaN;
    double canary = metric.estimate(Arm.CANARY, number);
    return new ThresholdVerdict(
        evidence.threshold(),
        decision,
        reason,
        baseline,
        canary,
        compares ? interval(metric, Arm.BASELINE, number) : null,
        interval(metric, Arm.CANARY, number),
        compares ? metric.ratio(number) : canary,
        compares ? ratioInterval(metric, number) : interval(metric, Arm.CANARY, number),
        effectLimit(evidence.threshold().noGo(), metric.metric().harmfulDirection(), baseline),
        logHarm,
        harmLine,
        logSafe,
        safeLine,
        evidence.harmDispersion(),
        evidence.safeDispersion(),
        evidence.provenRelative(safeLine),
        millis(Math.min(evidence.windowsUntilHarm(harmLine), evidence.windowsUntilSafe(safeLine))),
        driving.isPresent() ? instances.name(Arm.CANARY, driving.getAsInt()) : null,
        stratum.isPresent() ? metric.stratum(stratum.getAsInt()) : null);
  }

  /** Windows as milliseconds; empty if that is too long to mean anything. */
  OptionalLong millis(double windows) {
    double millis = Math.ceil(windows) * policy.windowMillis();
    return millis < 1e15 ? OptionalLong.of((long) millis) : OptionalLong.empty();
  }

  private static Reason missing(MetricEvidence metric, ThresholdEvidence evidence) {
    boolean compares = evidence.threshold().noGo() instanceof Tolerance.Change;
    if (metric.samples(Arm.CANARY) == 0 || (compares && metric.samples(Arm.BASELINE) == 0)) {
      return metric.warmingUp() ? Reason.WARMING_UP : Reason.NO_SAMPLES;
    }
    return evidence.unresolved() ? Reason.RESOLUTION : Reason.COLLECTING;
  }

  private @Nullable Interval interval(MetricEvidence metric, Arm arm, int number) {
    return metric.samples(arm) == 0 ? null : interval(metric.interval(arm, number, policy.alpha()));
  }

  private @Nullable Interval ratioInterval(MetricEvidence metric, int number) {
    return metric.samples(Arm.CANARY) == 0 || metric.samples(Arm.BASELINE) == 0
        ? null
        : interval(metric.ratioInterval(number, policy.alpha()));
  }

  private Interval interval(Bounds bounds) {
    return new Interval(bounds.lower(), bounds.upper(), 1 - policy.alpha());
  }

  /** On the scale of the effect: a value for a limit, a ratio for a change. */
  private static double effectLimit(
      Tolerance tolerance, HarmfulDirection direction, double baseline) {
    return switch (tolerance) {
      case Tolerance.Limit(double limit) -> limit;
      case Tolerance.Change(double relative, double absolute, double floor) ->
          switch (direction) {
            case INCREASE -> Math.max(1 + relative + absolute / baseline, 1 + floor / baseline);
            case DECREASE -> Math.min(1 - relative - absolute / baseline, 1 - floor / baseline);
          };
    };
  }
}
