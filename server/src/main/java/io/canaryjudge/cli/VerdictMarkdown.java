package io.canaryjudge.cli;

import io.canaryjudge.proto.v1.CheckVerdict;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** An answer as a page of Markdown: the verdict first, then a table with a line per metric. */
final class VerdictMarkdown {

  private VerdictMarkdown() {}

  static String page(Answer answer) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "## %s Canary %s: %s"
            .formatted(
                sign(answer.outcome()),
                answer.outcome().name().replace("_", "\\_"),
                answer.outcome().meaning()));
    lines.add("");
    if (!answer.changed().isEmpty()) {
      lines.add("> **" + Markdown.text(answer.changed()) + "**");
      lines.add("");
    }
    answer.verdict().ifPresent(verdict -> add(lines, verdict));
    if (!answer.cause().isEmpty()) {
      lines.add(Markdown.text(answer.cause()));
      lines.add("");
    }
    lines.add("Run " + Markdown.text(answer.run()) + ", exit code " + answer.exitCode() + ".");
    return String.join("\n", lines) + "\n";
  }

  private static void add(List<String> lines, Verdict verdict) {
    lines.add(Markdown.text(verdict.getExplanation()));
    lines.add("");
    if (verdict.hasOverride()) {
      var override = verdict.getOverride();
      lines.add(
          "Decided by %s: %s (judged: %s)"
              .formatted(
                  Markdown.text(override.getAuthor()),
                  Markdown.text(override.getReason()),
                  Markdown.text(Enums.name(verdict.getJudgedDecision()))));
      lines.add("");
    }
    if (verdict.getMetricsCount() > 0) {
      lines.add("| | metric | canary | baseline | what was seen |");
      lines.add("|---|---|--:|--:|---|");
      verdict.getMetricsList().forEach(metric -> lines.add(row(metric)));
      lines.add("");
    }
    if (verdict.getChecksCount() > 0) {
      lines.add("| check | says | why |");
      lines.add("|---|---|---|");
      verdict.getChecksList().forEach(check -> lines.add(row(check)));
      lines.add("");
    }
    if (verdict.getCaveatsCount() > 0) {
      lines.add(
          "Notes: "
              + String.join(
                  ", ",
                  verdict.getCaveatsList().stream()
                      .map(caveat -> Markdown.text(Enums.name(caveat)))
                      .toList())
              + ".");
      lines.add("");
    }
  }

  private static String row(MetricVerdict metric) {
    return String.format(
        Locale.ROOT,
        "| %s %s | %s | %,d in %d | %,d in %d | %s |",
        sign(metric),
        Markdown.text(Enums.name(metric.getDecision())),
        Markdown.text(metric.getMetric()),
        metric.getCanarySampleCount(),
        metric.getCanaryInstanceCount(),
        metric.getBaselineSampleCount(),
        metric.getBaselineInstanceCount(),
        Markdown.text(metric.getExplanation()));
  }

  private static String row(CheckVerdict check) {
    return "| %s | %s | %s |"
        .formatted(
            Markdown.text(check.getName()),
            Markdown.text(Enums.name(check.getOutcome())),
            Markdown.text(check.getReason()));
  }

  private static String sign(MetricVerdict metric) {
    return switch (metric.getDecision()) {
      case DECISION_GO -> "✅";
      case DECISION_NO_GO -> "❌";
      case DECISION_WAIT, DECISION_INCONCLUSIVE, DECISION_UNSPECIFIED, UNRECOGNIZED -> "⏳";
    };
  }

  private static String sign(Outcome outcome) {
    return switch (outcome) {
      case GO -> "✅";
      case NO_GO -> "❌";
      case INCONCLUSIVE, CANCELLED, WAIT, TIMEOUT, UNREACHABLE, INTERRUPTED -> "⚠️";
    };
  }
}
