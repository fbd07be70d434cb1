package io.canaryjudge.cli;

import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.canaryjudge.proto.v1.CheckMetricSourcesRequest;
import io.canaryjudge.proto.v1.CheckMetricSourcesResponse;
import io.canaryjudge.proto.v1.MetricSources;
import io.canaryjudge.proto.v1.SourceSeries;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what a policy would be made of, before it is applied. */
@Command(
    name = "check-sources",
    description = {
      "Shows which series of the judge's Prometheus the metrics of a policy file would be made of,"
          + " and applies nothing. Ends with 1 if there is a problem with any."
    },
    sortOptions = false)
final class PolicyCheckSources extends JudgeCommand {

  private static final int PROBLEMS = 1;

  @Parameters(paramLabel = "FILE", description = "Policy file, YAML or JSON.")
  private @Nullable Path file;

  @Mixin private Compared compared = new Compared();

  @Option(
      names = "--range",
      paramLabel = "SPAN",
      converter = SpanConverter.class,
      description = "How far to look back, up to 15m. Default 5m.")
  private @Nullable Duration range;

  @Mixin private ArmOptions arms = new ArmOptions();

  PolicyCheckSources(Shell shell) {
    super(shell);
  }

  @Override
  int run(Connection.Open judge) throws InterruptedException {
    CheckMetricSourcesRequest.Builder request =
        CheckMetricSourcesRequest.newBuilder()
            .setText(PolicyFiles.text(Optional.ofNullable(file).orElseThrow()))
            .setService(compared.service())
            .setBaselineVersion(compared.baseline())
            .setCanaryVersion(compared.canary());
    arms.selection().ifPresent(request::setArms);
    Optional.ofNullable(range)
        .ifPresent(span -> request.setRange(Durations.fromMillis(span.toMillis())));
    CheckMetricSourcesResponse answer = judge.policies().checkSources(request.build());
    if (json()) {
      say(Json.tree(answer));
    } else {
      answer.getMetricsList().forEach(this::show);
    }
    answer.getProblemsList().forEach(this::warn);
    boolean fine =
        answer.getProblemsCount() == 0
            && answer.getMetricsList().stream().allMatch(each -> each.getProblemsCount() == 0);
    return fine ? ExitCodes.GO : PROBLEMS;
  }

  private void show(MetricSources metric) {
    say(Printable.text(metric.getMetric()) + ":");
    for (SourceSeries series : metric.getSeriesList()) {
      say("  " + line(series));
    }
    metric.getProblemsList().forEach(problem -> say("  problem: " + Printable.text(problem)));
  }

  private static String line(SourceSeries series) {
    StringBuilder line =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%-8s %s: %d series of %d instances, +%.0f",
                series.getCanary() ? "canary" : "baseline",
                Printable.text(series.getName()),
                series.getSeriesCount(),
                series.getInstanceCount(),
                series.getIncrease()));
    if (series.getFailureIncrease() > 0) {
      line.append(String.format(Locale.ROOT, " with %.0f failures", series.getFailureIncrease()));
    }
    if (series.hasLastTime()) {
      line.append(", last at ").append(Timestamps.toString(series.getLastTime()));
    }
    return line.toString();
  }
}
