package io.canaryjudge.analysis.inference;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Evidence over the whole run and over each window of it that began at a snapshot: N = w_0 mix(A /
 * phi_0) + sum_k w_k mix((A - A_k) / phi_k), see {@link Epochs}. Used for NO_GO, so that a
 * regression that begins late is found soon. Mutable, with a single owner.
 */
public final class EvidenceWindows {
  private static final int FORMAT = 1;

  private final Epochs epochs;
  private final Snapshots<double[]> snapshots;
  private final double[] sums = new double[Alternatives.SIZE];
  private double[] terms = new double[16]; // scratch

  /** No evidence yet: an e-value of at most 1. */
  public EvidenceWindows(Epochs epochs) {
    this.epochs = epochs;
    this.snapshots = new Snapshots<>(epochs);
  }

  /** The sums of log factors, one for each alternative, to which {@link LogFactors} adds. */
  public double[] sums() {
    return sums;
  }

  /** Takes the snapshot that {@link Epochs#beginWindow} asked for. */
  public void snapshot() {
    snapshots.add(sums.clone());
  }

  /**
   * ln of the e-value, without the windows in which no alternative gained: what they hold is at
   * most their weight, 0.5 in all beside a line of 1 + 1/alpha, and to leave out a term that is not
   * negative is conservative. It saves their inflation and exponentials, nearly all of the work
   * while a canary does well.
   */
  public double logE(Tempering tempering) {
    double log = Mixture.logE(sums, tempering.phi()) + epochs.baseLogWeight();
    ensureTerms();
    int number = 0;
    terms[number++] = log;
    for (int k = snapshots.size() - 1; k >= 0; k--) {
      double[] snapshot = snapshots.get(k);
      double gain = Mixture.largestGain(sums, snapshot);
      double logWeight = epochs.logWeight(k);
      if (gain <= 0 || logWeight + gain < log - LogSpace.NEGLIGIBLE) {
        continue;
      }
      double phi = tempering.phi(k);
      if (logWeight + gain / phi < log - LogSpace.NEGLIGIBLE) {
        continue;
      }
      double term = logWeight + Mixture.logE(sums, snapshot, phi);
      terms[number++] = term;
      log = Math.max(log, term);
    }
    return LogSpace.logSumExp(terms, number);
  }

  /** A bound of {@link #logE} under any tempering: the most that any alternative gained. */
  double logBound() {
    double bound = 0;
    for (double sum : sums) {
      bound = Math.max(bound, sum);
    }
    for (int k = 0; k < snapshots.size(); k++) {
      bound = Math.max(bound, Mixture.largestGain(sums, snapshots.get(k)));
    }
    return bound;
  }

  /** ln of the e-value with every retained window: at least {@link #logE}, and slower. */
  public double fullLogE(Tempering tempering) {
    ensureTerms();
    terms[0] = Mixture.logE(sums, tempering.phi()) + epochs.baseLogWeight();
    for (int k = 0; k < snapshots.size(); k++) {
      terms[k + 1] = epochs.logWeight(k) + Mixture.logE(sums, snapshots.get(k), tempering.phi(k));
    }
    return LogSpace.logSumExp(terms, snapshots.size() + 1);
  }

  /**
   * Index, from 0, of the first window of that stretch which contributes most to the evidence:
   * about when the effect began. 0 means the whole run.
   */
  public long leadingStart(Tempering tempering) {
    double most = Mixture.logE(sums, tempering.phi()) + epochs.baseLogWeight();
    long start = 0;
    for (int k = 0; k < snapshots.size(); k++) {
      double logWeight = epochs.logWeight(k);
      if (logWeight + Mixture.largestGain(sums, snapshots.get(k)) > most) {
        double term = logWeight + Mixture.logE(sums, snapshots.get(k), tempering.phi(k));
        if (term > most) {
          most = term;
          start = epochs.startWindow(k);
        }
      }
    }
    return start;
  }

  /** Writes the state without the epochs, to be read with {@link #read}. */
  public void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    StateFormat.write(sums, out);
    out.writeInt(snapshots.size());
    for (int k = 0; k < snapshots.size(); k++) {
      StateFormat.write(snapshots.get(k), out);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param epochs the schedule as it was then, read before
   */
  public static EvidenceWindows read(Epochs epochs, DataInput in) throws IOException {
    StateFormat.check("evidence windows", FORMAT, in);
    EvidenceWindows windows = new EvidenceWindows(epochs);
    StateFormat.read(windows.sums, in);
    int size = StateFormat.readInt("snapshots", epochs.size(), epochs.size(), in);
    for (int k = 0; k < size; k++) {
      double[] snapshot = StateFormat.read(Alternatives.SIZE, in);
      windows.snapshots.restore(snapshot);
    }
    return windows;
  }

  private void ensureTerms() {
    if (terms.length <= snapshots.size()) {
      terms = Arrays.copyOf(terms, 2 * snapshots.size() + 1);
    }
  }
}
