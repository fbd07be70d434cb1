package io.canaryjudge.server.dialect.kayenta;

import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.ArmSelection;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a scope: either a version, or matchers such as {@code app=guestbook and
 * rollouts-pod-template-hash=abc}.
 *
 * @param text as it came, trimmed
 * @param matchers empty for a version
 */
record ScopeText(String text, List<LabelMatcher> matchers) {

  private static final int MAX_VERSION = 200;
  private static final Pattern AND = Pattern.compile("\\s+(?i:and)\\s+|\\s*,\\s*");
  private static final Pattern MATCHER =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_./-]*)\\s*=\\s*(?!~)\"?([^\"=]*?)\"?");

  /**
   * How a run tells its arms apart.
   *
   * @param selection for series
   * @param baselineVersion for people, and for clients that send samples themselves
   * @param canaryVersion likewise
   */
  record Arms(ArmSelection selection, String baselineVersion, String canaryVersion) {}

  /** Copies the list. */
  ScopeText {
    matchers = List.copyOf(matchers);
  }

  /**
   * Reads the text of one arm.
   *
   * @throws JudgeException {@code INVALID_FIELD} if it has an equals sign and is no list of
   *     matchers
   */
  static ScopeText parse(String field, String text) {
    String trimmed = text.trim();
    if (trimmed.indexOf('=') < 0) {
      return new ScopeText(trimmed, List.of());
    }
    List<LabelMatcher> matchers = new ArrayList<>();
    for (String part : AND.split(trimmed)) {
      Matcher matcher = MATCHER.matcher(part);
      if (!matcher.matches()) {
        throw JudgeException.invalidField(
            field, text, "a version, or key=value and key=value, without other operators");
      }
      matchers.add(new LabelMatcher(matcher.group(1), List.of(matcher.group(2))));
    }
    return new ScopeText(trimmed, matchers);
  }

  /**
   * What two scopes say together. Matchers that both have are the scope of the run; if what is left
   * is another value of the same label in each, that label tells the arms apart.
   *
   * @throws JudgeException {@code INVALID_FIELD} if one is a version and the other matchers
   */
  static Arms arms(ScopeText control, ScopeText experiment) {
    if (control.matchers.isEmpty() != experiment.matchers.isEmpty()) {
      throw JudgeException.invalidField(
          "scopes.experimentScope.scope",
          experiment.text,
          "a version or matchers, as controlScope");
    }
    if (control.matchers.isEmpty()) {
      return new Arms(ArmSelection.DEFAULT, control.text, experiment.text);
    }
    List<LabelMatcher> common = new ArrayList<>(control.matchers);
    common.retainAll(experiment.matchers);
    List<LabelMatcher> baseline = without(control.matchers, common);
    List<LabelMatcher> canary = without(experiment.matchers, common);
    if (baseline.size() == 1
        && canary.size() == 1
        && baseline.getFirst().label().equals(canary.getFirst().label())) {
      String of = baseline.getFirst().values().getFirst();
      String to = canary.getFirst().values().getFirst();
      ArmSelection byLabel =
          new ArmSelection(common, baseline.getFirst().label(), of, to, List.of(), List.of(), "");
      return new Arms(byLabel, version(of), version(to));
    }
    // An arm that says no more than the other is told apart by all that it says.
    ArmSelection bySelectors =
        new ArmSelection(
            common,
            "",
            "",
            "",
            baseline.isEmpty() ? control.matchers : baseline,
            canary.isEmpty() ? experiment.matchers : canary,
            "");
    return new Arms(bySelectors, version(control.text), version(experiment.text));
  }

  private static List<LabelMatcher> without(List<LabelMatcher> all, List<LabelMatcher> common) {
    List<LabelMatcher> rest = new ArrayList<>(all);
    rest.removeAll(common);
    return rest;
  }

  private static String version(String text) {
    return text.length() <= MAX_VERSION ? text : text.substring(0, MAX_VERSION);
  }
}
