package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Aggregate;
import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.MetricPolicy;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known about one metric: the evidence about each of its thresholds, and what was seen of
 * both arms in all. Mutable, with a single owner.
 */
public abstract sealed class MetricEvidence permits ProportionEvidence, DistributionEvidence {
  private static final int FORMAT = 1;

  private final MetricPolicy metric;
  private final int index;
  private final BitSet baselineInstances = new BitSet();
  private final BitSet canaryInstances = new BitSet();
  private boolean warmingUp;
  private final @Nullable StrataIndex strata;

  MetricEvidence(MetricPolicy metric, int index) {
    this.metric = metric;
    this.index = index;
    this.strata = metric.strata() == null ? null : new StrataIndex(metric.strata().limit());
  }

  /** Its policy. */
  public final MetricPolicy metric() {
    return metric;
  }

  /** The evidence about each threshold, in the order of the policy. */
  public abstract List<? extends ThresholdEvidence> thresholds();

  /** Requests (or values) of an arm that were judged. */
  public abstract long samples(Arm arm);

  /**
   * The arm's proportion, or its quantile that a threshold compares; NaN with no samples.
   *
   * @param threshold index of the threshold
   */
  public abstract double estimate(Arm arm, int threshold);

  /** Anytime-valid interval of {@link #estimate}, at one minus the given coverage. */
  public abstract Bounds interval(Arm arm, int threshold, double alpha);

  /** Anytime-valid interval of the ratio of the canary's to the baseline's estimate. */
  public abstract Bounds ratioInterval(int threshold, double alpha);

  /** The ratio of the canary's to the baseline's estimate; within strata where there are some. */
  public double ratio(int threshold) {
    return estimate(Arm.CANARY, threshold) / estimate(Arm.BASELINE, threshold);
  }

  /** Name of a stratum by its number, as {@link ThresholdEvidence#drivingStratum} gives it. */
  public final String stratum(int number) {
    return strata == null ? "" : strata.name(number);
  }

  /** Whether there were more strata than are told apart. */
  public final boolean strataPooled() {
    return strata != null && strata.pooled();
  }

  /** Number of instances of an arm that were judged. */
  public final int instances(Arm arm) {
    return judged(arm).cardinality();
  }

  /** Whether in the last window that had samples of this metric all of an arm's were warming up. */
  public final boolean warmingUp() {
    return warmingUp;
  }

  /** Takes the snapshot that {@link Epochs#beginWindow} asked for. */
  final void snapshot() {
    for (ThresholdEvidence threshold : thresholds()) {
      threshold.snapshot();
    }
  }

  /**
   * Takes a window.
   *
   * @param cap the most that the window may add to the evidence of harm, for each alternative
   */
  final void fold(WindowAggregate window, Instances instances, double cap) {
    begin();
    List<String> names = window.strata(index);
    int[] numbers = numbers(names);
    boolean baseline = take(Arm.BASELINE, window, instances, names, numbers);
    boolean canary = take(Arm.CANARY, window, instances, names, numbers);
    if (baseline || canary) {
      warmingUp = (baseline && !any(Arm.BASELINE)) || (canary && !any(Arm.CANARY));
    }
    end(cap);
    for (ThresholdEvidence threshold : thresholds()) {
      threshold.endWindow();
    }
  }

  /** Begins a window. */
  abstract void begin();

  /** Whether an instance that is judged reported something in this window. */
  abstract boolean any(Arm arm);

  /**
   * Takes what an instance reported.
   *
   * @param stratum number of the stratum; of no meaning without strata
   * @return whether that was anything
   */
  abstract boolean take(
      Arm arm, int number, int stratum, @Nullable Aggregate reported, boolean judged);

  /** Folds the window that was taken. */
  abstract void end(double cap);

  /** The strata; null if the metric is not split. */
  final @Nullable StrataIndex strata() {
    return strata;
  }

  /** The strata of a window by number. A metric that is not split takes them together. */
  private int[] numbers(List<String> names) {
    int[] numbers = new int[names.size()];
    if (strata != null) {
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = strata.of(names.get(i));
      }
    }
    return numbers;
  }

  private boolean take(
      Arm arm, WindowAggregate window, Instances instances, List<String> names, int[] numbers) {
    int rest = strata == null ? 0 : strata.rest();
    ArmInstances reporting = instances.of(arm);
    boolean any = false;
    for (int i = 0; i < reporting.present(); i++) {
      int number = reporting.number(i);
      boolean isJudged = metric.duringWarmUp() || reporting.isWarm(i);
      String name = reporting.name(i);
      boolean reported = take(arm, number, rest, window.find(index, arm, name), isJudged);
      for (int s = 0; s < numbers.length; s++) {
        Aggregate ofStratum = window.find(index, arm, names.get(s), name);
        reported |= take(arm, number, numbers[s], ofStratum, isJudged);
      }
      if (reported && isJudged) {
        judged(arm).set(number);
      }
      any |= reported;
    }
    return any;
  }

  private BitSet judged(Arm arm) {
    return switch (arm) {
      case BASELINE -> baselineInstances;
      case CANARY -> canaryInstances;
    };
  }

  void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    for (Arm arm : Arm.values()) {
      long[] words = judged(arm).toLongArray();
      out.writeInt(words.length);
      for (long word : words) {
        out.writeLong(word);
      }
    }
    out.writeBoolean(warmingUp);
    if (strata != null) {
      strata.write(out);
    }
    for (ThresholdEvidence threshold : thresholds()) {
      threshold.write(out);
    }
  }

  void read(Epochs epochs, DataInput in) throws IOException {
    StateFormat.check("metric", FORMAT, in);
    for (Arm arm : Arm.values()) {
      long[] words = new long[StateFormat.readInt("words", 0, InstanceIndex.MAX_INSTANCES, in)];
      for (int i = 0; i < words.length; i++) {
        words[i] = in.readLong();
      }
      judged(arm).clear();
      judged(arm).or(BitSet.valueOf(words));
    }
    warmingUp = in.readBoolean();
    if (strata != null) {
      strata.read(in);
    }
    for (ThresholdEvidence threshold : thresholds()) {
      threshold.read(epochs, in);
    }
  }
}
