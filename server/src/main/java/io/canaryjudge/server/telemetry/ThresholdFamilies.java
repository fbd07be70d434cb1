package io.canaryjudge.server.telemetry;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import io.canaryjudge.analysis.verdict.Interval;
import io.canaryjudge.analysis.verdict.MetricVerdict;
import io.canaryjudge.analysis.verdict.ThresholdVerdict;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The gauges of the thresholds of a metric. */
final class ThresholdFamilies {

  private final GaugeBook.Family estimate;
  private final GaugeBook.Family effect;
  private final GaugeBook.Family effectLower;
  private final GaugeBook.Family effectUpper;
  private final GaugeBook.Family effectLimit;
  private final GaugeBook.Family harmEvidence;
  private final GaugeBook.Family harmLine;
  private final GaugeBook.Family safeEvidence;
  private final GaugeBook.Family safeLine;
  private final GaugeBook.Family harmDispersion;

  ThresholdFamilies(GaugeBook book) {
    estimate =
        book.family(
            "threshold_estimate",
            "Proportion or quantile of an arm, in the unit of the metric.",
            "run",
            "service",
            "metric",
            "threshold",
            "arm");
    effect = threshold(book, "effect", "Ratio of the arms, or the canary's own value.");
    effectLower = threshold(book, "effect_lower", "Lower end of the interval of the effect.");
    effectUpper = threshold(book, "effect_upper", "Upper end of the interval of the effect.");
    effectLimit = threshold(book, "effect_limit", "Tolerance of NO_GO on the scale of the effect.");
    harmEvidence = threshold(book, "harm_evidence", "Logarithm of the e-value of harm.");
    harmLine = threshold(book, "harm_evidence_line", "Line at which it alone is guilty.");
    safeEvidence = threshold(book, "safe_evidence", "Logarithm of the e-value of safety.");
    safeLine = threshold(book, "safe_evidence_line", "Line that GO needs.");
    harmDispersion =
        threshold(book, "harm_dispersion", "Variance inflation that tempers evidence of harm.");
  }

  private static GaugeBook.Family threshold(GaugeBook book, String name, String help) {
    return book.family("threshold_" + name, help, "run", "service", "metric", "threshold");
  }

  void add(String run, String service, MetricVerdict metric) {
    String name = metric.metric().name();
    Set<String> taken = new HashSet<>();
    for (ThresholdVerdict each : metric.thresholds()) {
      String label = distinct(label(each.threshold()), taken);
      String[] labels = {run, service, name, label};
      estimate.add(
          each.baselineEstimate(), run, service, name, label, RunFamilies.label(Arm.BASELINE));
      estimate.add(each.canaryEstimate(), run, service, name, label, RunFamilies.label(Arm.CANARY));
      effect.add(each.effect(), labels);
      @Nullable Interval interval = each.effectInterval();
      if (interval != null) {
        effectLower.add(interval.lower(), labels);
        effectUpper.add(interval.upper(), labels);
      }
      effectLimit.add(each.effectLimit(), labels);
      harmEvidence.add(each.logHarmEvidence(), labels);
      harmLine.add(each.harmLine(), labels);
      safeEvidence.add(each.logSafeEvidence(), labels);
      safeLine.add(each.safeLine(), labels);
      harmDispersion.add(each.harmDispersion(), labels);
    }
  }

  /** Such as "limit", "p95 relative", "p99.9 sustained limit". */
  static String label(Threshold threshold) {
    StringBuilder label = new StringBuilder();
    threshold
        .quantile()
        .ifPresent(
            q ->
                label
                    .append('p')
                    .append(
                        new BigDecimal(Double.toString(q))
                            .movePointRight(2)
                            .stripTrailingZeros()
                            .toPlainString())
                    .append(' '));
    if (threshold.sustainedMillis() > 0) {
      label.append("sustained ");
    }
    label.append(
        switch (threshold.noGo()) {
          case Tolerance.Limit limit -> "limit";
          case Tolerance.Change change -> form(change);
        });
    return label.toString();
  }

  private static String form(Tolerance.Change change) {
    if (change.relative() > 0 && change.absolute() > 0) {
      return "relative and absolute";
    }
    return change.absolute() > 0 ? "absolute" : "relative";
  }

  /** Two thresholds of one form get a number, in the order of the policy. */
  private static String distinct(String label, Set<String> taken) {
    String distinct = label;
    for (int number = 2; !taken.add(distinct); number++) {
      distinct = label + " " + number;
    }
    return distinct;
  }
}
