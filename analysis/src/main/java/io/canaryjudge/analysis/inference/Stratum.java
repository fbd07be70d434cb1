package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * What is known about one stratum: the evidence of harm in it alone, how its counts are spread, and
 * its counts in the windows in which both arms had some. Mutable, with a single owner.
 */
final class Stratum {
  private final HarmEvidence harm;
  private Dispersion spread;
  private double canaryTotal;
  private double canaryEvents;
  private double baselineTotal;
  private double baselineEvents;

  private Stratum(HarmEvidence harm, Dispersion spread) {
    this.harm = harm;
    this.spread = spread;
  }

  /** A stratum of which nothing is known, whenever in the run that is. */
  static Stratum begin(int conditions, Epochs epochs, double instanceCv) {
    return new Stratum(
        HarmEvidence.begunLate(conditions, epochs), Dispersion.begunLate(epochs, instanceCv));
  }

  /** The evidence of harm in it alone. */
  HarmEvidence harm() {
    return harm;
  }

  /** How its counts are spread. */
  Dispersion spread() {
    return spread;
  }

  double canaryTotal() {
    return canaryTotal;
  }

  double canaryEvents() {
    return canaryEvents;
  }

  double baselineTotal() {
    return baselineTotal;
  }

  double baselineEvents() {
    return baselineEvents;
  }

  /** Takes the counts of a window in which both arms had some, once its factors are known. */
  void count(EventCounts window) {
    window.addTo(spread);
    canaryTotal += window.canaryTotal();
    canaryEvents += window.canaryEvents();
    baselineTotal += window.baselineTotal();
    baselineEvents += window.baselineEvents();
  }

  /** An arm's rate of events so far; there were requests. */
  double rate(Arm arm) {
    return switch (arm) {
      case BASELINE -> baselineEvents / baselineTotal;
      case CANARY -> canaryEvents / canaryTotal;
    };
  }

  void snapshot() {
    harm.snapshot();
    spread.snapshot();
  }

  void write(DataOutput out) throws IOException {
    harm.write(out);
    spread.write(out);
    out.writeDouble(canaryTotal);
    out.writeDouble(canaryEvents);
    out.writeDouble(baselineTotal);
    out.writeDouble(baselineEvents);
  }

  static Stratum read(int conditions, Epochs epochs, DataInput in) throws IOException {
    HarmEvidence harm = new HarmEvidence(conditions, epochs);
    harm.read(epochs, in);
    Stratum stratum = new Stratum(harm, Dispersion.read(epochs, in));
    stratum.canaryTotal = in.readDouble();
    stratum.canaryEvents = in.readDouble();
    stratum.baselineTotal = in.readDouble();
    stratum.baselineEvents = in.readDouble();
    return stratum;
  }
}
