package io.canaryjudge.cli;

import io.canaryjudge.proto.v1.Verdict;

/**
 * What GitHub Actions shows of a verdict, see "Workflow commands for GitHub Actions". One
 * annotation per wait: a step may have ten of a kind.
 */
final class GitHub {

  /** The name of the file that is shown as summary of the step is in this variable. */
  static final String SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY";

  private static final int MAX_MESSAGE = 2_000;

  private GitHub() {}

  /** One workflow command. */
  static String annotation(Answer answer) {
    String kind =
        switch (answer.outcome()) {
          case GO -> "notice";
          case NO_GO -> "error";
          case INCONCLUSIVE, CANCELLED, WAIT, TIMEOUT, UNREACHABLE, INTERRUPTED -> "warning";
        };
    String message =
        (answer.changed().isEmpty() ? "" : answer.changed() + " ")
            + answer.verdict().map(Verdict::getExplanation).orElse("")
            + (answer.cause().isEmpty() ? "" : " " + answer.cause());
    String title = "Canary " + answer.outcome() + ": " + answer.outcome().meaning();
    return "::%s title=%s::%s".formatted(kind, property(title), data(message.strip()));
  }

  /** As the toolkit of GitHub escapes the message of a command. */
  private static String data(String text) {
    String clean = Printable.text(text);
    return (clean.length() > MAX_MESSAGE ? clean.substring(0, MAX_MESSAGE) : clean)
        .replace("%", "%25")
        .replace("\r", "%0D")
        .replace("\n", "%0A");
  }

  /** As the toolkit of GitHub escapes a property of a command. */
  private static String property(String text) {
    return data(text).replace(":", "%3A").replace(",", "%2C");
  }
}
