package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/**
 * Estimates by how much requests vary more than independent ones would, because they come in bursts
 * or from instances that differ. Evidence is divided by this variance inflation phi when it is
 * read: exact for clusters of constant size (compound Poisson), to first order otherwise, and under
 * independence without effect on the error bound (see {@link Mixture}).
 *
 * <p>Differences between the instances of an arm are looked at in blocks of 1, 8 and 64 windows and
 * over the whole run, which tells bursts from lasting differences: c^2, the relative variance of
 * the instances' rates at a scale, inflates the variance of the arms' log ratio by c^2 / blocks *
 * inv * H, with inv one over the effective numbers of instances and H the information if rates were
 * equal. Variation over time around the common ratio is looked at too, since it is all there is to
 * see with one instance in an arm.
 *
 * <p>{@link #phi(int)} is the inflation since a snapshot of {@link Epochs}: c^2 at the scales 1, 8
 * and 64 is that of the whole run (each block has its own rates, so the onset of a regression does
 * not disturb it), lasting differences are the larger of the window's and the whole run's, and
 * variation over time is that in the window or before it. One value for the whole run would take an
 * onset for a burst.
 *
 * <p>Use: for each window {@link #snapshot()} first, when {@link Epochs#beginWindow} says so; then
 * {@link #add} for each instance, then {@link #endWindow()}. What is asked for in between windows
 * is computed once. Mutable, with a single owner.
 */
public final class Dispersion implements Tempering {
  static final int SCALES = 3;

  /** Sums kept for variation over time: u^2, u v, v^2, variance, blocks with events. */
  static final int TIME_SUMS = 5;

  private static final int FORMAT = 1;
  private static final int[] WINDOWS = {1, 8, 64};
  private static final InstanceSpread NO_SPREAD = new InstanceSpread();

  private final double instanceCv;
  private final ArmCounts canary = new ArmCounts();
  private final ArmCounts baseline = new ArmCounts();
  private final double[] timeSums = new double[SCALES * TIME_SUMS];
  private long windows;
  private final Snapshots<DispersionSnapshot> snapshots;

  // What follows is computed from the state above, when it is asked for.
  private final InstanceSpread canarySpread = new InstanceSpread();
  private final InstanceSpread baselineSpread = new InstanceSpread();
  private final CachedTempering comparison = new CachedTempering(this::phiSince);
  private final CachedTempering againstLimit = new CachedTempering(this::limitPhiSince);
  private boolean upToDate;
  private final double[] scaleVariances = new double[SCALES];
  private double wholeVariance;
  private double canaryTotal;
  private double baselineTotal;
  private double events;
  private double canaryScaleExcess;
  private double canaryWholeVariance;

  /**
   * No counts yet.
   *
   * @param epochs the schedule of snapshots, shared by the run
   * @param instanceCv prior coefficient of variation of lasting differences between instances of
   *     one version, for arms with too few to estimate it; at least 0
   */
  public Dispersion(Epochs epochs, double instanceCv) {
    if (!(instanceCv >= 0 && instanceCv < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "instanceCv: " + instanceCv + " (expected: finite and >= 0)");
    }
    this.instanceCv = instanceCv;
    this.snapshots = new Snapshots<>(epochs);
  }

  /** No counts yet, for evidence over the whole run only: without snapshots. */
  public Dispersion(double instanceCv) {
    this(Epochs.withHorizon(1, 0), instanceCv);
  }

  /** No counts yet, from some moment of the run on: snapshots until then hold nothing. */
  static Dispersion begunLate(Epochs epochs, double instanceCv) {
    Dispersion dispersion = new Dispersion(epochs, instanceCv);
    for (int k = 0; k < epochs.size(); k++) {
      dispersion.snapshots.restore(DispersionSnapshot.BEGINNING);
    }
    return dispersion;
  }

  /**
   * Adds counts of the current window.
   *
   * @param instance number of the instance in its arm, as {@link InstanceIndex} gives it
   * @param total requests, at least 0
   * @param events events among them
   */
  public void add(Arm arm, int instance, double total, double events) {
    if (!(events >= 0 && events <= total && total < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "events: " + events + " of " + total + " (expected: finite, 0 <= events <= requests)");
    }
    addAdjusted(arm, instance, total, events);
  }

  /** The same with events that {@link PooledCounts} has adjusted: they need not be counts. */
  void addAdjusted(Arm arm, int instance, double total, double events) {
    switch (arm) {
      case CANARY -> canary.add(instance, total, events);
      case BASELINE -> baseline.add(instance, total, events);
    }
  }

  /** Ends the current window, which may have been empty. */
  public void endWindow() {
    windows++;
    for (int scale = 0; scale < SCALES; scale++) {
      if (windows % WINDOWS[scale] == 0) {
        canary.endBlock(scale, canarySpread);
        baseline.endBlock(scale, baselineSpread);
        addTime(scale * TIME_SUMS);
      }
    }
    outdate();
  }

