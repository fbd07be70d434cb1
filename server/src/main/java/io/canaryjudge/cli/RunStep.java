package io.canaryjudge.cli;

import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells that traffic now is at a step of the plan. Telling it again changes nothing. */
@Command(
    name = "step",
    description = "Tells that the canary now has this share of the traffic.",
    sortOptions = false)
final class RunStep extends ReportCommand {

  @Parameters(paramLabel = "PERCENT", description = "The canary's share of the traffic.")
  private double weight;

  @Option(
      names = "--index",
      paramLabel = "N",
      description = "Which step it is, from 0. Default: the one with this share in the plan.")
  private @Nullable Integer index;

  private int step;

  RunStep(Shell shell) {
    super(shell);
  }

  @Override
  void check() {
    super.check();
    if (!(weight >= 0 && weight <= 100)) {
      throw new UsageException("PERCENT: " + weight + " (expected: 0 to 100)");
    }
  }

  @Override
  Verdict report(Connection.Open judge, String run) throws InterruptedException {
    step = index == null ? find(judge, run) : index;
    return judge.judge().reportStep(run, step, weight);
  }

  @Override
  String what() {
    return "step " + step + ", " + Figures.number(weight) + " %";
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
