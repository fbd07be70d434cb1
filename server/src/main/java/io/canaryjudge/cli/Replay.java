package io.canaryjudge.cli;

import io.canaryjudge.proto.v1.ReplayAnalysisRunResponse;
import io.canaryjudge.proto.v1.VerdictDifference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Has a run judged again from its log. */
@Command(
    name = "replay",
    description = {
      "Judges a run again from its stored log, and compares with its recorded verdicts to the bit."
          + " Ends with 1 if any of them did not come out again."
    },
    sortOptions = false)
final class Replay extends JudgeCommand {

  @Mixin private RunName run = new RunName();

  Replay(Shell shell) {
    super(shell);
  }

  @Override
  void check() {
    run.resource(shell);
  }

  @Override
  int run(Connection.Open judge) throws InterruptedException {
    ReplayAnalysisRunResponse replayed = judge.judge().replay(run.resource(shell));
    if (json()) {
      say(Json.tree(replayed));
    } else {
      say(
          "%s: %d entries, %d recorded verdicts compared, %d different"
              .formatted(
                  Figures.headline(replayed.getVerdict()),
                  replayed.getEntryCount(),
                  replayed.getComparedVerdictCount(),
                  replayed.getDifferentVerdictCount()));
      replayed.getDifferencesList().forEach(difference -> say("  " + text(difference)));
    }
    return replayed.getDifferentVerdictCount() == 0 ? ExitCodes.GO : ExitCodes.NO_GO;
  }

  private static String text(VerdictDifference difference) {
    return "revision %d: recorded %s, replayed %s"
        .formatted(
            difference.getRecorded().getRevision(),
            Figures.headline(difference.getRecorded()),
            difference.hasReplayed() ? Figures.headline(difference.getReplayed()) : "nothing");
  }
}
