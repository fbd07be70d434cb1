package io.canaryjudge.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which run is meant. */
final class RunName {

  private static final String PREFIX = "analysisRuns/";

  @Option(
      names = "--run",
      paramLabel = "RUN",
      description = "The run, as 'run create' names it. Else CANARY_JUDGE_RUN.")
  private @Nullable String run;

  /** The name as a resource. */
  String resource(Shell shell) {
    String name =
        Optional.ofNullable(run)
            .or(() -> shell.variable("CANARY_JUDGE_RUN"))
            .map(String::strip)
            .orElse("");
    if (!name.matches("(analysisRuns/)?[A-Za-z0-9_-]{1,100}")) {
      throw new UsageException(
          (name.isEmpty() ? "no run" : "run: '" + name + "'")
              + " (expected: --run RUN or CANARY_JUDGE_RUN, as 'run create' printed it)");
    }
    return name.startsWith(PREFIX) ? name : PREFIX + name;
  }
}
