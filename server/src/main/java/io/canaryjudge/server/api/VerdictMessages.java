package io.canaryjudge.server.api;

import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.RequiredCheck;
import io.canaryjudge.analysis.verdict.AttemptBudget;
import io.canaryjudge.analysis.verdict.Explanation;
import io.canaryjudge.proto.v1.Caveat;
import io.canaryjudge.proto.v1.CheckVerdict;
import io.canaryjudge.proto.v1.Interval;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.Step;
import io.canaryjudge.proto.v1.ThresholdVerdict;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.proto.v1.VerdictOverride;
import io.canaryjudge.server.policy.PolicyName;
import io.canaryjudge.server.policy.PolicyReader;
import io.canaryjudge.server.run.RunSnapshot;
import io.canaryjudge.server.store.RunRecord;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/** Verdicts of one run as messages. */
final class VerdictMessages {

  private final RunRecord run;
  private final Policy policy;

  private VerdictMessages(RunRecord run) {
    this.run = run;
    this.policy = PolicyReader.readStored(run.effectivePolicy());
  }

  /** For several verdicts of a run. */
  static VerdictMessages of(RunRecord run) {
    return new VerdictMessages(run);
  }

  static Verdict toProto(RunSnapshot snapshot) {
    return of(snapshot.run()).toProto(snapshot.verdict());
  }

  Verdict toProto(io.canaryjudge.analysis.verdict.Verdict verdict) {
    Verdict.Builder message =
        Verdict.newBuilder()
            .setName(RunNames.ofVerdict(run.id(), verdict.revision()))
            .setRevision(verdict.revision())
            .setDecision(Enums.toProto(verdict.decision()))
            .setJudgedDecision(Enums.toProto(verdict.judgedDecision()))
            .setReason(Enums.toProto(verdict.reason()))
            .setExplanation(Explanation.of(verdict, run.attempt()))
            .setTerminal(new RunSnapshot(run, verdict).terminal())
            .setState(Enums.toProto(verdict.state()))
            .setOpen(verdict.open())
            .setPolicyRevision(PolicyName.of(run.policyName(), run.policyRevision()))
            .setSealedWindowCount(verdict.sealedWindows())
            .setSealedThroughTime(Timestamps.fromMillis(verdict.sealedThroughMillis()))
            .setLogHarmEvidence(verdict.logHarmEvidence())
            .setHarmLine(verdict.harmLine())
            .setOnInconclusive(Enums.toProto(policy.onInconclusive()))
            .setAttempt(run.attempt())
            .addAllEarlierAttempts(RunMessages.earlierAttempts(run));
    if (verdict.override() != null) {
      message.setOverride(
          VerdictOverride.newBuilder()
              .setDecision(Enums.toProto(verdict.override().decision()))
              .setAuthor(verdict.override().by())
              .setReason(verdict.override().reason())
              .setCreateTime(Timestamps.fromMillis(verdict.override().atMillis())));
    }
    if (verdict.step() >= 0) {
      message.setStep(Step.newBuilder().setIndex(verdict.step()).setWeight(verdict.weight()));
    }
    verdict
        .expectedMillis()
        .ifPresent(millis -> message.setExpectedWait(Durations.fromMillis(millis)));
    verdict.metrics().forEach(metric -> message.addMetrics(toProto(metric)));
    verdict.checks().forEach(check -> message.addChecks(toProto(check)));
    message.addAllNextStepChecks(verdict.checksBeforeNextStep());
    verdict.caveats().forEach(caveat -> message.addCaveats(Enums.toProto(caveat)));
    if (run.attempt() == AttemptBudget.NOT_LINKED) {
      message.addCaveats(Caveat.CAVEAT_ATTEMPTS_NOT_LINKED);
    }
    return message.build();
  }

