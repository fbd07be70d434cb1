package io.canaryjudge.analysis.verdict;

import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricRole;
import io.canaryjudge.analysis.policy.ReleaseRules;
import io.canaryjudge.analysis.policy.Tolerance;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * Verdicts in plain English, one sentence each: what was seen in which arm, against which
 * tolerance, on how many requests, and what follows or is still missing. Made from the numbers of
 * the verdict alone. For people: the wording may change, tools branch on {@link Reason}.
 */
public final class Explanation {
  private Explanation() {}

  /** What a verdict says. */
  public static String of(Verdict verdict) {
    String judged = noted(judged(verdict), verdict);
    HumanOverride override = verdict.override();
    return override == null
        ? judged
        : override.decision()
            + " by "
            + override.by()
            + ": "
            + override.reason()
            + ". Judged: "
            + judged;
  }

  /**
   * What a verdict says, and that it was not the first attempt.
   *
   * @param attempt number of the attempt at the artifact; see {@link AttemptBudget}
   */
  public static String of(Verdict verdict, int attempt) {
    String text = of(verdict);
    return attempt <= 1
        ? text
        : text
            + (text.endsWith(".") ? " " : ". ")
            + "This is attempt "
            + Words.count(attempt)
            + " at the same artifact: for GO it has to prove more than the first.";
  }

  /** What a verdict says about a metric. */
  public static String of(MetricVerdict metric) {
    ThresholdVerdict most = most(metric);
    String others =
        metric.thresholds().size() > 1 ? " (" + metric.thresholds().size() + " thresholds)" : "";
    return metric.reason() == Reason.JOINTLY_BEYOND_TOLERANCE
        ? of(metric, most) + " Together with others this is beyond tolerance."
        : of(metric, most) + (metric.decision() == Decision.GO ? others : "");
  }

  /**
   * What a verdict says about a threshold.
   *
   * @param metric the metric that the threshold belongs to
   */
  public static String of(MetricVerdict metric, ThresholdVerdict threshold) {
    String name =
        threshold.threshold().quantile().isPresent()
            ? metric.metric().name()
                + " "
                + Words.quantile(threshold.threshold().quantile().getAsDouble())
            : metric.metric().name();
    return name + ": " + seen(metric, threshold) + ". " + judged(metric, threshold) + ".";
  }

  /** What was seen in which arm. */
  private static String seen(MetricVerdict metric, ThresholdVerdict threshold) {
    if (Double.isNaN(threshold.canaryEstimate())) {
      return "nothing seen of the canary";
    }
    String canary =
        "canary " + estimate(metric, threshold.canaryEstimate(), metric.canarySamples());
    if (threshold.threshold().noGo() instanceof Tolerance.Limit) {
      return canary;
    }
    if (Double.isNaN(threshold.baselineEstimate())) {
      return canary + ", nothing seen of the baseline";
    }
    boolean comparable = threshold.effect() > 0 && Double.isFinite(threshold.effect());
    String ratio = comparable ? ": " + Words.number(threshold.effect()) + " times" : "";
    return canary
        + ", baseline "
        + estimate(metric, threshold.baselineEstimate(), metric.baselineSamples())
        + ratio;
  }

  private static String estimate(MetricVerdict metric, double estimate, long samples) {
    return metric.metric().kind() == MetricKind.PROPORTION
        ? Words.percent(estimate)
            + " ("
            + Words.count(Math.round(estimate * samples))
            + " of "
            + Words.count(samples)
            + ")"
        : Words.value(estimate, metric.metric().unit()) + " (" + Words.count(samples) + " values)";
  }

  private static String judged(MetricVerdict metric, ThresholdVerdict threshold) {
    String noGo = ToleranceWords.of(threshold.threshold().noGo(), metric.metric());
    String go = ToleranceWords.of(threshold.threshold().go(), metric.metric());
    return switch (threshold.reason()) {
      case BEYOND_TOLERANCE, LATE -> "Beyond " + noGo + drivenBy(threshold);
      case RESOLUTION_APPROX ->
          "Beyond " + noGo + ", interpolated within coarse buckets" + drivenBy(threshold);
      case WITHIN_TOLERANCE -> "Within " + go;
      case HETEROGENEOUS ->
          "Not settled: beyond "
              + noGo
              + " because of instance "
              + threshold.drivingInstance()
              + " alone, which may be a bad host";
      case MINIMUM_EVENTS ->
          "Not settled: beyond "
              + noGo
              + ", but on fewer than "
              + Words.count(metric.metric().minimumEvents())
              + " harmful events";
      case RESOLUTION ->
          "Cannot be settled: the buckets are too coarse to tell "
              + go
              + buckets(metric, threshold);
      case NO_SAMPLES -> "Waiting for samples";
      case WARMING_UP -> "Waiting for instances to warm up";
      case JOINTLY_BEYOND_TOLERANCE,
          NO_DATA,
          COLLECTING,
          MINIMUM_TIME,
          LOW_COVERAGE,
          SAMPLE_RATIO,
          IDENTICAL_ARMS,
          CHECK_PENDING,
          CHECK_FAILED,
          CHECK_EXPIRED,
          EARLIER_GO,
          DEPLOYMENT_WINDOW,
          DEADLINE,
          DATA_ENDED,
          CANCELLED ->
          "Not settled between "
              + noGo
              + " (NO_GO beyond, evidence "
              + evidence(threshold.logHarmEvidence(), threshold.harmLine())
              + ") and "
              + go
              + " (GO within, evidence "
              + evidence(threshold.logSafeEvidence(), threshold.safeLine())
              + ")"
              + proven(threshold)
              + Words.waiting(threshold.expectedMillis());
    };
  }

