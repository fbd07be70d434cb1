package io.canaryjudge.analysis.policy;

import java.util.List;

/** The rules for where a metric's samples come from, and for matchers of labels anywhere. */
final class SourceRules {

  private static final int MAX_SOURCES = 8;
  private static final int MAX_MATCHERS = 16;
  private static final int MAX_VALUES = 64;
  private static final int MAX_LENGTH = 200;

  private final Violations violations;

  SourceRules(Violations violations) {
    this.violations = violations;
  }

  void check(String path, MetricPolicy metric) {
    List<MetricSource> sources = metric.sources();
    violations.count(path, sources.size(), 0, MAX_SOURCES, "sources");
    for (int i = 0; i < sources.size(); i++) {
      source(path + "[" + i + "]", metric.kind(), sources.get(i));
    }
  }

  void strata(String path, StrataPolicy strata, List<MetricSource> sources) {
    text(path + ".label", strata.label(), 0);
    violations.require(
        strata.label().isEmpty() || sources.stream().allMatch(s -> s.failureSeries().isEmpty()),
        path + ".label",
        Violations.quote(strata.label()),
        "none beside a failure_series, which need not have the label");
    violations.require(
        strata.limit() >= 1 && strata.limit() <= StrataPolicy.MAX_LIMIT,
        path + ".limit",
        strata.limit(),
        "1 to " + StrataPolicy.MAX_LIMIT);
  }

  private void source(String path, MetricKind kind, MetricSource source) {
    text(path + ".series", source.series(), 0);
    matchers(path + ".where", source.where());
    separate(path, kind, source);
    String failures = path + ".failures";
    switch (kind) {
      case PROPORTION -> matchers(failures, source.failures());
      case DISTRIBUTION ->
          violations.require(
              source.failures().isEmpty(),
              failures,
              source.failures().size() + " matchers",
              "none, since values of a distribution do not fail");
    }
  }

  private void separate(String path, MetricKind kind, MetricSource source) {
    String failureSeries = path + ".failure_series";
    text(failureSeries, source.failureSeries(), 0);
    if (source.failureSeries().isEmpty()) {
      return;
    }
    violations.require(
        kind == MetricKind.PROPORTION,
        failureSeries,
        Violations.quote(source.failureSeries()),
        "none, since values of a distribution do not fail");
    violations.require(
        !source.series().isEmpty() && !source.series().equals(source.failureSeries()),
        failureSeries,
        Violations.quote(source.failureSeries()),
        "another name in series");
    violations.require(
        source.failures().isEmpty(),
        path + ".failures",
        source.failures().size() + " matchers",
        "none beside failure_series");
  }

  void matchers(String path, List<LabelMatcher> matchers) {
    violations.count(path, matchers.size(), 0, MAX_MATCHERS, "matchers");
    for (int i = 0; i < matchers.size(); i++) {
      matcher(path + "[" + i + "]", matchers.get(i));
    }
  }

  private void matcher(String path, LabelMatcher matcher) {
    text(path + ".label", matcher.label(), 1);
    List<String> values = matcher.values();
    violations.count(path + ".values", values.size(), 0, MAX_VALUES, "values");
    for (int i = 0; i < values.size(); i++) {
      String at = path + ".values[" + i + "]";
      String value = values.get(i);
      text(at, value, 0);
      int star = value.indexOf(LabelMatcher.ANY_ENDING);
      // One that stands elsewhere would be taken for a pattern, and silently match nothing.
      violations.require(
          star < 0 || star == value.length() - 1,
          at,
          Violations.quote(value),
          "a value, or how it begins and then *");
    }
  }

  private void text(String path, String text, int least) {
    violations.require(
        text.length() >= least && text.length() <= MAX_LENGTH,
        path,
        text.isEmpty() ? "empty" : text.length() + " characters",
        (least == 0 ? "at most " : least + " to ") + MAX_LENGTH + " characters");
    violations.require(
        text.codePoints().allMatch(Violations::isPrintable),
        path,
        "a control character or half of a surrogate pair",
        "text");
  }
}