  /** Takes the snapshot that {@link Epochs#beginWindow} asked for, between two windows. */
  public void snapshot() {
    spreadSince(DispersionSnapshot.BEGINNING);
    snapshots.add(
        new DispersionSnapshot(
            windows,
            timeSums.clone(),
            canary.totalsSoFar(),
            canary.eventsSoFar(),
            baseline.totalsSoFar(),
            baseline.eventsSoFar(),
            overTime(DispersionSnapshot.BEGINNING)));
    outdate();
  }

  /** Inflation of the log ratio of the arms over the whole run. */
  @Override
  public double phi() {
    return comparison.phi();
  }

  /** Inflation of the log ratio of the arms since a retained snapshot. */
  @Override
  public double phi(int snapshot) {
    return comparison.phi(snapshot);
  }

  @Override
  public double phiAtLeast(int snapshot) {
    refresh();
    DispersionSnapshot base = snapshots.get(snapshot);
    double nC = canaryTotal - base.canaryTotal;
    double nB = baselineTotal - base.baselineTotal;
    double share = nC / Math.max(nC + nB, 1);
    double information = (events - base.events) * share * (1 - share);
    // Shares of traffic are concentrated no less than if they were even.
    double weight = information * (inverse(canary.instances) + inverse(baseline.instances));
    double variance = wholeVariance + instanceCv * instanceCv;
    for (int scale = 0; scale < SCALES; scale++) {
      double blocks = Math.max((double) (windows - base.windows) / WINDOWS[scale], 1);
      variance = Math.max(variance, scaleVariances[scale] / blocks);
    }
    return Math.max(1 + variance * weight, base.overTimeBefore);
  }

  /**
   * Inflation of the canary's counts alone, for evidence against a limit: 1 + the largest excess of
   * the variance between canary instances, of all scales.
   */
  public Tempering againstLimit() {
    return againstLimit;
  }

