package io.canaryjudge.cli;

import io.canaryjudge.proto.v1.ArmSelection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the arms are told apart in a service's own telemetry. */
final class ArmOptions {

  @Option(
      names = "--scope",
      paramLabel = "LABEL=VALUE",
      description = "Series of both arms match this; may be repeated.")
  private List<String> scope = List.of();

  @Option(names = "--arm-label", paramLabel = "LABEL", description = "Tells the arms apart.")
  private @Nullable String label;

  @Option(
      names = "--baseline-value",
      paramLabel = "VALUE",
      description = "Its value in the baseline. Default: the baseline's version.")
  private @Nullable String baselineValue;

  @Option(
      names = "--canary-value",
      paramLabel = "VALUE",
      description = "Its value in the canary. Default: the canary's version.")
  private @Nullable String canaryValue;

  @Option(
      names = "--baseline-series",
      paramLabel = "LABEL=VALUE",
      description = "Instead: series of the baseline match this; may be repeated.")
  private List<String> baseline = List.of();

  @Option(
      names = "--canary-series",
      paramLabel = "LABEL=VALUE",
      description = "Instead: series of the canary match this; may be repeated.")
  private List<String> canary = List.of();

  @Option(
      names = "--instance-label",
      paramLabel = "LABEL",
      description = "Tells the instances of an arm apart.")
  private @Nullable String instanceLabel;

  /** What was given; nothing means the usual labels. */
  Optional<ArmSelection> selection() {
    ArmSelection.Builder arms =
        ArmSelection.newBuilder()
            .addAllScope(Matchers.read("--scope", scope))
            .addAllBaseline(Matchers.read("--baseline-series", baseline))
            .addAllCanary(Matchers.read("--canary-series", canary));
    Optional.ofNullable(label).ifPresent(arms::setLabel);
    Optional.ofNullable(baselineValue).ifPresent(arms::setBaselineValue);
    Optional.ofNullable(canaryValue).ifPresent(arms::setCanaryValue);
    Optional.ofNullable(instanceLabel).ifPresent(arms::setInstanceLabel);
    return Optional.of(arms.build())
        .filter(given -> !given.equals(ArmSelection.getDefaultInstance()));
  }
}
