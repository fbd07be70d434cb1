package io.canaryjudge.analysis.verdict;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.aggregate.ProportionAggregate;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.InconclusiveAction;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.MetricRole;
import io.canaryjudge.analysis.policy.MissingDataAction;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.ReleaseRules;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import io.canaryjudge.analysis.policy.TrafficPlan;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it takes to fold a sealed window of 5 s and to come to a verdict, with all of its estimates
 * and intervals, for a run of one metric with 10 instances in each arm and about 50 requests of
 * each.
 *
 * <p>The median is the figure to look at: it does not move while something else runs.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 4, time = 2)
public class FoldAndDecideBenchmark {
  private static final int INSTANCES = 10;
  private static final int REQUESTS = 50;
  private static final int WINDOWS = 512;
  private static final int FOLDED = 1440;

  /** {@code errors}: one relative threshold. {@code latency}: P50, P95 and P99. */
  @Param({"errors", "latency"})
  public String metric;

  private final WindowAggregate[] windows = new WindowAggregate[WINDOWS];
  private RunAnalysis run = RunAnalysis.begin(policy(errors()), 0);
  private WindowAggregate window = new WindowAggregate();
  private long next;

  /** Makes the windows and folds two hours of them: 48 snapshots are held, as many as ever are. */
  @Setup
  public void prepare() {
    Random random = new Random(1);
    for (int i = 0; i < WINDOWS; i++) {
      windows[i] = window(random);
    }
    run = RunAnalysis.begin(policy(metric.equals("errors") ? errors() : latency()), 0);
    while (next < FOLDED) {
      fill();
      foldAndDecide();
    }
  }

  /** A window that nobody has read yet, as a server has it. */
  @Setup(Level.Invocation)
  public void fill() {
    window = windows[(int) (next % WINDOWS)].copy();
  }

  /** One window of one metric, more than two hours into a run of a healthy release. */
  @Benchmark
  public Verdict foldAndDecide() {
    return run.apply(new LogEntry.WindowSealed(next++, window));
  }

  private WindowAggregate window(Random random) {
    WindowAggregate window = new WindowAggregate();
    for (Arm arm : Arm.values()) {
      for (int i = 0; i < INSTANCES; i++) {
        int requests = REQUESTS - 10 + random.nextInt(21);
        if (metric.equals("errors")) {
          long failures = 0;
          for (int n = 0; n < requests; n++) {
            failures += random.nextDouble() < 0.01 ? 1 : 0;
          }
          ((ProportionAggregate) window.at(0, arm, arm.name() + i, MetricKind.PROPORTION))
              .add(requests, failures);
        } else {
          DistributionAggregate values =
              (DistributionAggregate) window.at(0, arm, arm.name() + i, MetricKind.DISTRIBUTION);
          for (int n = 0; n < requests; n++) {
            values.addValue(0.1 * StrictMath.exp(0.6 * random.nextGaussian()), 1);
          }
        }
      }
    }
    return window;
  }

  private static MetricPolicy errors() {
    Tolerance tolerance = new Tolerance.Change(0.5, 0, 0.005);
    return metric(
        "error_rate",
        MetricKind.PROPORTION,
        "1",
        List.of(new Threshold(OptionalDouble.empty(), tolerance, tolerance, 0)));
  }

  private static MetricPolicy latency() {
    return metric(
        "latency",
        MetricKind.DISTRIBUTION,
        "s",
        List.of(quantile(0.5, 0.25), quantile(0.95, 0.5), quantile(0.99, 1)));
  }

  private static Threshold quantile(double q, double go) {
    return new Threshold(
        OptionalDouble.of(q), new Tolerance.Change(0.1, 0, 0), new Tolerance.Change(go, 0, 0), 0);
  }

  private static MetricPolicy metric(
      String name, MetricKind kind, String unit, List<Threshold> thresholds) {
    return new MetricPolicy(
        name,
        kind,
        unit,
        HarmfulDirection.INCREASE,
        MetricRole.DECIDES,
        1,
        false,
        5,
        thresholds,
        List.of(),
        null);
  }

  /** Without an end: what is decided stays WAIT as long as the minimum time of a step does. */
  private static Policy policy(MetricPolicy metric) {
    long never = 10L * 365 * 86_400_000;
    return new Policy(
        "bench",
        "",
        0.01,
        0.01,
        5_000,
        10_000,
        0,
        never,
        0,
        0,
        15_000,
        0.8,
        0,
        MissingDataAction.NO_GO,
        InconclusiveAction.HOLD,
        List.of(metric),
        List.of(),
        new TrafficPlan(List.of(), false),
        Set.of(),
        ReleaseRules.NONE);
  }
}
