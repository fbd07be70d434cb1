package io.canaryjudge.analysis.verdict;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.inference.LogSpace;
import io.canaryjudge.analysis.inference.MetricEvidence;
import io.canaryjudge.analysis.inference.RunEvidence;
import io.canaryjudge.analysis.inference.ThresholdEvidence;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.MetricRole;
import io.canaryjudge.analysis.policy.Policy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * From evidence to what it says. Without state.
 *
 * <p>NO_GO is decided on the weighted mean of the e-values of all metrics that decide, each the
 * mean of its thresholds: that is an e-value whatever the dependence between metrics, and reaches
 * its line no later than any single one does at its own (Vovk and Wang 2021). GO needs the e-value
 * of every threshold: whichever one the canary is beyond would have to be wrong.
 */
final class Assessor {
  /** Which reason to wait matters most, first. */
  private static final List<Reason> PRECEDENCE =
      List.of(
          Reason.HETEROGENEOUS,
          Reason.MINIMUM_EVENTS,
          Reason.NO_SAMPLES,
          Reason.WARMING_UP,
          Reason.COLLECTING,
          Reason.RESOLUTION);

  private final Policy policy;
  private final double harmLine;
  private final double safeLine;
  private final double weights; // of all metrics that decide

  /**
   * Assesses by a policy.
   *
   * @param attempt number of the attempt at the artifact; see {@link AttemptBudget}
   */
  Assessor(Policy policy, int attempt) {
    this.policy = policy;
    this.harmLine = StrictMath.log1p(1 / policy.alpha());
    this.safeLine = AttemptBudget.safeLine(policy.beta(), attempt);
    double sum = 0;
    for (MetricPolicy metric : policy.metrics()) {
      sum += metric.role() == MetricRole.DECIDES ? metric.weight() : 0;
    }
    this.weights = sum;
  }

  /** Line at which the evidence of all metrics together means NO_GO. */
  double harmLine() {
    return harmLine;
  }

  Assessment assess(RunEvidence evidence) {
    ThresholdAssessor thresholds = new ThresholdAssessor(policy, evidence.instances(), safeLine);
    List<MetricVerdict> metrics = new ArrayList<>();
    double[] terms = new double[evidence.metrics().size()];
    int deciding = 0;
    boolean safe = true;
    boolean guilty = false;
    for (MetricEvidence metric : evidence.metrics()) {
      MetricVerdict verdict = assess(metric, thresholds);
      metrics.add(verdict);
      if (metric.metric().role() == MetricRole.DECIDES) {
        terms[deciding++] = logShare(metric.metric()) + verdict.logHarmEvidence();
        safe &= isSafe(verdict);
        guilty |= verdict.decision() == Decision.NO_GO;
      }
    }
    double logHarm = LogSpace.logSumExp(Arrays.copyOf(terms, deciding));
    // Rounding must not make a metric guilty by itself and the run not.
    boolean harmful = logHarm >= harmLine || guilty;
    Reason reason = harmful ? harm(metrics, guilty) : missing(metrics);
    return new Assessment(
        harmful && !guilty ? jointly(metrics) : metrics, logHarm, harmful, safe, reason);
  }

  /** About how long until GO at the present rate of evidence, in windows. */
  double windowsUntilSafe(RunEvidence evidence) {
    double windows = 0;
    for (MetricEvidence metric : evidence.metrics()) {
      if (metric.metric().role() == MetricRole.DECIDES) {
        for (ThresholdEvidence threshold : metric.thresholds()) {
          windows = Math.max(windows, threshold.windowsUntilSafe(safeLine));
        }
      }
    }
    return windows;
  }

  OptionalLong millis(RunEvidence evidence, double windows) {
    return new ThresholdAssessor(policy, evidence.instances(), safeLine).millis(windows);
  }

