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

  /** Windows that hold less than e^-12 = 6e-6 of the evidence are left out. */
  private static final double NEGLIGIBLE = 12;

  private final Epochs epochs;
  private final Snapshots<double[]> snapshots;
  private final double[] sums = new double[Alternatives.SIZE];
  private final double[] lows = new double[Alternatives.SIZE]; // of all snapshots and the beginning
  private final int[] gaining = new int[Alternatives.SIZE]; // scratch
  private double[] terms = new double[16]; // scratch
  private double[] bounds = new double[16]; // scratch

  /** No evidence yet: an e-value of at most 1. */
  public EvidenceWindows(Epochs epochs) {
    this.epochs = epochs;
    this.snapshots = new Snapshots<>(epochs);
  }

  /** No evidence yet, from some moment of the run on: snapshots until then hold nothing. */
  static EvidenceWindows begunLate(Epochs epochs) {
    EvidenceWindows windows = new EvidenceWindows(epochs);
    for (int k = 0; k < epochs.size(); k++) {
      windows.snapshots.restore(new double[Alternatives.SIZE]);
    }
    return windows;
  }

  /** The sums of log factors, one for each alternative, to which {@link LogFactors} adds. */
  public double[] sums() {
    return sums;
  }

  /** Takes the snapshot that {@link Epochs#beginWindow} asked for. */
  public void snapshot() {
    snapshots.add(sums.clone());
    findLows();
  }

  /**
   * ln of the e-value, without the windows that hardly matter: those in which no alternative gained
   * (what they hold is at most their weight, 0.5 in all beside a line of 1 + 1/alpha) and those
   * that are negligible beside the others. To leave out a term that is not negative is
   * conservative, and it saves their inflation and exponentials, which is most of the work.
   */
  public double logE(Tempering tempering) {
    ensureScratch();
    int leader = boundTerms(tempering);
    double log = Mixture.logE(sums, tempering.phi()) + epochs.baseLogWeight();
    int number = 0;
    terms[number++] = log;
    if (leader >= 0 && bounds[leader] > log - NEGLIGIBLE) {
      double term = term(leader, tempering);
      terms[number++] = term;
      log = Math.max(log, term);
    }
    for (int k = 0; k < snapshots.size(); k++) {
      if (k != leader && bounds[k] > log - NEGLIGIBLE) {
        terms[number++] = term(k, tempering);
      }
    }
    return LogSpace.logSumExp(terms, number);
  }

  /** A bound of {@link #logE} under any tempering: the most that any alternative gained. */
  double logBound() {
    double bound = 0;
    for (int j = 0; j < Alternatives.SIZE; j++) {
      bound = Math.max(bound, sums[j] - lows[j]);
    }
    return bound;
  }

  /** ln of the e-value with every retained window: at least {@link #logE}, and slower. */
  public double fullLogE(Tempering tempering) {
    ensureScratch();
    terms[0] = Mixture.logE(sums, tempering.phi()) + epochs.baseLogWeight();
    for (int k = 0; k < snapshots.size(); k++) {
      terms[k + 1] = term(k, tempering);
    }
    return LogSpace.logSumExp(terms, snapshots.size() + 1);
  }

  /** {@link #fullLogE} without what another has added to it. */
  double logEWithout(EvidenceWindows other, Tempering tempering) {
    ensureScratch();
    double[] rest = new double[Alternatives.SIZE];
    for (int j = 0; j < Alternatives.SIZE; j++) {
      rest[j] = sums[j] - other.sums[j];
    }
    terms[0] = Mixture.logE(rest, tempering.phi()) + epochs.baseLogWeight();
    double[] restThen = new double[Alternatives.SIZE];
    for (int k = 0; k < snapshots.size(); k++) {
      for (int j = 0; j < Alternatives.SIZE; j++) {
        restThen[j] = snapshots.get(k)[j] - other.snapshots.get(k)[j];
      }
      terms[k + 1] = epochs.logWeight(k) + Mixture.logE(rest, restThen, tempering.phi(k));
    }
    return LogSpace.logSumExp(terms, snapshots.size() + 1);
  }

  /**
   * Index, from 0, of the first window of that stretch which contributes most to the evidence:
   * about when the effect began. 0 means the whole run.
   */
  public long leadingStart(Tempering tempering) {
    ensureScratch();
    boundTerms(tempering);
    double most = Mixture.logE(sums, tempering.phi()) + epochs.baseLogWeight();
    long start = 0;
    for (int k = 0; k < snapshots.size(); k++) {
      if (bounds[k] > most) {
        double term = term(k, tempering);
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
    windows.findLows();
    return windows;
  }

  /** ln of what a window contributes. */
  private double term(int snapshot, Tempering tempering) {
    return epochs.logWeight(snapshot)
        + Mixture.logE(sums, snapshots.get(snapshot), tempering.phi(snapshot));
  }

  /**
   * Bounds what each window contributes, -Infinity where no alternative gained; a mixture is at
   * most its largest term.
   *
   * @return the window with the highest bound, or -1 if no alternative gained in any
   */
  private int boundTerms(Tempering tempering) {
    int leader = -1;
    double highest = Double.NEGATIVE_INFINITY;
    int number = findGaining();
    for (int k = 0; k < snapshots.size(); k++) {
      double[] snapshot = snapshots.get(k);
      double gain = 0;
      for (int i = 0; i < number; i++) {
        int j = gaining[i];
        gain = Math.max(gain, sums[j] - snapshot[j]);
      }
      bounds[k] =
          gain <= 0
              ? Double.NEGATIVE_INFINITY
              : epochs.logWeight(k) + gain / tempering.phiAtLeast(k);
      if (bounds[k] > highest) {
        highest = bounds[k];
        leader = k;
      }
    }
    return leader;
  }

  /** Lists the alternatives that gained since any snapshot: few, while a canary does well. */
  private int findGaining() {
    int number = 0;
    for (int j = 0; j < Alternatives.SIZE; j++) {
      if (sums[j] > lows[j]) {
        gaining[number++] = j;
      }
    }
    return number;
  }

  private void findLows() {
    Arrays.fill(lows, 0);
    for (int k = 0; k < snapshots.size(); k++) {
      double[] snapshot = snapshots.get(k);
      for (int j = 0; j < Alternatives.SIZE; j++) {
        lows[j] = Math.min(lows[j], snapshot[j]);
      }
    }
  }

  private void ensureScratch() {
    if (terms.length <= snapshots.size()) {
      terms = new double[2 * snapshots.size() + 1];
      bounds = new double[2 * snapshots.size() + 1];
    }
  }
}
