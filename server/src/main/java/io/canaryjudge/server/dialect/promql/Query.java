package io.canaryjudge.server.dialect.promql;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** A query that is understood. */
sealed interface Query {

  /** A number by itself. */
  record Scalar(double value) implements Query {}

  /** {@code vector(1)}: a series without labels. */
  record Constant(double value) implements Query {}

  /** Some series. */
  record Select(Selector selector) implements Query {}

  /** One number about some series; none about none. */
  record Aggregate(Operation operation, Selector selector) implements Query {}

  /** How several values become one. */
  enum Operation {
    SUM,
    MIN,
    MAX,
    AVG,
    COUNT;

    OptionalDouble of(List<Double> values) {
      return switch (this) {
        case SUM -> values.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(sum(values));
        case MIN -> values.stream().mapToDouble(value -> value).min();
        case MAX -> values.stream().mapToDouble(value -> value).max();
        case AVG -> values.stream().mapToDouble(value -> value).average();
        case COUNT -> values.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(values.size());
      };
    }

    private static double sum(List<Double> values) {
      return values.stream().mapToDouble(value -> value).sum();
    }
  }

  /**
   * Which series.
   *
   * @param matchers all have to match; that of the name is one of them
   */
  record Selector(List<Matcher> matchers) {

    /** Label under which a series has its name. */
    static final String NAME = "__name__";

    public Selector {
      matchers = List.copyOf(matchers);
    }

    boolean matches(Map<String, String> labels) {
      return matchers.stream()
          .allMatch(matcher -> matcher.accepts(labels.getOrDefault(matcher.label(), "")));
    }

    /** The one value that a label has to have; empty if it may have several. */
    Optional<String> only(String label) {
      return matchers.stream()
          .filter(matcher -> matcher.label().equals(label) && matcher.isExact())
          .map(matcher -> matcher.alternatives().getFirst().text())
          .findFirst();
    }
  }

  /**
   * What is asked of one label.
   *
   * @param label its name
   * @param negated whether the value must be none of those
   * @param alternatives of which one is enough
   */
  record Matcher(String label, boolean negated, List<Alternative> alternatives) {

    public Matcher {
      alternatives = List.copyOf(alternatives);
    }

    boolean isExact() {
      return !negated && alternatives.size() == 1 && alternatives.getFirst().isExact();
    }

    boolean accepts(String value) {
      return alternatives.stream().anyMatch(each -> each.accepts(value)) != negated;
    }
  }

  /**
   * A value, or what it contains.
   *
   * @param text literal
   * @param least how many characters there are at least, besides
   * @param anyBefore whether anything may stand before it
   * @param anyAfter whether anything may stand after it
   */
  record Alternative(String text, int least, boolean anyBefore, boolean anyAfter) {

    static Alternative exactly(String text) {
      return new Alternative(text, 0, false, false);
    }

    boolean isExact() {
      return !anyBefore && !anyAfter;
    }

    boolean accepts(String value) {
      if (value.length() < text.length() + least) {
        return false;
      }
      if (anyBefore) {
        return anyAfter ? value.contains(text) : value.endsWith(text);
      }
      return anyAfter ? value.startsWith(text) : value.equals(text);
    }
  }
}
