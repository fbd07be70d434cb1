package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.policy.Threshold;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What is known about one threshold: an e-process against "within the tolerance of NO_GO", one
 * against "at or beyond the tolerance of GO", and when they may reach their lines. Mutable, with a
 * single owner.
 */
public abstract sealed class ThresholdEvidence
    permits LimitEvidence, RateChangeEvidence, QuantileChangeEvidence, StratifiedEvidence {
  private static final int FORMAT = 1;

  private final Threshold threshold;
  private final HarmProcess harm;
  private final SafeEvidence safe;
  private ExpectedTime harmTime = new ExpectedTime();
  private ExpectedTime safeTime = new ExpectedTime();
  private double harmfulEvents;

  // What follows is computed from the state.
  private double logHarm;
  private double logSafe;

  ThresholdEvidence(Threshold threshold, HarmProcess harm, SafeEvidence safe) {
    this.threshold = threshold;
    this.harm = harm;
    this.safe = safe;
  }

  /** The threshold. */
  public final Threshold threshold() {
    return threshold;
  }

  /** ln of the e-value against "within the tolerance of NO_GO". */
  public final double logHarm() {
    return logHarm;
  }

  /** ln of the e-value against "at or beyond the tolerance of GO". */
  public final double logSafe() {
    return logSafe;
  }

  /** Harmful events of the canary so far: failures, or values beyond the limit. */
  public final double harmfulEvents() {
    return harmfulEvents;
  }

  /** Variance inflation by which the evidence of harm is divided, over the whole run. */
  public final double harmDispersion() {
    return harmTempering().phi();
  }

  /** Likewise for the safe evidence. */
  public final double safeDispersion() {
    return safeTempering().phi();
  }

  /** Windows until the evidence of harm reaches a line at its present rate; +Infinity if never. */
  public final double windowsUntilHarm(double line) {
    return harmTime.windowsUntil(line);
  }

  /** Likewise for the safe evidence. */
  public final double windowsUntilSafe(double line) {
    return safeTime.windowsUntil(line);
  }

  /**
   * Whether the evidence of harm would reach a line if requests were taken to be independent,
   * without tempering for differences between instances and bursts.
   */
  public final boolean crossesUntempered(double line) {
    return harm.logBound() >= line && harm.logE(Tempering.NONE) >= line;
  }

  /**
   * The number of the canary instance on which the evidence of harm rests: without it, and even if
   * requests were independent, the evidence would be below a line.
   */
  public abstract OptionalInt drivingInstance(double line);

  /**
   * The number of the stratum on which evidence of harm beyond a line rests; empty if there is none
   * or it rests on several.
   */
  public OptionalInt drivingStratum(double line) {
    return OptionalInt.empty();
  }

  /** Whether too little of the canary could be compared within strata. */
  public boolean comparesTooLittle() {
    return false;
  }

  /** Whether evidence of harm was interpolated within coarse buckets. */
  public boolean interpolated() {
    return false;
  }

  /** Whether the buckets are too coarse to tell the tolerance of GO. */
  public boolean unresolved() {
    return false;
  }

  /** The smallest relative change of the ladder that is excluded at a line; empty if none is. */
  public OptionalDouble provenRelative(double line) {
    return OptionalDouble.empty();
  }

  /** By how much the evidence of harm is tempered. */
  abstract Tempering harmTempering();

  abstract Tempering safeTempering();

  /** Whether enough of the canary was compared for the safe evidence to count. */
  boolean comparesEnough() {
    return true;
  }

  final HarmProcess harm() {
    return harm;
  }

  final SafeEvidence safe() {
    return safe;
  }

  final void countHarmful(double events) {
    harmfulEvents += events;
  }

  void snapshot() {
    harm.snapshot();
  }

  /** Computes the e-values after a window was folded. */
  final void endWindow() {
    evaluate();
    harmTime.add(logHarm);
    safeTime.add(logSafe);
  }

  private void evaluate() {
    logHarm = harm.logE(harmTempering());
    logSafe = safe.logE(safeTempering());
    if (!comparesEnough()) {
      logSafe = Math.min(logSafe, 0);
    }
  }

  void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    harm.write(out);
    safe.write(out);
    harmTime.write(out);
    safeTime.write(out);
    out.writeDouble(harmfulEvents);
  }

  /** Reads the state; what {@link #harmTempering} rests on has been read before. */
  void read(Epochs epochs, DataInput in) throws IOException {
    StateFormat.check("threshold", FORMAT, in);
    harm.read(epochs, in);
    safe.read(in);
    harmTime = ExpectedTime.read(in);
    safeTime = ExpectedTime.read(in);
    harmfulEvents = in.readDouble();
    evaluate();
  }
}
