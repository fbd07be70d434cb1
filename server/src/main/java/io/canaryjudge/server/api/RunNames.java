package io.canaryjudge.server.api;

import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import java.util.Optional;
import java.util.function.Consumer;

/** Resource names of runs: {@code analysisRuns/{analysis_run}} and of their verdicts. */
final class RunNames {

  private static final String RUNS = "analysisRuns/";
  private static final String EXPECTED = "analysisRuns/{analysis_run}";
  private static final int MAX_ID_LENGTH = 100;

  private RunNames() {}

  static String of(String id) {
    return RUNS + id;
  }

  static String ofVerdict(String id, long revision) {
    return RUNS + id + "/verdicts/" + revision;
  }

  /**
   * The id in a name.
   *
   * @throws JudgeException {@code INVALID_FIELD} if it is not the name of a run
   */
  static String id(String field, String name) {
    return parse(name).orElseThrow(() -> JudgeException.invalidField(field, shown(name), EXPECTED));
  }

  /** The id in a name; empty with a violation if it is not the name of a run. */
  static String id(String field, String name, Consumer<FieldViolation> violations) {
    Optional<String> id = parse(name);
    if (id.isEmpty()) {
      violations.accept(new FieldViolation(field, shown(name), EXPECTED));
    }
    return id.orElse("");
  }

  private static Optional<String> parse(String name) {
    String id = name.startsWith(RUNS) ? name.substring(RUNS.length()) : "";
    boolean valid = !id.isEmpty() && id.length() <= MAX_ID_LENGTH && id.indexOf('/') < 0;
    return valid ? Optional.of(id) : Optional.empty();
  }

  private static String shown(String name) {
    return name.isEmpty() ? "empty" : name;
  }
}
