package io.canaryjudge.server.run;

import io.canaryjudge.analysis.policy.ReleaseRules;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Checks what people and tools report. Each method throws a {@link JudgeException} of reason {@code
 * INVALID_FIELD} with every violation.
 */
final class ReportChecks {

  private static final int MAX_NAME = 200;
  private static final int MAX_TEXT = 2_000;
  private static final Pattern CHECK = Pattern.compile("[a-z][a-z0-9-]{0,62}");

  private final List<FieldViolation> violations = new ArrayList<>();

  private ReportChecks() {}

  static void step(int index, double weight) {
    ReportChecks checks = new ReportChecks();
    if (index < 0) {
      checks.add("step.index", Integer.toString(index), "at least 0");
    }
    if (!(weight >= 0 && weight <= 100)) {
      checks.add("step.weight", Double.toString(weight), "in [0, 100]");
    }
    checks.finish();
  }

  static void check(String name, String reason, String link) {
    ReportChecks checks = new ReportChecks();
    if (!CHECK.matcher(name).matches()) {
      checks.add("check", name.isEmpty() ? "empty" : name, CHECK.pattern());
    } else if (name.startsWith(ReleaseRules.RESERVED_PREFIX)) {
      checks.add("check", name, "a name that does not begin with " + ReleaseRules.RESERVED_PREFIX);
    }
    checks.text("reason", reason, 0, MAX_TEXT);
    checks.text("link", link, 0, MAX_TEXT);
    checks.finish();
  }

  static void override(Decision decision, String author, String reason) {
    ReportChecks checks = new ReportChecks();
    if (decision != Decision.GO && decision != Decision.NO_GO) {
      checks.add("decision", decision.name(), "GO or NO_GO");
    }
    checks.text("author", author, 1, MAX_NAME);
    checks.text("reason", reason, 1, MAX_TEXT);
    checks.finish();
  }

  static void cancel(String author, String reason) {
    ReportChecks checks = new ReportChecks();
    checks.text("author", author, 0, MAX_NAME);
    checks.text("reason", reason, 0, MAX_TEXT);
    checks.finish();
  }

  private void text(String field, String text, int least, int most) {
    if (text.length() < least || text.length() > most) {
      add(
          field,
          text.isEmpty() ? "empty" : text.length() + " characters",
          (least == 0 ? "at most " : least + " to ") + most + " characters");
    }
  }

  private void add(String field, String came, String expected) {
    violations.add(new FieldViolation(field, came, expected));
  }

  private void finish() {
    if (!violations.isEmpty()) {
      throw JudgeException.invalid(ErrorReason.INVALID_FIELD, violations);
    }
  }
}
