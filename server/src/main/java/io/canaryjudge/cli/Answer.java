package io.canaryjudge.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.proto.v1.Verdict;
import java.util.Optional;

/**
 * What a command that asks for a verdict ends with.
 *
 * @param run {@code analysisRuns/{analysis_run}}
 * @param outcome how it ended
 * @param exitCode what the process says
 * @param changed why that is not the outcome's own exit code; empty if it is
 * @param verdict the newest verdict that was seen
 * @param cause what was in the way; empty if nothing was
 */
record Answer(
    String run,
    Outcome outcome,
    int exitCode,
    String changed,
    Optional<Verdict> verdict,
    String cause) {

  /** With the outcome's own exit code. */
  static Answer of(String run, Outcome outcome, Optional<Verdict> verdict, String cause) {
    return new Answer(run, outcome, outcome.exitCode(), "", verdict, cause);
  }

  Answer changedTo(int otherExitCode, String why) {
    return new Answer(run, outcome, otherExitCode, why, verdict, cause);
  }

  /** One line that says it all. Harmless if the verdict's text is. */
  String sentence() {
    String said =
        outcome
            + verdict.map(one -> " (" + Enums.name(one.getReason()) + ")").orElse("")
            + ": "
            + outcome.meaning();
    return cause.isEmpty() ? said : said + ". " + cause;
  }

  ObjectNode json() {
    // The number of the signal decides, and is not known here.
    boolean known = outcome != Outcome.INTERRUPTED;
    ObjectNode answer =
        Json.object()
            .put("run", run)
            .put("outcome", outcome.name())
            .put("exit_code", known ? exitCode : null)
            .put("own_exit_code", known ? outcome.exitCode() : null)
            .put("exit_code_changed", changed)
            .put("cause", cause);
    answer.set("verdict", verdict.map(Json::tree).orElse(null));
    return answer;
  }
}
