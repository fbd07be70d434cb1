package io.canaryjudge.demo;

import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.Threshold;
import io.canaryjudge.proto.v1.ThresholdVerdict;
import io.canaryjudge.proto.v1.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How a verdict forms, in one line per metric: what was seen against the threshold that matters
 * most at the moment, and both kinds of evidence on their way to their lines.
 */
final class Progress {

  private static final int BAR = 10;

  private Progress() {}

  /** The state of a run as a block: the first line is about the whole. */
  static List<String> block(Verdict verdict, long elapsedSeconds) {
    List<String> lines = new ArrayList<>();
    lines.add(whole(verdict, elapsedSeconds));
    if (isUnderWay(verdict)) {
      verdict.getMetricsList().forEach(metric -> lines.add("        " + bars(metric)));
    }
    return lines;
  }

  /** The same on one line. */
  static String line(Verdict verdict, long elapsedSeconds) {
    String whole = whole(verdict, elapsedSeconds);
    return isUnderWay(verdict)
        ? verdict.getMetricsList().stream()
            .map(Progress::figures)
            .collect(Collectors.joining("; ", whole + ": ", ""))
        : whole;
  }

  private static boolean isUnderWay(Verdict verdict) {
    return verdict.getMetricsList().stream()
        .anyMatch(metric -> metric.getCanarySampleCount() > 0 && metric.getThresholdsCount() > 0);
  }

  private static String whole(Verdict verdict, long elapsedSeconds) {
    long baseline = 0;
    long canary = 0;
    for (MetricVerdict metric : verdict.getMetricsList()) {
      baseline = Math.max(baseline, metric.getBaselineSampleCount());
      canary = Math.max(canary, metric.getCanarySampleCount());
    }
    String wait =
        verdict.hasExpectedWait()
            ? ", about %d s to go".formatted(verdict.getExpectedWait().getSeconds())
            : "";
    return "%4d s  %s %s%s, %,d + %,d requests"
        .formatted(
            elapsedSeconds,
            verdict.getDecision().name().replaceFirst("DECISION_", ""),
            verdict.getReason().name().replaceFirst("REASON_", ""),
            wait,
            baseline,
            canary);
  }

  private static String figures(MetricVerdict metric) {
    ThresholdVerdict leading = leading(metric);
    boolean harm = leading.getLogHarmEvidence() > 0;
    return "%s is %s, baseline %s, %s %.1f of %.1f"
        .formatted(
            named(metric, leading),
            canary(metric, leading),
            baseline(metric, leading),
            harm ? "harm" : "safe",
            harm ? leading.getLogHarmEvidence() : leading.getLogSafeEvidence(),
            harm ? leading.getHarmLine() : leading.getSafeLine());
  }

  private static String named(MetricVerdict metric, ThresholdVerdict threshold) {
    return metric.getMetric() + " " + limit(metric.getMetric(), threshold.getThreshold());
  }

  private static String canary(MetricVerdict metric, ThresholdVerdict threshold) {
    return threshold.hasCanaryEstimate()
        ? value(metric.getMetric(), threshold.getCanaryEstimate())
        : "-";
  }

  private static String baseline(MetricVerdict metric, ThresholdVerdict threshold) {
    return threshold.hasBaselineEstimate()
        ? value(metric.getMetric(), threshold.getBaselineEstimate())
        : "-";
  }

  private static String bars(MetricVerdict metric) {
    ThresholdVerdict leading = leading(metric);
    return "%-22s canary %-8s baseline %-8s harm %s safe %s"
        .formatted(
            named(metric, leading),
            canary(metric, leading),
            baseline(metric, leading),
            bar(leading.getLogHarmEvidence(), leading.getHarmLine()),
            bar(leading.getLogSafeEvidence(), leading.getSafeLine()));
  }

  /** The threshold with the most evidence of harm, if there is some; else the last to be safe. */
  static ThresholdVerdict leading(MetricVerdict metric) {
    ThresholdVerdict worst =
        metric.getThresholdsList().stream()
            .max(Comparator.comparingDouble(one -> one.getLogHarmEvidence() / one.getHarmLine()))
            .orElseThrow();
    if (worst.getLogHarmEvidence() > 0.25 * worst.getHarmLine()) {
      return worst;
    }
    return metric.getThresholdsList().stream()
        .min(Comparator.comparingDouble(one -> one.getLogSafeEvidence() / one.getSafeLine()))
        .orElseThrow();
  }

  /** "≤ 1 %", "P95 ≤ +10 %". */
  static String limit(String metric, Threshold threshold) {
    String of = threshold.hasQuantile() ? "P%.0f ".formatted(threshold.getQuantile() * 100) : "";
    if (threshold.hasLimit()) {
      return of + "≤ " + value(metric, threshold.getLimit());
    }
    return of + "≤ +" + "%.0f %%".formatted(threshold.getRelative() * 100);
  }

  /** With a unit that people use. */
  static String value(String metric, double value) {
    if (metric.equals(DemoPolicy.LATENCY)) {
      return value >= 1
          ? String.format(Locale.ROOT, "%.1f s", value)
          : String.format(Locale.ROOT, "%.0f ms", value * 1000);
    }
    return String.format(Locale.ROOT, "%.1f %%", value * 100);
  }

  private static String bar(double evidence, double line) {
    double share = line > 0 ? Math.clamp(evidence / line, 0, 1) : 0;
    int full = (int) Math.floor(share * BAR);
    return "▕" + "█".repeat(full) + "░".repeat(BAR - full) + "▏";
  }
}
