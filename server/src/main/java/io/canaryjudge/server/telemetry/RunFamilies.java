package io.canaryjudge.server.telemetry;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.CheckVerdict;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.MetricVerdict;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.run.RunSnapshot;
import io.canaryjudge.server.store.RunRecord;
import java.util.Locale;

/** The gauges of a run and of its metrics. */
final class RunFamilies {

  private static final double MILLIS_PER_SECOND = 1e3;
  private static final double PERCENT = 100;

  private final GaugeBook.Family info;
  private final GaugeBook.Family decision;
  private final GaugeBook.Family score;
  private final GaugeBook.Family judgedDecision;
  private final GaugeBook.Family reason;
  private final GaugeBook.Family state;
  private final GaugeBook.Family open;
  private final GaugeBook.Family overridden;
  private final GaugeBook.Family start;
  private final GaugeBook.Family sealedThrough;
  private final GaugeBook.Family stepIndex;
  private final GaugeBook.Family stepWeight;
  private final GaugeBook.Family expectedWait;
  private final GaugeBook.Family evidence;
  private final GaugeBook.Family line;
  private final GaugeBook.Family check;
  private final GaugeBook.Family metricDecision;
  private final GaugeBook.Family samples;
  private final GaugeBook.Family instances;
  private final ThresholdFamilies thresholds;

  RunFamilies(GaugeBook book) {
    info =
        book.family(
            "run_info",
            "What a run compares.",
            "run",
            "service",
            "policy",
            "baseline_version",
            "canary_version");
    decision = run(book, "decision", "1 for the decision to act on.", "decision");
    score = run(book, "score", "100 for GO, 0 for NO_GO, 50 for anything else.");
    judgedDecision =
        run(book, "judged_decision", "1 for what the evidence alone says.", "decision");
    reason = run(book, "reason", "1 for the reason of the decision.", "reason");
    state = run(book, "state", "1 for the state of the run.", "state");
    open = run(book, "open", "1 while the run takes samples.");
    overridden = run(book, "overridden", "1 if a person decided in place of the evidence.");
    start = run(book, "start_timestamp_seconds", "Start of the first window.");
    sealedThrough = run(book, "sealed_through_timestamp_seconds", "End of the last sealed window.");
    stepIndex = run(book, "step_index", "The present step, from 0.");
    stepWeight = run(book, "step_weight_ratio", "The canary's share of traffic at the step.");
    expectedWait = run(book, "expected_wait_seconds", "About how long until a decision.");
    evidence = run(book, "harm_evidence", "Logarithm of the mean e-value of harm.");
    line = run(book, "harm_evidence_line", "Line at which it means NO_GO.");
    check = run(book, "check", "1 for the outcome of a check.", "check", "outcome");
    metricDecision =
        run(book, "metric_decision", "1 for a metric's own decision.", "metric", "decision");
    samples = run(book, "samples", "Requests or values that were judged.", "metric", "arm");
    instances = run(book, "instances", "Instances that were judged.", "metric", "arm");
    thresholds = new ThresholdFamilies(book);
  }

  private static GaugeBook.Family run(
      GaugeBook book, String name, String help, String... furtherLabels) {
    String[] labels = new String[furtherLabels.length + 2];
    labels[0] = "run";
    labels[1] = "service";
    System.arraycopy(furtherLabels, 0, labels, 2, furtherLabels.length);
    return book.family("run_" + name, help, labels);
  }

  void add(RunSnapshot snapshot) {
    RunRecord run = snapshot.run();
    Verdict verdict = snapshot.verdict();
    String id = run.id();
    String service = run.service();
    info.add(
        1,
        id,
        service,
        run.policyName() + "/" + run.policyRevision(),
        run.baselineVersion(),
        run.canaryVersion());
    for (Decision each : Decision.values()) {
      decision.add(flag(each == verdict.decision()), id, service, each.name());
      judgedDecision.add(flag(each == verdict.judgedDecision()), id, service, each.name());
    }
    score.add(score(verdict.decision()), id, service);
    reason.add(1, id, service, verdict.reason().name());
    for (RunState each : RunState.values()) {
      state.add(flag(each == verdict.state()), id, service, each.name());
    }
    open.add(flag(verdict.open()), id, service);
    overridden.add(flag(verdict.override() != null), id, service);
    start.add(run.startMillis() / MILLIS_PER_SECOND, id, service);
    sealedThrough.add(verdict.sealedThroughMillis() / MILLIS_PER_SECOND, id, service);
    if (verdict.step() >= 0) {
      stepIndex.add(verdict.step(), id, service);
      stepWeight.add(verdict.weight() / PERCENT, id, service);
    }
    verdict
        .expectedMillis()
        .ifPresent(millis -> expectedWait.add(millis / MILLIS_PER_SECOND, id, service));
    evidence.add(verdict.logHarmEvidence(), id, service);
    line.add(verdict.harmLine(), id, service);
    for (CheckVerdict each : verdict.checks()) {
      for (CheckOutcome outcome : CheckOutcome.values()) {
        check.add(flag(outcome == each.outcome()), id, service, each.name(), outcome.name());
      }
    }
    for (MetricVerdict metric : verdict.metrics()) {
      add(id, service, metric);
    }
  }

  private void add(String id, String service, MetricVerdict metric) {
    String name = metric.metric().name();
    for (Decision each : Decision.values()) {
      metricDecision.add(flag(each == metric.decision()), id, service, name, each.name());
    }
    samples.add((double) metric.baselineSamples(), id, service, name, label(Arm.BASELINE));
    samples.add((double) metric.canarySamples(), id, service, name, label(Arm.CANARY));
    instances.add(metric.baselineInstances(), id, service, name, label(Arm.BASELINE));
    instances.add(metric.canaryInstances(), id, service, name, label(Arm.CANARY));
    thresholds.add(id, service, metric);
  }

  /** For tools that compare one number with thresholds. */
  private static double score(Decision decision) {
    return switch (decision) {
      case GO -> 100;
      case NO_GO -> 0;
      case WAIT, INCONCLUSIVE -> 50;
    };
  }

  static String label(Arm arm) {
    return arm.name().toLowerCase(Locale.ROOT);
  }

  private static double flag(boolean on) {
    return on ? 1 : 0;
  }
}
