package io.canaryjudge.server.ingest.pull;

import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.server.ingest.series.LabelNames;
import io.canaryjudge.server.ingest.series.SeriesWishes;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Selectors of PromQL. Whatever comes from users is escaped: as a regular expression (RE2, which
 * Prometheus anchors) where it is part of one, and as a string.
 */
final class Selectors {

  /** Characters with a meaning in RE2. */
  private static final String SPECIAL = "\\.+*?()|[]{}^$";

  private Selectors() {}

  /** The series of a run whose scope says what they match. */
  static String scoped(SeriesWishes wishes) {
    return selector(wishes.names(), wishes.scope().stream().map(Selectors::matcher).toList());
  }

  /**
   * The series of a run that have its service under one of several labels: one selector for each
   * label, and each series in one of them.
   */
  static List<String> byService(SeriesWishes wishes, List<String> labels) {
    List<String> selectors = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (String label : labels) {
      List<String> matchers = new ArrayList<>(others);
      matchers.add(service(label, wishes.service(), true));
      selectors.add(selector(wishes.names(), matchers));
      others.add(service(label, wishes.service(), false));
    }
    return selectors;
  }

  /** Counts the series of a run by the label under which they have its service. */
  static String discovery(SeriesWishes wishes) {
    return discovery(wishes, UnaryOperator.identity());
  }

  /** The same of series that had a sample within some time. */
  static String discovery(SeriesWishes wishes, long rangeMillis) {
    // Of those functions the one that keeps the names: without, two series could become one.
    return discovery(wishes, selector -> "last_over_time(" + selector + "[" + rangeMillis + "ms])");
  }

  private static String discovery(SeriesWishes wishes, UnaryOperator<String> present) {
    List<String> selectors = byService(wishes, SeriesWishes.SERVICE_LABELS);
    List<String> counts = new ArrayList<>();
    for (int i = 0; i < selectors.size(); i++) {
      counts.add(
          "count by ("
              + SeriesWishes.SERVICE_LABELS.get(i)
              + ") ("
              + present.apply(selectors.get(i))
              + ")");
    }
    return String.join(" or ", counts);
  }

  /** A summary's quantiles are left out: they cannot be put together with those of others. */
  private static String selector(SortedSet<String> names, List<String> matchers) {
    String all = names.stream().map(Selectors::literal).collect(Collectors.joining("|"));
    List<String> parts = new ArrayList<>();
    parts.add("__name__=~" + quoted(all));
    parts.add("quantile=\"\"");
    parts.addAll(matchers);
    return "{" + String.join(",", parts) + "}";
  }

  private static String service(String label, String service, boolean is) {
    // OpenTelemetry's namespace and name of a service make a job "namespace/name".
    return label.equals("job")
        ? label + (is ? "=~" : "!~") + quoted("(.*/)?" + literal(service))
        : label + (is ? "=" : "!=") + quoted(service);
  }

  private static String matcher(LabelMatcher matcher) {
    String label = LabelNames.normal(matcher.label());
    if (matcher.values().isEmpty()) {
      return label + "!=\"\"";
    }
    String values =
        matcher.values().stream().map(Selectors::value).collect(Collectors.joining("|"));
    return label + "=~" + quoted(values);
  }

  private static String value(String value) {
    int last = value.length() - 1;
    if (last >= 0 && value.charAt(last) == LabelMatcher.ANY_ENDING) {
      // As everywhere, a value that is empty is none.
      return last == 0 ? ".+" : literal(value.substring(0, last)) + ".*";
    }
    return literal(value);
  }

  private static String literal(String text) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (SPECIAL.indexOf(c) >= 0) {
        escaped.append('\\');
      }
      escaped.append(c);
    }
    return escaped.toString();
  }

  private static String quoted(String text) {
    StringBuilder string = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> string.append("\\\"");
        case '\\' -> string.append("\\\\");
        case '\n' -> string.append("\\n");
        case '\r' -> string.append("\\r");
        default -> string.append(c);
      }
    }
    return string.append('"').toString();
  }
}
