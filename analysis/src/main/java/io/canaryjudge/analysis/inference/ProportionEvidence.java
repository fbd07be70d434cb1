package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.ProportionAggregate;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What is known about a proportion. */
final class ProportionEvidence extends MetricEvidence {
  private final List<ThresholdEvidence> thresholds = new ArrayList<>();
  private final boolean decreaseHarms;
  private RatioInterval ratio = new RatioInterval();
  private double ratioDispersion = 1;
  private long baselineTotal;
  private long baselineEvents;
  private long canaryTotal;
  private long canaryEvents;

  // Scratch.
  private final EventCounts window = new EventCounts();
  private final EventCounts complement = new EventCounts();

  ProportionEvidence(MetricPolicy metric, int index, EvidenceSettings settings) {
    super(metric, index);
    this.decreaseHarms = metric.harmfulDirection() == HarmfulDirection.DECREASE;
    for (Threshold threshold : metric.thresholds()) {
      thresholds.add(
          switch (threshold.noGo()) {
            case Tolerance.Change _ ->
                new RateChangeEvidence(
                    threshold, metric.harmfulDirection(), settings.epochs(), settings.instanceCv());
            case Tolerance.Limit(double limit) ->
                settings.limit(
                    threshold,
                    rate(limit),
                    rate(((Tolerance.Limit) threshold.go()).limit()),
                    false);
          });
    }
  }

  @Override
  public List<ThresholdEvidence> thresholds() {
    return thresholds;
  }

  @Override
  public long samples(Arm arm) {
    return arm == Arm.CANARY ? canaryTotal : baselineTotal;
  }

  @Override
  public double estimate(Arm arm, int threshold) {
    return (double) events(arm) / samples(arm);
  }

  @Override
  public Bounds interval(Arm arm, int threshold, double alpha) {
    return Intervals.proportion((double) samples(arm), (double) events(arm), alpha);
  }

  @Override
  public Bounds ratioInterval(int threshold, double alpha) {
    return ratio.bounds(alpha, ratioDispersion);
  }

  @Override
  void begin() {
    window.clear();
    complement.clear();
  }

  @Override
  boolean any(Arm arm) {
    return (arm == Arm.CANARY ? window.canaryTotal() : window.baselineTotal()) > 0;
  }

  @Override
  boolean take(Arm arm, int number, WindowAggregate content, String name, boolean judged) {
    if (!(content.find(index(), arm, name) instanceof ProportionAggregate counts)
        || counts.isEmpty()) {
      return false;
    }
    if (judged) {
      window.add(arm, number, counts.total(), counts.failures());
      if (decreaseHarms) {
        complement.add(arm, number, counts.total(), counts.total() - counts.failures());
      }
      switch (arm) {
        case BASELINE -> {
          baselineTotal += counts.total();
          baselineEvents += counts.failures();
        }
        case CANARY -> {
          canaryTotal += counts.total();
          canaryEvents += counts.failures();
        }
      }
    }
    return true;
  }

  @Override
  void end(double cap) {
    EventCounts harmful = decreaseHarms ? complement : window;
    for (ThresholdEvidence threshold : thresholds) {
      switch (threshold) {
        case RateChangeEvidence change -> {
          change.fold(window, cap);
          ratioDispersion = change.harmDispersion();
        }
        case LimitEvidence limit -> limit.fold(harmful, harmful, cap);
        case QuantileChangeEvidence _ -> throw new AssertionError("a quantile of a proportion");
      }
    }
    if (window.comparable()) {
      ratio.add(
          window.canaryTotal(),
          window.canaryEvents(),
          window.baselineTotal(),
          window.baselineEvents());
    }
  }

  @Override
  void write(DataOutput out) throws IOException {
    ratio.write(out);
    out.writeDouble(ratioDispersion);
    out.writeLong(baselineTotal);
    out.writeLong(baselineEvents);
    out.writeLong(canaryTotal);
    out.writeLong(canaryEvents);
    super.write(out);
  }

  @Override
  void read(Epochs epochs, DataInput in) throws IOException {
    ratio = RatioInterval.read(in);
    ratioDispersion = in.readDouble();
    baselineTotal = in.readLong();
    baselineEvents = in.readLong();
    canaryTotal = in.readLong();
    canaryEvents = in.readLong();
    super.read(epochs, in);
  }

  /** Too few of the events are too many of the others. */
  private double rate(double limit) {
    return decreaseHarms ? 1 - limit : limit;
  }

  private long events(Arm arm) {
    return arm == Arm.CANARY ? canaryEvents : baselineEvents;
  }
}