  private MetricVerdict assess(MetricEvidence metric, ThresholdAssessor assessor) {
    int count = metric.thresholds().size();
    double line = harmLine - logShare(metric.metric());
    List<ThresholdVerdict> thresholds = new ArrayList<>();
    double[] logs = new double[count];
    for (int i = 0; i < count; i++) {
      ThresholdVerdict threshold =
          assessor.assess(metric, i, line + StrictMath.log((double) count));
      thresholds.add(threshold);
      logs[i] = threshold.logHarmEvidence();
    }
    double logHarm = LogSpace.logMeanExp(logs);
    boolean guilty = logHarm >= line;
    boolean safe = true;
    for (ThresholdVerdict threshold : thresholds) {
      guilty |= threshold.decision() == Decision.NO_GO;
      safe &= threshold.decision() == Decision.GO;
    }
    Decision decision = guilty ? Decision.NO_GO : safe ? Decision.GO : Decision.WAIT;
    Reason reason =
        guilty ? harmOf(thresholds) : safe ? Reason.WITHIN_TOLERANCE : missingOf(thresholds);
    return new MetricVerdict(
        metric.metric(),
        decision,
        reason,
        metric.samples(Arm.BASELINE),
        metric.samples(Arm.CANARY),
        metric.instances(Arm.BASELINE),
        metric.instances(Arm.CANARY),
        logHarm,
        thresholds);
  }

  /** ln of the share of alpha that a metric has; one that only warns has a level of its own. */
  private double logShare(MetricPolicy metric) {
    return metric.role() == MetricRole.DECIDES ? StrictMath.log(metric.weight() / weights) : 0;
  }

  private static Reason harmOf(List<ThresholdVerdict> thresholds) {
    ThresholdVerdict worst = thresholds.getFirst();
    for (ThresholdVerdict threshold : thresholds) {
      if (threshold.logHarmEvidence() > worst.logHarmEvidence()) {
        worst = threshold;
      }
    }
    return worst.decision() == Decision.NO_GO ? worst.reason() : Reason.JOINTLY_BEYOND_TOLERANCE;
  }

  private static Reason missingOf(List<ThresholdVerdict> thresholds) {
    int first = PRECEDENCE.size();
    for (ThresholdVerdict threshold : thresholds) {
      first = earlier(first, threshold.reason());
    }
    return first < PRECEDENCE.size() ? PRECEDENCE.get(first) : Reason.COLLECTING;
  }

  private static Reason harm(List<MetricVerdict> metrics, boolean guilty) {
    if (!guilty) {
      return Reason.JOINTLY_BEYOND_TOLERANCE;
    }
    MetricVerdict worst = null;
    for (MetricVerdict metric : metrics) {
      if (decides(metric)
          && metric.decision() == Decision.NO_GO
          && (worst == null || metric.logHarmEvidence() > worst.logHarmEvidence())) {
        worst = metric;
      }
    }
    return worst == null ? Reason.BEYOND_TOLERANCE : worst.reason();
  }

  private static Reason missing(List<MetricVerdict> metrics) {
    int first = PRECEDENCE.size();
    for (MetricVerdict metric : metrics) {
      first = decides(metric) ? earlier(first, metric.reason()) : first;
    }
    return first < PRECEDENCE.size() ? PRECEDENCE.get(first) : Reason.WITHIN_TOLERANCE;
  }

  /** The lesser of two places in the precedence; the first one if the reason has none. */
  private static int earlier(int place, Reason reason) {
    int other = PRECEDENCE.indexOf(reason);
    return other >= 0 ? Math.min(place, other) : place;
  }

  private static boolean decides(MetricVerdict metric) {
    return metric.metric().role() == MetricRole.DECIDES;
  }

  private boolean isSafe(MetricVerdict metric) {
    for (ThresholdVerdict threshold : metric.thresholds()) {
      if (!(threshold.logSafeEvidence() >= safeLine)) {
        return false;
      }
    }
    return true;
  }

  /** Marks the metrics that had a part in it. */
  private static List<MetricVerdict> jointly(List<MetricVerdict> metrics) {
    return metrics.stream()
        .map(
            m ->
                decides(m) && m.logHarmEvidence() > 0
                    ? new MetricVerdict(
                        m.metric(),
                        m.decision(),
                        Reason.JOINTLY_BEYOND_TOLERANCE,
                        m.baselineSamples(),
                        m.canarySamples(),
                        m.baselineInstances(),
                        m.canaryInstances(),
                        m.logHarmEvidence(),
                        m.thresholds())
                    : m)
        .toList();
  }
}
