package io.canaryjudge.server.run;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.aggregate.ProportionAggregate;
import io.canaryjudge.analysis.policy.MetricKind;
import java.util.Arrays;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One metric of one instance, as one stream sends it. Made by {@link IngestSession#series}; belongs
 * to that session and is used only while it takes a batch.
 */
public final class RunSeries {

  private final int metric;
  private final MetricKind kind;
  private final Arm arm;
  private final String stratum;
  private final String instance;
  private final OptionalLong instanceStartMillis;
  private final LayoutSet layouts;

  private @Nullable Cell cell;
  private double @Nullable [] admittedLayout;

  RunSeries(
      int metric,
      MetricKind kind,
      Arm arm,
      String stratum,
      String instance,
      OptionalLong instanceStartMillis,
      LayoutSet layouts) {
    this.metric = metric;
    this.kind = kind;
    this.arm = arm;
    this.stratum = stratum;
    this.instance = instance;
    this.instanceStartMillis = instanceStartMillis;
    this.layouts = layouts;
  }

  /** What its samples have to be. */
  public MetricKind kind() {
    return kind;
  }

  int metric() {
    return metric;
  }

  Arm arm() {
    return arm;
  }

  /** The part of the traffic that it is of; empty for none. */
  String stratum() {
    return stratum;
  }

  String instance() {
    return instance;
  }

  OptionalLong instanceStartMillis() {
    return instanceStartMillis;
  }

  @Nullable Cell cell() {
    return cell;
  }

  void setCell(@Nullable Cell cell) {
    this.cell = cell;
  }

  /** Where the sample that was placed last is counted, for a metric of kind PROPORTION. */
  public ProportionAggregate proportion() {
    return (ProportionAggregate) present().aggregate();
  }

  /** Where the sample that was placed last is counted, for a metric of kind DISTRIBUTION. */
  public DistributionAggregate distribution() {
    return (DistributionAggregate) present().aggregate();
  }

  Cell present() {
    Cell present = cell;
    if (present == null) {
      throw new IllegalStateException("no sample of this series was placed");
    }
    return present;
  }

  /** Whether samples may come as histograms with these bounds. */
  public boolean admitLayout(double[] upperBounds) {
    double[] before = admittedLayout;
    if (before != null && Arrays.equals(before, upperBounds)) {
      return true;
    }
    if (!layouts.admit(upperBounds)) {
      return false;
    }
    admittedLayout = upperBounds;
    return true;
  }
}
