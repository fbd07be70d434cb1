package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Aggregate;
import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.ProportionAggregate;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
  private double weightedCanary; // events in strata, see ratio()
  private double weightedBaseline;

  // Scratch.
  private final EventCounts window = new EventCounts();
  private final EventCounts complement = new EventCounts();
  private final @Nullable EventCounts[] byStratum;

  ProportionEvidence(MetricPolicy metric, int index, EvidenceSettings settings) {
    super(metric, index);
    this.decreaseHarms = metric.harmfulDirection() == HarmfulDirection.DECREASE;
    StrataIndex strata = strata();
    this.byStratum = new @Nullable EventCounts[strata == null ? 0 : strata.size()];
    for (Threshold threshold : metric.thresholds()) {
      thresholds.add(
          switch (threshold.noGo()) {
            case Tolerance.Change _ when strata != null ->
                new StratifiedRateEvidence(
                    threshold, metric.harmfulDirection(), strata.size(), settings);
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

  /**
   * Within strata the estimate of Mantel and Haenszel, which does not mistake a difference between
   * strata for one between arms.
   */
  @Override
  public double ratio(int threshold) {
    return byStratum.length == 0 ? super.ratio(threshold) : weightedCanary / weightedBaseline;
  }

  @Override
  void begin() {
    window.clear();
    complement.clear();
    for (EventCounts counts : byStratum) {
      if (counts != null) {
        counts.clear();
      }
    }
  }

  @Override
  boolean any(Arm arm) {
    return (arm == Arm.CANARY ? window.canaryTotal() : window.baselineTotal()) > 0;
  }

  @Override
  boolean take(Arm arm, int number, int stratum, @Nullable Aggregate reported, boolean judged) {
    if (!(reported instanceof ProportionAggregate counts) || counts.isEmpty()) {
      return false;
    }
    if (judged) {
      window.add(arm, number, counts.total(), counts.failures());
      if (byStratum.length > 0) {
        ofStratum(stratum).add(arm, number, counts.total(), counts.failures());
      }
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
        case StratifiedRateEvidence change -> {
          change.fold(byStratum, cap);
          ratioDispersion = change.harmDispersion();
        }
        case LimitEvidence limit -> limit.fold(harmful, harmful, cap);
        case QuantileChangeEvidence _, StratifiedQuantileEvidence _ ->
            throw new AssertionError("a quantile of a proportion");
      }
    }
    if (byStratum.length == 0) {
      addRatio(window);
    }
    for (EventCounts counts : byStratum) {
      if (counts != null) {
        addRatio(counts);
      }
    }
  }

  /** Of several strata each adds what it says about the ratio that they have in common. */
  private void addRatio(EventCounts counts) {
    if (!counts.comparable()) {
      return;
    }
    double nC = counts.canaryTotal();
    double nB = counts.baselineTotal();
    ratio.add(nC, counts.canaryEvents(), nB, counts.baselineEvents());
    weightedCanary += counts.canaryEvents() * nB / (nC + nB);
    weightedBaseline += counts.baselineEvents() * nC / (nC + nB);
  }

  private EventCounts ofStratum(int number) {
    EventCounts present = byStratum[number];
    if (present == null) {
      present = new EventCounts();
      byStratum[number] = present;
    }
    return present;
  }

  @Override
  void write(DataOutput out) throws IOException {
    ratio.write(out);
    out.writeDouble(ratioDispersion);
    out.writeLong(baselineTotal);
    out.writeLong(baselineEvents);
    out.writeLong(canaryTotal);
    out.writeLong(canaryEvents);
    if (byStratum.length > 0) {
      out.writeDouble(weightedCanary);
      out.writeDouble(weightedBaseline);
    }
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
    if (byStratum.length > 0) {
      weightedCanary = in.readDouble();
      weightedBaseline = in.readDouble();
    }
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
