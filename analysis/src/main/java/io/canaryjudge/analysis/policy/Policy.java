package io.canaryjudge.analysis.policy;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * One revision of what makes a canary acceptable: every number that can change a verdict.
 *
 * <p>A {@code Policy} is only data; {@link PolicyValidator} says whether its numbers make sense.
 *
 * @param name {@code [a-z][a-z0-9-]{0,62}}
 * @param description for people; may be empty
 * @param alpha chance of ever saying NO_GO to a canary within every tolerance, over the whole run
 *     and however often one looks; in (0, 0.5]
 * @param beta chance of ever saying GO to a canary beyond some tolerance, likewise; in (0, 0.5]
 * @param windowMillis length of a window, 1 s to 1 h, whole seconds
 * @param latenessMillis how long after its end a window still takes samples; 0 to 1 h
 * @param warmUpMillis age below which an instance is not judged, in either arm; 0 to 31 days
 * @param minimumStepMillis time at the present step (or since the start) before GO; 0 to 31 days
 * @param deadlineMillis run time after which an undecided run ends INCONCLUSIVE; 0 means none; at
 *     most 31 days
 * @param watchAfterGoMillis how long after GO samples are still taken, so that a regression that
 *     begins late is reported as NO_GO with reason LATE; 0 ends the run with its GO; at most 31
 *     days
 * @param burstGuardMillis no burst shorter than this can lead to NO_GO by itself; at least one
 *     window. A canary with a single instance gets at least 60 s
 * @param minimumCoverage share of the minutes with baseline traffic in which the canary must have
 *     been seen for GO; in [0, 1]
 * @param instanceCoefficientOfVariation prior for persistent differences between instances of one
 *     version, for arms with too few instances to estimate it; at least 0
 * @param onMissingData how a run ends whose canary falls silent
 * @param onInconclusive advice to deploy tools
 * @param metrics 1 to 32 metrics with distinct names, at least one of which decides
 * @param checks signals that GO waits for, with distinct names
 * @param trafficPlan the stages of the rollout
 * @param overridable what a single run may set differently
 * @param releaseRules when and after what GO may be said, whatever the evidence
 */
public record Policy(
    String name,
    String description,
    double alpha,
    double beta,
    long windowMillis,
    long latenessMillis,
    long warmUpMillis,
    long minimumStepMillis,
    long deadlineMillis,
    long watchAfterGoMillis,
    long burstGuardMillis,
    double minimumCoverage,
    double instanceCoefficientOfVariation,
    MissingDataAction onMissingData,
    InconclusiveAction onInconclusive,
    List<MetricPolicy> metrics,
    List<RequiredCheck> checks,
    TrafficPlan trafficPlan,
    Set<PolicySetting> overridable,
    ReleaseRules releaseRules) {

  /** Copies the collections. */
  public Policy {
    metrics = List.copyOf(metrics);
    checks = List.copyOf(checks);
    EnumSet<PolicySetting> inOrder = EnumSet.noneOf(PolicySetting.class);
    inOrder.addAll(overridable);
    overridable = Collections.unmodifiableSet(inOrder);
  }
}
