package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Aggregate;
import io.canaryjudge.analysis.aggregate.AggregateCodec;
import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.aggregate.TrailingDistribution;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known about a distribution. */
final class DistributionEvidence extends MetricEvidence {
  /** After this time a baseline value counts half where the next thresholds are chosen. */
  private static final double HALF_LIFE_MILLIS = 300_000;

  private final List<ThresholdEvidence> thresholds = new ArrayList<>();
  private final TrailingDistribution past;
  private WindowAggregate seen = new WindowAggregate(); // all values of each arm
  private final double windowsPerHalfLife;
  private final @Nullable TrailingDistribution[] pastByStratum; // instead of past

  // Scratch.
  private final ValueWindow window = new ValueWindow();
  private final @Nullable ValueWindow[] byStratum;
  private final EventCounts fewest = new EventCounts();
  private final EventCounts most = new EventCounts();

  DistributionEvidence(MetricPolicy metric, int index, EvidenceSettings settings) {
    super(metric, index);
    this.windowsPerHalfLife = HALF_LIFE_MILLIS / settings.windowMillis();
    this.past = new TrailingDistribution(windowsPerHalfLife);
    StrataIndex strata = strata();
    int size = strata == null ? 0 : strata.size();
    this.pastByStratum = new @Nullable TrailingDistribution[size];
    this.byStratum = new @Nullable ValueWindow[size];
    for (Threshold threshold : metric.thresholds()) {
      double q = threshold.quantile().orElseThrow();
      double rate = metric.harmfulDirection() == HarmfulDirection.INCREASE ? 1 - q : q;
      thresholds.add(
          switch (threshold.noGo()) {
            case Tolerance.Change _ when strata != null ->
                new StratifiedQuantileEvidence(
                    threshold, metric.harmfulDirection(), size, settings);
            case Tolerance.Change _ ->
                new QuantileChangeEvidence(
                    threshold, metric.harmfulDirection(), settings.epochs(), settings.instanceCv());
            case Tolerance.Limit _ -> settings.limit(threshold, rate, rate, true);
          });
    }
  }

  @Override
  public List<ThresholdEvidence> thresholds() {
    return thresholds;
  }

  @Override
  public long samples(Arm arm) {
    return values(arm).count();
  }

  @Override
  public double estimate(Arm arm, int threshold) {
    DistributionAggregate values = values(arm);
    return values.isEmpty() ? Double.NaN : values.quantile(quantile(threshold));
  }

  @Override
  public Bounds interval(Arm arm, int threshold, double alpha) {
    return Intervals.quantile(values(arm), quantile(threshold), alpha);
  }

  /** The ends of both arms' intervals, each at half of the error. */
  @Override
  public Bounds ratioInterval(int threshold, double alpha) {
    Bounds ofBaseline = interval(Arm.BASELINE, threshold, alpha / 2);
    Bounds ofCanary = interval(Arm.CANARY, threshold, alpha / 2);
    return new Bounds(
        ofCanary.lower() == 0 ? 0 : ofCanary.lower() / ofBaseline.upper(),
        ofBaseline.lower() == 0 ? Double.POSITIVE_INFINITY : ofCanary.upper() / ofBaseline.lower());
  }

  @Override
  void begin() {
    window.clear();
  }

  @Override
  boolean any(Arm arm) {
    return window.size(arm) > 0;
  }

  @Override
  boolean take(Arm arm, int number, int stratum, @Nullable Aggregate reported, boolean judged) {
    if (!(reported instanceof DistributionAggregate values) || values.isEmpty()) {
      return false;
    }
    if (judged) {
      window.add(arm, number, values);
      if (byStratum.length > 0) {
        ofStratum(stratum).add(arm, number, values);
      }
      if (values(arm).canMerge(values)) {
        values(arm).merge(values);
      }
    }
    return true;
  }

  @Override
  void end(double cap) {
    for (ThresholdEvidence threshold : thresholds) {
      switch (threshold) {
        case QuantileChangeEvidence change -> change.fold(window, past, cap);
        case StratifiedQuantileEvidence change -> change.fold(byStratum, pastByStratum, cap);
        case LimitEvidence limit -> fold(limit, cap);
        case RateChangeEvidence _, StratifiedRateEvidence _ ->
            throw new AssertionError("a rate of a distribution");
      }
    }
    if (byStratum.length == 0) {
      remember(window, past);
    }
    for (int number = 0; number < byStratum.length; number++) {
      rememberStratum(number);
    }
    window.clear(); // keep nothing of the caller's
  }

  private void rememberStratum(int number) {
    ValueWindow values = byStratum[number];
    TrailingDistribution present = pastByStratum[number];
    if (present == null && values != null && values.size(Arm.BASELINE) > 0) {
      present = new TrailingDistribution(windowsPerHalfLife);
      pastByStratum[number] = present;
    }
    if (present != null) {
      remember(values, present);
    }
    if (values != null) {
      values.clear();
    }
  }

  /** Nothing is added of a stratum that has not reported. */
  private static void remember(@Nullable ValueWindow values, TrailingDistribution into) {
    into.passWindow();
    if (values != null) {
      for (int i = 0; i < values.size(Arm.BASELINE); i++) {
        into.add(values.values(Arm.BASELINE, i));
      }
    }
  }

  private ValueWindow ofStratum(int number) {
    ValueWindow present = byStratum[number];
    if (present == null) {
      present = new ValueWindow();
      byStratum[number] = present;
    }
    return present;
  }

  @Override
  void write(DataOutput out) throws IOException {
    past.write(out);
    for (TrailingDistribution ofStratum : pastByStratum) {
      out.writeBoolean(ofStratum != null);
      if (ofStratum != null) {
        ofStratum.write(out);
      }
    }
    AggregateCodec.write(seen, out);
    super.write(out);
  }

  @Override
  void read(Epochs epochs, DataInput in) throws IOException {
    past.read(in);
    for (int number = 0; number < pastByStratum.length; number++) {
      pastByStratum[number] = in.readBoolean() ? readPast(in) : null;
    }
    seen = AggregateCodec.read(in);
    super.read(epochs, in);
  }

  private TrailingDistribution readPast(DataInput in) throws IOException {
    TrailingDistribution read = new TrailingDistribution(windowsPerHalfLife);
    read.read(in);
    return read;
  }

  private void fold(LimitEvidence limit, double cap) {
    HarmfulDirection direction = metric().harmfulDirection();
    fewest.clear();
    window.countAtLeast(Arm.CANARY, limit(limit.threshold().noGo()), direction, fewest);
    most.clear();
    window.countAtMost(Arm.CANARY, limit(limit.threshold().go()), direction, most);
    limit.fold(fewest, most, cap);
  }

  private static double limit(Tolerance tolerance) {
    return ((Tolerance.Limit) tolerance).limit();
  }

  private double quantile(int threshold) {
    return metric().thresholds().get(threshold).quantile().orElseThrow();
  }

  private DistributionAggregate values(Arm arm) {
    return (DistributionAggregate) seen.at(0, arm, "", MetricKind.DISTRIBUTION);
  }
}
