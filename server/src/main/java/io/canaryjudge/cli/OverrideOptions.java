package io.canaryjudge.cli;

import com.google.protobuf.util.Durations;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.PolicyOverrides;
import io.canaryjudge.proto.v1.TrafficPlan;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What one run sets differently from its policy, where the policy allows it. */
final class OverrideOptions {

  @Option(
      names = "--plan",
      split = ",",
      paramLabel = "PERCENT",
      description = "The canary's share of traffic at each step: --plan 5,25,50,100.")
  private List<Double> plan = List.of();

  @Option(
      names = "--verify-split",
      description = "Withhold GO if the observed share of requests is not that of the step.")
  private boolean verifySplit;

  @Option(
      names = "--deadline",
      paramLabel = "SPAN",
      converter = SpanConverter.class,
      description = "Run time after which an undecided run ends INCONCLUSIVE.")
  private @Nullable Duration deadline;

  @Option(
      names = "--warm-up",
      paramLabel = "SPAN",
      converter = SpanConverter.class,
      description = "Age below which an instance is not judged.")
  private @Nullable Duration warmUp;

  @Option(
      names = "--minimum-step-time",
      paramLabel = "SPAN",
      converter = SpanConverter.class,
      description = "Time at a step before GO.")
  private @Nullable Duration minimumStepTime;

  @Option(
      names = "--window",
      paramLabel = "SPAN",
      converter = SpanConverter.class,
      description = "Length of the windows that samples are gathered into.")
  private @Nullable Duration window;

  @Option(
      names = "--lateness",
      paramLabel = "SPAN",
      converter = SpanConverter.class,
      description = "How long after its end a window still takes samples.")
  private @Nullable Duration lateness;

  /** Sets what was given. */
  void addTo(AnalysisRun.Builder run) {
    PolicyOverrides.Builder overrides = PolicyOverrides.newBuilder();
    if (!plan.isEmpty()) {
      overrides.setTrafficPlan(
          TrafficPlan.newBuilder().addAllWeights(plan).setVerifySplit(verifySplit));
    } else if (verifySplit) {
      throw new UsageException("--verify-split: without a plan (expected: --plan with it)");
    }
    set(deadline, overrides::setDeadline);
    set(warmUp, overrides::setWarmUp);
    set(minimumStepTime, overrides::setMinimumStepTime);
    set(window, overrides::setWindow);
    set(lateness, overrides::setLateness);
    if (!overrides.build().equals(PolicyOverrides.getDefaultInstance())) {
      run.setOverrides(overrides);
    }
  }

  private static void set(@Nullable Duration span, Consumer<com.google.protobuf.Duration> setter) {
    if (span != null) {
      setter.accept(Durations.fromMillis(span.toMillis()));
    }
  }
}
