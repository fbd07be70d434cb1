package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.Policy;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * All evidence of a run. Windows go in, in time order; nothing comes out but numbers. Mutable, with
 * a single owner.
 */
public final class RunEvidence {
  private static final int FORMAT = 2;
  private static final int BEFORE_IDENTICAL_ARMS = 1;

  /** A burst this short never decides about a canary with a single instance. */
  private static final long LONE_GUARD_MILLIS = 60_000;

  private final Policy policy;
  private final long startMillis;
  private EvidenceSettings settings;
  private Instances instances;
  private List<MetricEvidence> metrics;
  private SilenceTest silence;
  private final SplitTest split;
  private final Coverage coverage;
  private final Traffic traffic;
  private IdenticalArms identical;
  private long windows;

  /** No evidence yet. */
  public RunEvidence(Policy policy, long startMillis) {
    this.policy = policy;
    this.startMillis = startMillis;
    this.settings = EvidenceSettings.of(policy);
    this.instances = new Instances(policy, startMillis);
    this.metrics = noEvidence();
    this.silence = new SilenceTest(settings.epochs(), policy.windowMillis());
    this.split = new SplitTest(settings.windowsPerMinute());
    this.coverage = new Coverage(settings.windowsPerMinute());
    this.traffic = new Traffic(policy.metrics().size());
    this.identical = new IdenticalArms(policy.metrics().size());
  }

  /** The evidence about each metric, in the order of the policy. */
  public List<MetricEvidence> metrics() {
    return metrics;
  }

  /** The instances so far. */
  public Instances instances() {
    return instances;
  }

  /** In how many of the baseline's minutes the canary was seen. */
  public Coverage coverage() {
    return coverage;
  }

  /** Whether an arm has sent anything, warming up or not. */
  public boolean seen(Arm arm) {
    return instances.count(arm) > 0;
  }

  /** Whether the canary fell silent while the baseline did not. */
  public boolean canarySilent() {
    return silence.isSilent();
  }

  /** Whether any evidence of harm was interpolated within coarse buckets. */
  public boolean interpolated() {
    for (MetricEvidence metric : metrics) {
      for (ThresholdEvidence threshold : metric.thresholds()) {
        if (threshold.interpolated()) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether any metric had more strata than are told apart. */
  public boolean strataPooled() {
    return metrics.stream().anyMatch(MetricEvidence::strataPooled);
  }

  /** Whether too little of the canary could be compared within the strata of any metric. */
  public boolean strataUnmatched() {
    return metrics.stream()
        .flatMap(metric -> metric.thresholds().stream())
        .anyMatch(ThresholdEvidence::comparesTooLittle);
  }

  /** Whether requests are split between the arms otherwise than planned. */
  public boolean splitIsOff() {
    return split.isOff();
  }

  /** Whether both arms were fed by the same data. */
  public IdenticalArms identicalArms() {
    return identical;
  }

  /**
   * Traffic moved.
   *
   * @param from the canary's share before, in percent; NaN if none was reported
   * @param to its share from now on
   */
  public void expectTraffic(double from, double to) {
    if (to < from) {
      silence.expectLess();
    }
    split.expect(to);
  }

  /**
   * Takes a window.
   *
   * @param interrupted whether what is missing from it says nothing about the arms
   */
  public void fold(WindowAggregate window, boolean interrupted) {
    instances.beginWindow(windows, window);
    windows++;
    if (settings.epochs().beginWindow()) {
      silence.snapshot();
      for (MetricEvidence metric : metrics) {
        metric.snapshot();
      }
    }
    traffic.count(window, instances);
    silence.add(traffic.baseline(), traffic.canary(), !interrupted);
    coverage.add(traffic.baseline() > 0 && !interrupted, traffic.canary() > 0);
    if (policy.trafficPlan().verifySplit() && !interrupted) {
      split.add(traffic.baseline(), traffic.canary());
    }
    if (!interrupted) {
      identical.add(window, traffic.baseline(), traffic.canary());
    }
    double cap = cap();
    for (MetricEvidence metric : metrics) {
      metric.fold(window, instances, cap);
    }
  }

  /** Writes the state, to be read with {@link #read}. */
  public void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    out.writeLong(windows);
    settings.epochs().write(out);
    instances.write(out);
    silence.write(out);
    split.write(out);
    coverage.write(out);
    traffic.write(out);
    for (MetricEvidence metric : metrics) {
      metric.write(out);
    }
    identical.write(out);
  }

  /**
   * Replaces the state by what {@link #write} wrote. State from before arms were compared as a
   * whole goes on as if all had differed until then.
   */
  public void read(DataInput in) throws IOException {
    int format = StateFormat.read("evidence", BEFORE_IDENTICAL_ARMS, FORMAT, in);
    windows = in.readLong();
    settings = settings.with(Epochs.read(in));
    instances = new Instances(policy, startMillis);
    instances.read(in);
    silence = SilenceTest.read(settings.epochs(), policy.windowMillis(), in);
    split.read(in);
    coverage.read(in);
    traffic.read(in);
    metrics = noEvidence();
    for (MetricEvidence metric : metrics) {
      metric.read(settings.epochs(), in);
    }
    identical = new IdenticalArms(policy.metrics().size());
    if (format > BEFORE_IDENTICAL_ARMS) {
      identical.read(in);
    }
  }

  /**
   * The most that this window may add to the evidence of harm of any alternative: no time shorter
   * than the burst guard can carry it to the line of NO_GO. With a single canary instance there is
   * nothing to tell a burst from a regression by, so its guard is longer. Which guard applies
   * depends on who reported within the last minute and on nothing that was reported.
   */
  private double cap() {
    long guardMillis =
        instances.recentCanaries() > 1
            ? policy.burstGuardMillis()
            : Math.max(policy.burstGuardMillis(), LONE_GUARD_MILLIS);
    long guardWindows = Math.max(1, Math.ceilDiv(guardMillis, policy.windowMillis()));
    return (StrictMath.log(1 / policy.alpha()) + StrictMath.log(Alternatives.SIZE)) / guardWindows;
  }

  private List<MetricEvidence> noEvidence() {
    List<MetricEvidence> all = new ArrayList<>();
    for (MetricPolicy metric : policy.metrics()) {
      all.add(
          switch (metric.kind()) {
            case PROPORTION -> new ProportionEvidence(metric, all.size(), settings);
            case DISTRIBUTION -> new DistributionEvidence(metric, all.size(), settings);
          });
    }
    return List.copyOf(all);
  }
}
