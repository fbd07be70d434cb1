package io.canaryjudge.server.policy;

import io.canaryjudge.analysis.policy.PolicyViolation;
import io.canaryjudge.server.error.FieldViolation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is wrong with one policy so far. Reading goes on after a violation with a stand-in for the
 * value; the findings remember for which paths that is so, that the stand-in is not blamed too.
 */
final class Findings {

  private static final int MAX_TOLD = 100;
  private static final String WHOLE = "policy";

  private final List<FieldViolation> violations = new ArrayList<>();
  private final Set<String> unreadable = new HashSet<>();
  private final Set<String> missing = new HashSet<>();

  /** What is wrong before any value was looked at. */
  List<FieldViolation> ofText() {
    return violations;
  }

  /** A value that cannot be read at all. */
  void unreadable(String path, String came, String expected) {
    violations.add(new FieldViolation(path.isEmpty() ? WHOLE : path, came, expected));
    unreadable.add(path);
  }

  /** A required value is not there; its rule says what is expected. */
  void missing(String path) {
    missing.add(path);
  }

  /** Nothing that is said of this path or below it is worth telling. */
  void doubtful(String path) {
    unreadable.add(path);
  }

  /**
   * Everything that is wrong: what could not be read, and what makes no sense.
   *
   * @param senseless violations of the policy as it was read, stand-ins included
   */
  List<FieldViolation> with(List<PolicyViolation> senseless) {
    List<FieldViolation> all = new ArrayList<>(violations);
    for (PolicyViolation violation : senseless) {
      if (isReadable(violation.path())) {
        boolean isMissing = missing.contains(violation.path());
        all.add(
            new FieldViolation(
                violation.path(), isMissing ? "missing" : violation.came(), violation.expected()));
      }
    }
    if (all.size() > MAX_TOLD) {
      int left = all.size() - MAX_TOLD;
      all = new ArrayList<>(all.subList(0, MAX_TOLD));
      all.add(new FieldViolation("…", left + " more violations", "none"));
    }
    return List.copyOf(all);
  }

  /** False if this, or what it is in, could not be read. */
  boolean isReadable(String path) {
    String prefix = path;
    while (!prefix.isEmpty()) {
      if (unreadable.contains(prefix)) {
        return false;
      }
      int end = Math.max(prefix.lastIndexOf('.'), prefix.lastIndexOf('['));
      prefix = prefix.substring(0, Math.max(end, 0));
    }
    return !unreadable.contains("");
  }
}