  /** Writes the state without the epochs, to be read with {@link #read}. */
  public void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    out.writeDouble(instanceCv);
    out.writeLong(windows);
    canary.write(out);
    baseline.write(out);
    StateFormat.write(timeSums, out);
    out.writeInt(snapshots.size());
    for (int k = 0; k < snapshots.size(); k++) {
      snapshots.get(k).write(out);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param epochs the schedule as it was then, read before
   */
  public static Dispersion read(Epochs epochs, DataInput in) throws IOException {
    StateFormat.check("dispersion", FORMAT, in);
    Dispersion dispersion = new Dispersion(epochs, in.readDouble());
    dispersion.windows = in.readLong();
    dispersion.canary.read(in);
    dispersion.baseline.read(in);
    StateFormat.read(dispersion.timeSums, in);
    int size = StateFormat.readInt("snapshots", 0, epochs.size(), in);
    for (int k = 0; k < size; k++) {
      dispersion.snapshots.restore(DispersionSnapshot.read(in));
    }
    return dispersion;
  }

  /** The counts at a retained snapshot, or at the beginning of the run if {@code k} is -1. */
  DispersionSnapshot at(int k) {
    return k < 0 ? DispersionSnapshot.BEGINNING : snapshots.get(k);
  }

  /** Number of retained snapshots. */
  int snapshots() {
    return snapshots.size();
  }

  /** The counts of an arm so far; not to be changed. */
  ArmCounts counts(Arm arm) {
    return switch (arm) {
      case CANARY -> canary;
      case BASELINE -> baseline;
    };
  }

  /** Section by section: differences between instances at each scale, lasting ones, and time. */
  private double phiSince(DispersionSnapshot base) {
    refresh();
    spreadSince(base);
    InstanceSpread c = canarySpread;
    InstanceSpread b = baselineSpread;
    double share = c.total / Math.max(c.total + b.total, 1);
    double information = (c.events + b.events) * share * (1 - share);
    double weight = (c.concentration + b.concentration) * information;
    double phi = 1;
    for (int scale = 0; scale < SCALES; scale++) {
      double blocks = Math.max((double) (windows - base.windows) / WINDOWS[scale], 1);
      phi = Math.max(phi, 1 + scaleVariances[scale] / blocks * weight);
    }
    double lasting = Math.max(pooledVariance(c, b), wholeVariance) + instanceCv * instanceCv;
    phi = Math.max(phi, 1 + lasting * weight);
    return Math.max(phi, Math.max(overTime(base), base.overTimeBefore));
  }

  /** The same for the canary alone, whose counts vary by 1 + the excess of their variance. */
  private double limitPhiSince(DispersionSnapshot base) {
    refresh();
    InstanceSpread c = canarySpread;
    canary.since(base.canaryTotals, base.canaryEvents, c);
    double lasting = DispersionFormulas.excess(c.numerator, c.denominator, c.degreesOfFreedom);
    if (c.denominator > 0) {
      lasting = Math.max(lasting, canaryWholeVariance * c.denominator2 / c.denominator);
    }
    double noEvent = (c.total - c.events + 0.5) / (c.total + 1);
    lasting += instanceCv * instanceCv * c.concentration * c.events / noEvent;
    return 1 + Math.max(canaryScaleExcess, lasting);
  }

  /** What is the same for all windows. */
  private void refresh() {
    if (upToDate) {
      return;
    }
    upToDate = true;
    spreadSince(DispersionSnapshot.BEGINNING);
    canaryTotal = canarySpread.total;
    baselineTotal = baselineSpread.total;
    events = canarySpread.events + baselineSpread.events;
    wholeVariance = pooledVariance(canarySpread, baselineSpread);
    canaryWholeVariance = pooledVariance(canarySpread, NO_SPREAD);
    canaryScaleExcess = 0;
    for (int scale = 0; scale < SCALES; scale++) {
      scaleVariances[scale] =
          DispersionFormulas.relativeVariance(
              canary.numerators[scale] + baseline.numerators[scale],
              canary.denominators[scale] + baseline.denominators[scale],
              canary.denominators2[scale] + baseline.denominators2[scale],
              canary.degrees[scale] + baseline.degrees[scale]);
      canaryScaleExcess =
          Math.max(
              canaryScaleExcess,
              DispersionFormulas.excess(
                  canary.numerators[scale], canary.denominators[scale], canary.degrees[scale]));
    }
  }

  private void spreadSince(DispersionSnapshot base) {
    canary.since(base.canaryTotals, base.canaryEvents, canarySpread);
    baseline.since(base.baselineTotals, base.baselineEvents, baselineSpread);
  }

  private static double inverse(int instances) {
    return instances == 0 ? 0 : 1.0 / instances;
  }

  private static double pooledVariance(InstanceSpread one, InstanceSpread other) {
    return DispersionFormulas.relativeVariance(
        one.numerator + other.numerator,
        one.denominator + other.denominator,
        one.denominator2 + other.denominator2,
        one.degreesOfFreedom + other.degreesOfFreedom);
  }

  /** Inflation from the variation over time since a base whose spreads were computed. */
  private double overTime(DispersionSnapshot base) {
    double phi = 1;
    double[] before = base.timeSums;
    for (int at = 0; at < timeSums.length; at += TIME_SUMS) {
      phi =
          Math.max(
              phi,
              DispersionFormulas.overTime(
                  timeSums[at] - before[at],
                  timeSums[at + 1] - before[at + 1],
                  timeSums[at + 2] - before[at + 2],
                  timeSums[at + 3] - before[at + 3],
                  timeSums[at + 4] - before[at + 4],
                  canarySpread.total,
                  canarySpread.events,
                  baselineSpread.total,
                  baselineSpread.events));
    }
    return phi;
  }

  /** Adds a block, whose counts are in the spreads, to the sums of its scale. */
  private void addTime(int at) {
    double nC = canarySpread.total;
    double kC = canarySpread.events;
    double nB = baselineSpread.total;
    double kB = baselineSpread.events;
    if (nC + nB == 0) {
      return;
    }
    double weight = 1 / (nC + nB);
    double u = kC * nB * weight;
    double v = kB * nC * weight;
    timeSums[at] += u * u;
    timeSums[at + 1] += u * v;
    timeSums[at + 2] += v * v;
    timeSums[at + 3] += (kC + kB) * nC * nB * weight * weight;
    timeSums[at + 4] += kC + kB > 0 ? 1 : 0;
  }

  private void outdate() {
    upToDate = false;
    comparison.outdate();
    againstLimit.outdate();
  }

  /** Remembers what was computed until the state changes. */
  private final class CachedTempering implements Tempering {
    private final ToDoubleFunction<DispersionSnapshot> compute;
    private double whole = Double.NaN;
    private double[] since = {};

    CachedTempering(ToDoubleFunction<DispersionSnapshot> compute) {
      this.compute = compute;
    }

    @Override
    public double phi() {
      if (Double.isNaN(whole)) {
        whole = compute.applyAsDouble(DispersionSnapshot.BEGINNING);
      }
      return whole;
    }

    @Override
    public double phi(int snapshot) {
      if (since.length < snapshots.size()) {
        since = new double[snapshots.size() + 16];
        Arrays.fill(since, Double.NaN);
      }
      if (Double.isNaN(since[snapshot])) {
        since[snapshot] = compute.applyAsDouble(snapshots.get(snapshot));
      }
      return since[snapshot];
    }

    void outdate() {
      whole = Double.NaN;
      Arrays.fill(since, Double.NaN);
    }
  }
}
