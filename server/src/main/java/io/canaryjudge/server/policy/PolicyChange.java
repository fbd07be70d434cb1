package io.canaryjudge.server.policy;

import io.canaryjudge.server.error.FieldViolation;
import java.util.ArrayList;
import java.util.List;

/**
 * Who changes a policy, and why.
 *
 * @param author in their own words; at most 200 characters
 * @param reason why; at most 2,000 characters
 * @param caller who they were proven to be, for the audit; may be empty
 */
public record PolicyChange(String author, String reason, String caller) {

  private static final int MAX_AUTHOR_LENGTH = 200;
  private static final int MAX_REASON_LENGTH = 2_000;

  List<FieldViolation> violations() {
    List<FieldViolation> violations = new ArrayList<>();
    check("author", author, MAX_AUTHOR_LENGTH, violations);
    check("reason", reason, MAX_REASON_LENGTH, violations);
    return violations;
  }

  private static void check(
      String field, String text, int mostCharacters, List<FieldViolation> violations) {
    if (text.length() > mostCharacters) {
      violations.add(
          new FieldViolation(
              field, text.length() + " characters", "at most " + mostCharacters + " characters"));
    }
    // Not every database keeps a NUL, and no terminal should obey a name.
    if (text.chars().anyMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t')) {
      violations.add(new FieldViolation(field, "a control character", "text, tabs and line feeds"));
    }
  }
}
