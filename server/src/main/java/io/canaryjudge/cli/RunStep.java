package io.canaryjudge.cli;

import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Verdict;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells that traffic now is at a step of the plan. Telling it again changes nothing. */
@Command(
    name = "step",
    description = "Tells that the canary now has this share of the traffic.",
    sortOptions = false)
final class RunStep extends JudgeCommand {

  @Parameters(paramLabel = "PERCENT", description = "The canary's share of the traffic.")
  private double weight;

  @Mixin private RunName run = new RunName();

  @Option(
      names = "--index",
      paramLabel = "N",
      description = "Which step it is, from 0. Default: the one with this share in the plan.")
  private @Nullable Integer index;

  RunStep(Shell shell) {
    super(shell);
  }

  @Override
  void check() {
    run.resource(shell);
    if (!(weight >= 0 && weight <= 100)) {
      throw new UsageException("PERCENT: " + weight + " (expected: 0 to 100)");
    }
  }

  @Override
  int run(Connection.Open judge) throws InterruptedException {
    String name = run.resource(shell);
    int step = index == null ? find(judge, name) : index;
    Verdict verdict = judge.judge().reportStep(name, step, weight);
    if (json()) {
      say(Json.tree(verdict));
    } else {
      say(
          String.format(
              Locale.ROOT,
              "step %d, %s %%: %s",
              step,
              Figures.number(weight),
              Figures.headline(verdict)));
    }
    return ExitCodes.GO;
  }

  private int find(Connection.Open judge, String name) throws InterruptedException {
    AnalysisRun found = judge.judge().run(name);
    List<Double> plan = found.getOverrides().getTrafficPlan().getWeightsList();
    if (plan.isEmpty()) {
      plan =
          judge
              .policies()
              .find(found.getPolicyRevision())
              .map(policy -> policy.getTrafficPlan().getWeightsList())
              .orElse(List.of());
    }
    int found0 = plan.indexOf(weight);
    if (found0 < 0) {
      throw new UsageException(
          "PERCENT: %s is no step of the plan %s (expected: one of them, or --index too)"
              .formatted(Figures.number(weight), plan));
    }
    return found0;
  }
}