  private static MetricVerdict toProto(io.canaryjudge.analysis.verdict.MetricVerdict metric) {
    MetricVerdict.Builder message =
        MetricVerdict.newBuilder()
            .setMetric(metric.metric().name())
            .setRole(Enums.toProto(metric.metric().role()))
            .setDecision(Enums.toProto(metric.decision()))
            .setReason(Enums.toProto(metric.reason()))
            .setExplanation(Explanation.of(metric))
            .setBaselineSampleCount(metric.baselineSamples())
            .setCanarySampleCount(metric.canarySamples())
            .setBaselineInstanceCount(metric.baselineInstances())
            .setCanaryInstanceCount(metric.canaryInstances())
            .setLogHarmEvidence(metric.logHarmEvidence());
    metric.thresholds().forEach(threshold -> message.addThresholds(toProto(metric, threshold)));
    return message.build();
  }

  private static ThresholdVerdict toProto(
      io.canaryjudge.analysis.verdict.MetricVerdict metric,
      io.canaryjudge.analysis.verdict.ThresholdVerdict threshold) {
    ThresholdVerdict.Builder message =
        ThresholdVerdict.newBuilder()
            .setThreshold(ThresholdMessages.toProto(threshold.threshold()))
            .setDecision(Enums.toProto(threshold.decision()))
            .setReason(Enums.toProto(threshold.reason()))
            .setExplanation(Explanation.of(metric, threshold))
            .setLogHarmEvidence(threshold.logHarmEvidence())
            .setHarmLine(threshold.harmLine())
            .setLogSafeEvidence(threshold.logSafeEvidence())
            .setSafeLine(threshold.safeLine())
            .setHarmDispersion(threshold.harmDispersion())
            .setSafeDispersion(threshold.safeDispersion());
    ifKnown(threshold.baselineEstimate(), message::setBaselineEstimate);
    ifKnown(threshold.canaryEstimate(), message::setCanaryEstimate);
    ifKnown(threshold.effect(), message::setEffect);
    ifKnown(threshold.effectLimit(), message::setEffectLimit);
    if (threshold.baselineInterval() != null) {
      message.setBaselineInterval(toProto(threshold.baselineInterval()));
    }
    if (threshold.canaryInterval() != null) {
      message.setCanaryInterval(toProto(threshold.canaryInterval()));
    }
    if (threshold.effectInterval() != null) {
      message.setEffectInterval(toProto(threshold.effectInterval()));
    }
    threshold.provenRelative().ifPresent(message::setProvenRelative);
    threshold
        .expectedMillis()
        .ifPresent(millis -> message.setExpectedWait(Durations.fromMillis(millis)));
    @Nullable String driver = threshold.drivingInstance();
    if (driver != null) {
      message.setDrivingInstance(driver);
    }
    @Nullable String stratum = threshold.drivingStratum();
    if (stratum != null) {
      message.setDrivingStratum(stratum);
    }
    return message.build();
  }

  /** Unknown is NaN inside, and unset on the wire. */
  private static void ifKnown(double value, DoubleConsumer setter) {
    if (!Double.isNaN(value)) {
      setter.accept(value);
    }
  }

  private static Interval toProto(io.canaryjudge.analysis.verdict.Interval interval) {
    return Interval.newBuilder()
        .setLower(interval.lower())
        .setUpper(interval.upper())
        .setLevel(interval.level())
        .build();
  }

  private static CheckVerdict toProto(io.canaryjudge.analysis.verdict.CheckVerdict check) {
    CheckVerdict.Builder message =
        CheckVerdict.newBuilder()
            .setName(check.name())
            .setRequired(check.required())
            .setOutcome(Enums.toProto(check.outcome()))
            .setReason(check.reason())
            .setLink(check.link());
    if (check.atMillis() > 0) {
      message.setReportTime(Timestamps.fromMillis(check.atMillis()));
    }
    if (check.beforeStep() != RequiredCheck.NO_STEP) {
      message.setBeforeStep(check.beforeStep());
    }
    if (check.deadlineMillis() > 0) {
      message.setDeadlineTime(Timestamps.fromMillis(check.deadlineMillis()));
    }
    return message.build();
  }
}