  private static String evidence(double log, double line) {
    return Words.number(Math.max(log, 0)) + " of " + Words.number(line);
  }

  private static String proven(ThresholdVerdict threshold) {
    return threshold.provenRelative().isPresent()
        ? ", proven within " + Words.percent(threshold.provenRelative().getAsDouble())
        : "";
  }

  private static String drivenBy(ThresholdVerdict threshold) {
    return (threshold.drivingStratum() == null ? "" : ", in stratum " + threshold.drivingStratum())
        + (threshold.drivingInstance() == null
            ? ""
            : ", because of instance " + threshold.drivingInstance() + " alone");
  }

  /** Between which edges the quantile is known to lie, and so which margin could be told. */
  private static String buckets(MetricVerdict metric, ThresholdVerdict threshold) {
    Interval interval =
        threshold.baselineInterval() == null
            ? threshold.canaryInterval()
            : threshold.baselineInterval();
    if (interval == null || !(interval.lower() > 0) || Double.isInfinite(interval.upper())) {
      return "";
    }
    return ": the quantile is only known to lie between "
        + Words.value(interval.lower(), metric.metric().unit())
        + " and "
        + Words.value(interval.upper(), metric.metric().unit())
        + ", so it takes finer buckets or a tolerance of about "
        + Words.percent(interval.upper() / interval.lower() - 1);
  }

  private static String judged(Verdict verdict) {
    return switch (verdict.reason()) {
      case WITHIN_TOLERANCE ->
          "GO: every tolerance is kept, after "
              + Words.count(samples(verdict.metrics()))
              + " canary samples";
      case BEYOND_TOLERANCE, RESOLUTION_APPROX, LATE -> verdict.judgedDecision() + late(verdict);
      case JOINTLY_BEYOND_TOLERANCE ->
          "NO_GO: no threshold is beyond its line alone, but all evidence of harm together is ("
              + evidence(verdict.logHarmEvidence(), verdict.harmLine())
              + ")";
      case NO_DATA -> verdict.judgedDecision() + ": the canary fell silent, the baseline did not";
      case CHECK_FAILED -> verdict.judgedDecision() + ": " + check(verdict, CheckOutcome.FAILED);
      case CHECK_EXPIRED -> verdict.judgedDecision() + ": " + check(verdict, CheckOutcome.EXPIRED);
      case EARLIER_GO ->
          "WAIT: the evidence is enough for GO, but the artifact has to get GO elsewhere first"
              + told(verdict, ReleaseRules.EARLIER_GO);
      case DEPLOYMENT_WINDOW ->
          "WAIT: the evidence is enough for GO, but this is no time for a deployment"
              + told(verdict, ReleaseRules.DEPLOYMENT_WINDOW);
      case CHECK_PENDING -> "WAIT: " + check(verdict, CheckOutcome.PENDING);
      case NO_SAMPLES -> "WAIT: an arm has sent nothing that can be judged yet";
      case WARMING_UP -> "WAIT: instances are warming up";
      case COLLECTING, HETEROGENEOUS, MINIMUM_EVENTS, RESOLUTION ->
          "WAIT: " + open(verdict) + Words.waiting(verdict.expectedMillis());
      case MINIMUM_TIME ->
          "WAIT: the evidence is enough for GO, the time at this step is not"
              + Words.waiting(verdict.expectedMillis());
      case LOW_COVERAGE ->
          "WAIT: the evidence is enough for GO, but the canary was not seen often enough";
      case SAMPLE_RATIO ->
          "WAIT: the evidence is enough for GO, but requests are not split as planned";
      case IDENTICAL_ARMS ->
          "WAIT: the evidence is enough for GO, but both arms carried the very same data, as if one"
              + " series fed both: check the label or selectors that tell the arms apart, and begin"
              + " a new run";
      case DEADLINE -> "INCONCLUSIVE: the deadline passed, " + open(verdict);
      case DATA_ENDED -> "INCONCLUSIVE: the recorded samples ended, " + open(verdict);
      case CANCELLED -> "Cancelled, without a decision";
    };
  }

