package io.canaryjudge.server.run;

import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.analysis.policy.PolicyValidator;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.store.ArmSelection;
import java.util.ArrayList;
import java.util.List;

/** Checks how a new run tells its arms apart, all of it at once. */
final class ArmSelectionChecks {

  private static final String PATH = "analysis_run.arms";
  private static final String ANY_LABEL = "any";

  private final CreateRun request;
  private final ArmSelection arms;
  private final List<FieldViolation> violations = new ArrayList<>();

  private ArmSelectionChecks(CreateRun request) {
    this.request = request;
    this.arms = request.arms();
  }

  static List<FieldViolation> violations(CreateRun request) {
    ArmSelectionChecks checks = new ArmSelectionChecks(request);
    checks.matchers("scope", request.arms().scope());
    checks.label("label", request.arms().label());
    checks.value("baseline_value", request.arms().baselineValue());
    checks.value("canary_value", request.arms().canaryValue());
    checks.matchers("baseline", request.arms().baseline());
    checks.matchers("canary", request.arms().canary());
    checks.label("instance_label", request.arms().instanceLabel());
    if (request.arms().bySelectors()) {
      checks.selectors();
    } else {
      checks.values();
    }
    return checks.violations;
  }

  private void selectors() {
    if (arms.baseline().isEmpty() || arms.canary().isEmpty()) {
      String missing = arms.baseline().isEmpty() ? "baseline" : "canary";
      add(missing, "none", "matchers for both arms, or for none");
    } else if (arms.baseline().equals(arms.canary()) && !request.allowSameVersion()) {
      add("canary", "the same as baseline", "other matchers than baseline, or allow_same_version");
    }
    none("label", arms.label());
    none("baseline_value", arms.baselineValue());
    none("canary_value", arms.canaryValue());
  }

  private void none(String field, String value) {
    if (!value.isEmpty()) {
      add(field, value, "unset beside matchers of the arms");
    }
  }

  /** Of versions as such, the run is checked elsewhere. */
  private void values() {
    if (arms.baselineValue().isEmpty() && arms.canaryValue().isEmpty()) {
      return;
    }
    String baseline = or(arms.baselineValue(), request.baselineVersion());
    String canary = or(arms.canaryValue(), request.canaryVersion());
    if (baseline.equals(canary) && !request.allowSameVersion()) {
      String field = arms.canaryValue().isEmpty() ? "baseline_value" : "canary_value";
      add(field, canary, "another value than that of the other arm, or allow_same_version");
    }
  }

  private static String or(String value, String version) {
    return value.isEmpty() ? version : value;
  }

  private void matchers(String field, List<LabelMatcher> matchers) {
    PolicyValidator.violations(PATH + "." + field, matchers)
        .forEach(v -> violations.add(new FieldViolation(v.path(), v.came(), v.expected())));
  }

  private void label(String field, String label) {
    if (!label.isEmpty()) {
      alone(field, new LabelMatcher(label, List.of()));
    }
  }

  private void value(String field, String value) {
    alone(field, new LabelMatcher(ANY_LABEL, List.of(value)));
  }

  /** By the rules for labels and values of matchers. */
  private void alone(String field, LabelMatcher matcher) {
    PolicyValidator.violations("", List.of(matcher))
        .forEach(v -> add(field, v.came(), v.expected()));
  }

  private void add(String field, String came, String expected) {
    violations.add(new FieldViolation(PATH + "." + field, came, expected));
  }
}
