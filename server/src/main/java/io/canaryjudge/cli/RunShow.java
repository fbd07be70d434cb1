package io.canaryjudge.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.util.Timestamps;
import io.canaryjudge.client.VerdictPrinter;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Verdict;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows a run with its verdict; the exit code says only that there is such a run. */
@Command(name = "show", description = "Shows a run and its verdict.", sortOptions = false)
final class RunShow extends JudgeCommand {

  @Mixin private RunName run = new RunName();

  RunShow(Shell shell) {
    super(shell);
  }

  @Override
  void check() {
    run.resource(shell);
  }

  @Override
  int run(Connection.Open judge) throws InterruptedException {
    AnalysisRun found = judge.judge().run(run.resource(shell));
    Verdict verdict = judge.judge().verdict(run.resource(shell));
    if (json()) {
      ObjectNode answer = Json.object();
      answer.set("run", Json.tree(found));
      answer.set("verdict", Json.tree(verdict));
      say(answer);
      return ExitCodes.GO;
    }
    AnalysisRun clean = Printable.message(found);
    say("run       " + clean.getName());
    say("service   " + clean.getService());
    say("versions  " + clean.getBaselineVersion() + " -> " + clean.getCanaryVersion());
    say("policy    " + PolicyNames.brief(clean.getPolicyRevision()));
    say("state     " + Enums.name(clean.getState()));
    say("created   " + Timestamps.toString(clean.getCreateTime()) + by(clean.getCreator()));
    if (!clean.getArtifactDigest().isEmpty()) {
      say("digest    " + clean.getArtifactDigest());
    }
    clean
        .getLabelsList()
        .forEach(label -> say("label     " + label.getKey() + "=" + label.getValue()));
    say("");
    say(new VerdictPrinter(shell.colour()).full(Printable.message(verdict)));
    return ExitCodes.GO;
  }

  private static String by(String creator) {
    return creator.isEmpty() ? "" : " by " + creator;
  }
}
