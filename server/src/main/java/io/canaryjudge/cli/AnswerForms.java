package io.canaryjudge.cli;

import io.canaryjudge.client.VerdictPrinter;
import io.canaryjudge.proto.v1.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The further forms of an answer: for GitHub, and Markdown for others. */
final class AnswerForms {

  private static final String STANDARD_OUTPUT = "-";

  @Option(
      names = "--github",
      description = "Annotate the job of GitHub Actions, and write its summary.")
  private boolean github;

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "Write the verdict as Markdown; - for standard output, in place of the text.")
  private @Nullable String markdown;

  void check(boolean json) {
    if (json && STANDARD_OUTPUT.equals(markdown)) {
      throw new UsageException("--markdown=-: with JSON (expected: a file, or --output text)");
    }
  }

  /** Tells an answer in every form that was asked for. */
  void tell(JudgeCommand command, Answer answer) {
    if (!answer.changed().isEmpty()) {
      command.warn(answer.changed());
    }
    if (command.json()) {
      command.say(answer.json());
    } else if (STANDARD_OUTPUT.equals(markdown)) {
      command.say(VerdictMarkdown.page(answer).stripTrailing());
    } else {
      command.say(text(command.shell, answer));
    }
    if (github) {
      // Both streams are searched for commands; JSON stays alone on its own.
      var out = command.json() ? command.err() : command.out();
      out.println(GitHub.annotation(answer));
      out.flush();
      Optional<String> summary = command.shell.variable(GitHub.SUMMARY_VARIABLE);
      if (summary.isPresent()) {
        write(command, summary.get(), answer, StandardOpenOption.APPEND);
      } else {
        command.warn(GitHub.SUMMARY_VARIABLE + " is not set: no summary was written");
      }
    }
    if (markdown != null && !STANDARD_OUTPUT.equals(markdown)) {
      write(command, markdown, answer, StandardOpenOption.TRUNCATE_EXISTING);
    }
  }

  /** A page that cannot be written changes no verdict, so it changes no exit code. */
  private static void write(
      JudgeCommand command, String file, Answer answer, StandardOpenOption how) {
    try {
      Files.writeString(
          Path.of(file),
          VerdictMarkdown.page(answer),
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE,
          how);
    } catch (IOException | InvalidPathException e) {
      command.warn("the page was not written: " + e);
    }
  }

  private static String text(Shell shell, Answer answer) {
    StringBuilder text = new StringBuilder();
    answer
        .verdict()
        .ifPresent(
            (Verdict verdict) ->
                text.append(new VerdictPrinter(shell.colour()).full(Printable.message(verdict)))
                    .append(System.lineSeparator())
                    .append(System.lineSeparator()));
    text.append(Printable.text(answer.sentence()));
    if (!answer.changed().isEmpty()) {
      text.append(System.lineSeparator()).append(Printable.text(answer.changed()));
    }
    return text.toString();
  }
}