  /** With what a decision is worth that was made of the same data twice. */
  private static String noted(String judged, Verdict verdict) {
    return verdict.judgedDecision() != Decision.WAIT
            && verdict.caveats().contains(Caveat.IDENTICAL_ARMS)
        ? judged
            + (judged.endsWith(".") ? " " : ". ")
            + "Both arms carried the very same data: check the label or selectors that tell them"
            + " apart."
        : judged;
  }

  private static String late(Verdict verdict) {
    StringBuilder guilty = new StringBuilder();
    for (MetricVerdict metric : verdict.metrics()) {
      if (metric.decision() == Decision.NO_GO && metric.metric().role() == MetricRole.DECIDES) {
        guilty.append(guilty.isEmpty() ? "" : " ").append(of(metric));
      }
    }
    String after = verdict.reason() == Reason.LATE ? " after a GO" : "";
    return after + ": " + (guilty.isEmpty() ? "all evidence of harm together" : guilty);
  }

  /** The first metric that is not settled. */
  private static String open(Verdict verdict) {
    for (MetricVerdict metric : verdict.metrics()) {
      if (metric.metric().role() == MetricRole.DECIDES
          && (metric.decision() == Decision.WAIT || metric.decision() == Decision.INCONCLUSIVE)
          && (metric.reason() == verdict.reason() || verdict.judgedDecision() != Decision.WAIT)) {
        return of(metric);
      }
    }
    return deciding(verdict).allMatch(metric -> metric.decision() == Decision.GO)
        ? "and GO was withheld although the evidence was enough" + withheldBy(verdict)
        : "nothing that decides is settled";
  }

  /** A check's state, as what may follow a colon. */
  public static String of(CheckVerdict check) {
    return "check "
        + check.name()
        + state(check)
        + (check.reason().isEmpty() ? "" : ": " + check.reason());
  }

  private static Stream<MetricVerdict> deciding(Verdict verdict) {
    return verdict.metrics().stream()
        .filter(metric -> metric.metric().role() == MetricRole.DECIDES);
  }

  private static String check(Verdict verdict, CheckOutcome outcome) {
    for (CheckVerdict check : verdict.checks()) {
      if (check.required() && check.outcome() == outcome) {
        return of(check);
      }
    }
    return "a required check";
  }

  private static String withheldBy(Verdict verdict) {
    for (CheckVerdict check : verdict.checks()) {
      if (check.required() && check.outcome() != CheckOutcome.PASSED) {
        return ": check " + check.name() + state(check) + told(verdict, check.name());
      }
    }
    return "";
  }

  /** What was reported of a check, as the end of a sentence. */
  private static String told(Verdict verdict, String name) {
    for (CheckVerdict check : verdict.checks()) {
      if (check.name().equals(name) && !check.reason().isEmpty()) {
        return ": " + check.reason();
      }
    }
    return "";
  }

  private static String state(CheckVerdict check) {
    return switch (check.outcome()) {
      case PASSED -> " passed";
      case PENDING -> check.atMillis() == 0 ? " has not reported yet" : " is pending";
      case FAILED -> " failed";
      case EXPIRED ->
          check.deadlineMillis() == 0
              ? " expired: it had to pass before step " + check.beforeStep()
              : " expired: it had to pass "
                  + (check.beforeStep() < 0 ? "" : "before step " + check.beforeStep() + " and ")
                  + "by "
                  + Instant.ofEpochMilli(check.deadlineMillis());
    };
  }

  /** The threshold that has most to do with the metric's decision. */
  private static ThresholdVerdict most(MetricVerdict metric) {
    List<ThresholdVerdict> thresholds = metric.thresholds();
    ThresholdVerdict most = null;
    for (ThresholdVerdict threshold : thresholds) {
      boolean relevant =
          threshold.reason() == metric.reason()
              || metric.reason() == Reason.JOINTLY_BEYOND_TOLERANCE;
      if (relevant && (most == null || rank(metric, threshold) > rank(metric, most))) {
        most = threshold;
      }
    }
    return most == null ? thresholds.getFirst() : most;
  }

  /** Most harm if that is what it is about, else what is farthest from safe. */
  private static double rank(MetricVerdict metric, ThresholdVerdict threshold) {
    boolean harm =
        metric.decision() == Decision.NO_GO || metric.reason() == Reason.JOINTLY_BEYOND_TOLERANCE;
    return harm ? threshold.logHarmEvidence() : -threshold.logSafeEvidence();
  }

  private static long samples(List<MetricVerdict> metrics) {
    long most = 0;
    for (MetricVerdict metric : metrics) {
      most = Math.max(most, metric.canarySamples());
    }
    return most;
  }
}
