package io.canaryjudge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.canaryjudge.client.JudgeCallException;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What the commands that call a judge have in common: reaching it, saying things, failing. */
abstract class JudgeCommand implements Callable<Integer> {

  /** The forms of an answer. */
  enum Output {
    text,
    json
  }

  /** Signals end a process with 128 and their number. */
  private static final int INTERRUPTED = 130;

  final Shell shell;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "text",
      description = "How to answer: ${COMPLETION-CANDIDATES}. Default ${DEFAULT-VALUE}.")
  private Output output = Output.text;

  @Mixin private Connection connection = new Connection();

  JudgeCommand(Shell shell) {
    this.shell = shell;
  }

  /**
   * Does it.
   *
   * @return the exit code
   * @throws JudgeCallException if the judge refuses or stays out of reach
   * @throws UsageException if the arguments cannot be meant
   */
  abstract int run(Connection.Open judge) throws InterruptedException;

  /** Finds wrong arguments before anything is asked. */
  void check() {}

  @Override
  public final Integer call() {
    try {
      check();
      try (Connection.Open open = connection.open(shell)) {
        return run(open);
      }
    } catch (UsageException e) {
      warn(String.valueOf(e.getMessage()));
      return ExitCodes.USAGE;
    } catch (JudgeCallException e) {
      return failed(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return INTERRUPTED;
    }
  }

  /** What becomes of a call that failed for good. */
  int failed(JudgeCallException failure) {
    int exitCode = ExitCodes.of(failure);
    warn(describe(failure));
    return exitCode;
  }

  /** A failure in words that say what to look at. */
  static String describe(JudgeCallException failure) {
    String what =
        switch (ExitCodes.of(failure)) {
          case ExitCodes.NOT_ALLOWED -> "the judge does not let this caller";
          case ExitCodes.UNREACHABLE -> "the judge is out of reach";
          default -> "the judge refused";
        };
    return what + ": " + failure.getMessage();
  }

  boolean json() {
    return output == Output.json;
  }

  /** A line of text of the answer; harmless already. */
  void say(String line) {
    out().println(line);
    out().flush();
  }

  /** The answer as JSON. */
  void say(JsonNode answer) {
    say(Json.print(answer));
  }

  /** A remark that is no part of the answer; made harmless here. */
  void warn(String text) {
    err().println("canary-judge: " + Printable.text(text));
    err().flush();
  }

  PrintWriter out() {
    return Objects.requireNonNull(spec).commandLine().getOut();
  }

  PrintWriter err() {
    return Objects.requireNonNull(spec).commandLine().getErr();
  }
}
