package io.canaryjudge.cli;

import com.google.protobuf.util.Timestamps;
import io.canaryjudge.proto.v1.AnalysisRun;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists runs, newest first. */
@Command(name = "list", description = "Lists runs, newest first.", sortOptions = false)
final class RunsList extends JudgeCommand {

  private static final int MAX_LIMIT = 10_000;

  @Option(names = "--service", paramLabel = "NAME", description = "Only runs of this service.")
  private String service = "";

  @Option(
      names = "--state",
      split = ",",
      paramLabel = "STATE",
      description = "Only runs that are pending, running, completed or cancelled.")
  private List<String> states = List.of();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "At most this many. Default ${DEFAULT-VALUE}.")
  private int limit;

  RunsList(Shell shell) {
    super(shell);
  }

  @Override
  void check() {
    states();
    if (!(limit >= 1 && limit <= MAX_LIMIT)) {
      throw new UsageException("--limit: " + limit + " (expected: 1 to " + MAX_LIMIT + ")");
    }
  }

  @Override
  int run(Connection.Open judge) throws InterruptedException {
    List<AnalysisRun> runs = judge.judge().runs(service, states(), limit);
    if (json()) {
      say(Json.tree(runs));
      return ExitCodes.GO;
    }
    for (AnalysisRun one : runs) {
      AnalysisRun run = Printable.message(one);
      say(
          "%s  %s  %-9s  %s  %s -> %s  %s"
              .formatted(
                  run.getName(),
                  Timestamps.toString(run.getCreateTime()),
                  Enums.name(run.getState()),
                  run.getService(),
                  run.getBaselineVersion(),
                  run.getCanaryVersion(),
                  PolicyNames.brief(run.getPolicyRevision())));
    }
    if (runs.isEmpty()) {
      warn("no such runs");
    }
    return ExitCodes.GO;
  }

  private Set<AnalysisRun.State> states() {
    Set<AnalysisRun.State> read = EnumSet.noneOf(AnalysisRun.State.class);
    for (String state : states) {
      read.add(Enums.read("--state", state, Enums.sendable(AnalysisRun.State.values())));
    }
    return read;
  }
}
