package io.canaryjudge.server.dialect.promql;

import io.canaryjudge.server.dialect.promql.Query.Alternative;
import io.canaryjudge.server.dialect.promql.Query.Matcher;
import io.canaryjudge.server.dialect.promql.Query.Selector;
import io.canaryjudge.server.error.JudgeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads a query: a number, {@code vector(1)}, a selector, or one aggregation of a selector.
 * Everything else of PromQL is refused: these numbers are results, and computing with them is not
 * for the judge.
 *
 * <p>Of regular expressions those are understood that list values, with {@code .*} or {@code .+} at
 * their ends: what Grafana makes of its variables. So no pattern can take long.
 */
final class QueryParser {

  private static final int MAX_LENGTH = 2_000;
  private static final int MAX_MATCHERS = 32;
  private static final String UNDERSTOOD =
      "a number, vector(number), a selector, or sum, min, max, avg or count of a selector";

  private final String field;
  private final String text;
  private int at;

  private QueryParser(String field, String text) {
    this.field = field;
    this.text = text;
  }

  /**
   * Reads a query.
   *
   * @throws JudgeException {@code INVALID_FIELD} if it is not understood
   */
  static Query query(String text) {
    QueryParser parser = new QueryParser("query", text);
    parser.checkLength();
    Query query = parser.query();
    parser.end();
    return query;
  }

  /**
   * Reads a selector.
   *
   * @param field what it is for
   * @throws JudgeException {@code INVALID_FIELD} if it is none
   */
  static Selector selector(String field, String text) {
    QueryParser parser = new QueryParser(field, text);
    parser.checkLength();
    Selector selector = parser.selector();
    parser.end();
    return selector;
  }

  private void checkLength() {
    if (text.length() > MAX_LENGTH) {
      throw JudgeException.invalidField(
          field, text.length() + " characters", "at most " + MAX_LENGTH);
    }
  }

  private Query query() {
    skipSpace();
    Optional<Double> number = number();
    if (number.isPresent()) {
      return new Query.Scalar(number.get());
    }
    int start = at;
    String name = name();
    skipSpace();
    if (name.isEmpty() || !take('(')) {
      at = start;
      return new Query.Select(selector());
    }
    Query query = call(name.toLowerCase(Locale.ROOT));
    expect(')');
    return query;
  }

  private Query call(String function) {
    skipSpace();
    if (function.equals("vector")) {
      return new Query.Constant(number().orElseThrow(this::notUnderstood));
    }
    for (Query.Operation operation : Query.Operation.values()) {
      if (operation.name().toLowerCase(Locale.ROOT).equals(function)) {
        return new Query.Aggregate(operation, selector());
      }
    }
    throw notUnderstood();
  }

  private Selector selector() {
    skipSpace();
    List<Matcher> matchers = new ArrayList<>();
    String name = name();
    if (!name.isEmpty()) {
      matchers.add(new Matcher(Selector.NAME, false, List.of(Alternative.exactly(name))));
    }
    skipSpace();
    if (take('{')) {
      skipSpace();
      while (!take('}')) {
        if (matchers.size() >= MAX_MATCHERS) {
          throw JudgeException.invalidField(field, text, "at most " + MAX_MATCHERS + " matchers");
        }
        matchers.add(matcher());
        skipSpace();
        if (!take(',') && !isAt('}')) {
          throw notUnderstood();
        }
        skipSpace();
      }
    }
    if (matchers.isEmpty()) {
      throw notUnderstood();
    }
    return new Selector(matchers);
  }

  private Matcher matcher() {
    String label = name();
    if (label.isEmpty()) {
      throw notUnderstood();
    }
    skipSpace();
    boolean negated = take('!');
    boolean pattern;
    if (negated) {
      pattern = take('~');
      if (!pattern) {
        expect('=');
      }
    } else {
      expect('=');
      pattern = take('~');
    }
    skipSpace();
    String value = quoted();
    return new Matcher(
        label, negated, pattern ? alternatives(value) : List.of(Alternative.exactly(value)));
  }

  private List<Alternative> alternatives(String pattern) {
    List<Alternative> all = new ArrayList<>();
    String list =
        pattern.startsWith("(") && pattern.endsWith(")")
            ? pattern.substring(1, pattern.length() - 1)
            : pattern;
    for (String each : list.split("\\|", -1)) {
      all.add(alternative(each));
    }
    return all;
  }

  private Alternative alternative(String pattern) {
    String rest = pattern;
    int least = 0;
    boolean before = false;
    boolean after = false;
    if (rest.startsWith(".*") || rest.startsWith(".+")) {
      before = true;
      least += rest.charAt(1) == '+' ? 1 : 0;
      rest = rest.substring(2);
    }
    if (rest.endsWith(".*") || rest.endsWith(".+")) {
      after = true;
      least += rest.endsWith("+") ? 1 : 0;
      rest = rest.substring(0, rest.length() - 2);
    }
    return new Alternative(literal(rest), least, before, after);
  }

  private String literal(String pattern) {
    StringBuilder literal = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '\\' && i + 1 < pattern.length()) {
        literal.append(pattern.charAt(++i));
      } else if (".*+?^$()[]{}\\".indexOf(c) >= 0) {
        throw JudgeException.invalidField(
            field, pattern, "values between |, each with .* or .+ at its ends at most");
      } else {
        literal.append(c);
      }
    }
    return literal.toString();
  }

  private String quoted() {
    if (!isAt('"') && !isAt('\'')) {
      throw notUnderstood();
    }
    char quote = text.charAt(at++);
    StringBuilder value = new StringBuilder();
    while (at < text.length() && text.charAt(at) != quote) {
      char c = text.charAt(at++);
      if (c == '\\' && at < text.length()) {
        char escaped = text.charAt(at++);
        c = escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
      }
      value.append(c);
    }
    expect(quote);
    return value.toString();
  }

  private Optional<Double> number() {
    int end = at;
    while (end < text.length() && "+-.0123456789eE".indexOf(text.charAt(end)) >= 0) {
      end++;
    }
    try {
      double number = Double.parseDouble(text.substring(at, end));
      at = end;
      skipSpace();
      return Optional.of(number);
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  private String name() {
    int start = at;
    while (at < text.length() && isOfName(text.charAt(at), at == start)) {
      at++;
    }
    return text.substring(start, at);
  }

  private static boolean isOfName(char c, boolean first) {
    boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
    return letter || (!first && c >= '0' && c <= '9');
  }

  private void skipSpace() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private boolean isAt(char c) {
    return at < text.length() && text.charAt(at) == c;
  }

  private boolean take(char c) {
    if (!isAt(c)) {
      return false;
    }
    at++;
    return true;
  }

  private void expect(char c) {
    skipSpace();
    if (!take(c)) {
      throw notUnderstood();
    }
  }

  private void end() {
    skipSpace();
    if (at < text.length()) {
      throw notUnderstood();
    }
  }

  private JudgeException notUnderstood() {
    String seen = at < text.length() ? text + " (at character " + (at + 1) + ")" : text;
    return JudgeException.invalidField(field, seen.isEmpty() ? "empty" : seen, UNDERSTOOD);
  }
}
