package io.canaryjudge.client;

import com.google.protobuf.util.Timestamps;
import io.canaryjudge.proto.v1.CheckOutcome;
import io.canaryjudge.proto.v1.CheckVerdict;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.Threshold;
import io.canaryjudge.proto.v1.ThresholdVerdict;
import io.canaryjudge.proto.v1.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A verdict as text for a terminal or a build log: the decision first, then why, then what was seen
 * of each metric. For people; a program reads the fields of {@link Verdict}.
 */
public final class VerdictPrinter {

  /** What a decision looks like. The escapes are ANSI's, "Select Graphic Rendition". */
  private enum Look {
    GOOD("32"),
    BAD("31"),
    OPEN("33"),
    QUIET("2"),
    PLAIN("");

    private final String code;

    Look(String code) {
      this.code = code;
    }
  }

  private final boolean colour;

  /**
   * Prepares a printer.
   *
   * @param colour whether to colour; not where output is no terminal, or NO_COLOR is set
   */
  public VerdictPrinter(boolean colour) {
    this.colour = colour;
  }

  /** The whole verdict, on several lines without an end of line after the last. */
  public String full(Verdict verdict) {
    List<String> lines = new ArrayList<>();
    lines.add(headline(verdict));
    lines.add("  " + verdict.getExplanation());
    if (verdict.hasOverride()) {
      var override = verdict.getOverride();
      lines.add(
          "  decided by %s: %s (judged: %s)"
              .formatted(
                  override.getAuthor(), override.getReason(), name(verdict.getJudgedDecision())));
    }
    for (MetricVerdict metric : verdict.getMetricsList()) {
      lines.add("");
      lines.add(metricLine(metric));
      for (ThresholdVerdict threshold : metric.getThresholdsList()) {
        lines.add("      " + thresholdLine(threshold));
      }
    }
    if (verdict.getChecksCount() > 0) {
      lines.add("");
      verdict.getChecksList().forEach(check -> lines.add(checkLine(check)));
    }
    verdict
        .getCaveatsList()
        .forEach(caveat -> lines.add("  note: " + caveat.name().replaceFirst("CAVEAT_", "")));
    return String.join(System.lineSeparator(), lines);
  }

  /** Decision and reason: "NO_GO · BEYOND_TOLERANCE". */
  public String headline(Verdict verdict) {
    return look(
        name(verdict.getDecision())
            + " · "
            + verdict.getReason().name().replaceFirst("REASON_", ""),
        look(verdict.getDecision()));
  }

  /** One metric on one line: its decision, and a sentence that begins with its name. */
  private String metricLine(MetricVerdict metric) {
    return "  %s %s".formatted(sign(metric.getDecision()), metric.getExplanation());
  }

  /**
   * One threshold on one line: the estimates, the limit, and both kinds of evidence against their
   * lines.
   */
  public String thresholdLine(ThresholdVerdict threshold) {
    return "%s %-34s canary %s, baseline %s; harm %s, safe %s"
        .formatted(
            sign(threshold.getDecision()),
            limit(threshold.getThreshold()),
            threshold.hasCanaryEstimate() ? number(threshold.getCanaryEstimate()) : "-",
            threshold.hasBaselineEstimate() ? number(threshold.getBaselineEstimate()) : "-",
            evidence(threshold.getLogHarmEvidence(), threshold.getHarmLine()),
            evidence(threshold.getLogSafeEvidence(), threshold.getSafeLine()));
  }

  private String checkLine(CheckVerdict check) {
    Look look =
        switch (check.getOutcome()) {
          case CHECK_OUTCOME_PASSED -> Look.GOOD;
          case CHECK_OUTCOME_FAILED, CHECK_OUTCOME_EXPIRED -> Look.BAD;
          case CHECK_OUTCOME_PENDING, CHECK_OUTCOME_UNSPECIFIED, UNRECOGNIZED -> Look.OPEN;
        };
    StringBuilder line = new StringBuilder("  check ").append(check.getName()).append(": ");
    line.append(look(check.getOutcome().name().replaceFirst("CHECK_OUTCOME_", ""), look));
    if (check.getOutcome() != CheckOutcome.CHECK_OUTCOME_PASSED) {
      if (check.hasBeforeStep()) {
        line.append(" before step ").append(check.getBeforeStep());
      }
      if (check.hasDeadlineTime()) {
        line.append(" by ").append(Timestamps.toString(check.getDeadlineTime()));
      }
    }
    for (String part : List.of(check.getReason(), check.getLink())) {
      line.append(part.isEmpty() ? "" : " ").append(part);
    }
    return line.toString();
  }

  /** What a threshold limits, in words: "P95 at most 5", "at most +50 % (NO_GO), +80 % (GO)". */
  static String limit(Threshold threshold) {
    String of = threshold.hasQuantile() ? "P" + number(threshold.getQuantile() * 100) + " " : "";
    if (threshold.hasLimit()) {
      return of + "limit " + number(threshold.getLimit());
    }
    List<String> parts = new ArrayList<>();
    if (threshold.hasRelative()) {
      parts.add(number(threshold.getRelative() * 100) + " %");
    }
    if (threshold.hasAbsolute() && threshold.getAbsolute() > 0) {
      parts.add(number(threshold.getAbsolute()));
    }
    String change = of + "change " + String.join(" + ", parts);
    return threshold.hasFloor() && threshold.getFloor() > 0
        ? change + " beyond " + number(threshold.getFloor())
        : change;
  }

  private static String evidence(double value, double line) {
    return String.format(Locale.ROOT, "%.1f of %.1f", value, line);
  }

  /** Three significant digits. */
  static String number(double value) {
    if (value == 0 || Double.isNaN(value) || Double.isInfinite(value)) {
      return value == 0 ? "0" : String.valueOf(value);
    }
    return new java.math.BigDecimal(value)
        .round(new java.math.MathContext(3))
        .stripTrailingZeros()
        .toPlainString();
  }

  private String sign(Decision decision) {
    Look look = look(decision);
    return look(
        switch (look) {
          case GOOD -> "✓";
          case BAD -> "✗";
          case OPEN, QUIET, PLAIN -> "…";
        },
        look);
  }

  private static Look look(Decision decision) {
    return switch (decision) {
      case DECISION_GO -> Look.GOOD;
      case DECISION_NO_GO -> Look.BAD;
      case DECISION_WAIT, DECISION_INCONCLUSIVE -> Look.OPEN;
      case DECISION_UNSPECIFIED, UNRECOGNIZED -> Look.QUIET;
    };
  }

  /** The name of a decision without its prefix. */
  public static String name(Decision decision) {
    return decision.name().replaceFirst("DECISION_", "");
  }

  private String look(String text, Look look) {
    return colour && !look.code.isEmpty() ? "\u001b[" + look.code + "m" + text + "\u001b[0m" : text;
  }
}
