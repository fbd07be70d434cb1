package io.canaryjudge.analysis.inference;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.util.Arrays;

/**
 * When snapshots of a run's evidence are taken, how much each weighs, and which are kept.
 *
 * <p>A regression that begins late is buried under the good evidence before it. So at the end of
 * each epoch (a minute, say) a snapshot k of all sums is taken, and the evidence is a mixture over
 * the times at which the regression may have begun: N = w_0 mix(A) + sum_k w_k mix(A - A_k), an
 * e-process as long as the weights sum to at most 1 (Shin, Ramdas and Rinaldo 2023, e-detectors,
 * with a fixed budget in place of a restart). Half of the weight is at the beginning. With a
 * horizon of E epochs, w_k = 0.25/E, and 0.25/floor(E/5) more for every fifth; without one the
 * weights fall as 1/((k+2) ln^2(k+2)) in both series.
 *
 * <p>One object is shared by everything in a run that takes snapshots, so that they belong to the
 * same moments. The owner of the run calls {@link #beginWindow} before a window is folded and, if
 * it returns true, {@code snapshot()} of every follower. Memory is bounded: when more than {@link
 * #THINNED_ABOVE} are held, those of the last 20 epochs are kept, every 5th to 100 epochs back,
 * every 20th to 400, every 80th to 1600, and so on. A window that is dropped only makes the
 * evidence smaller.
 */
public final class Epochs {
  /** Snapshots are thinned when more than this many are held. */
  public static final int THINNED_ABOVE = 48;

  /** The sum over n >= 2 of 1/(n ln^2 n), by the Euler-Maclaurin formula. */
  private static final double OPEN_ENDED_SUM = 2.109742801236892;

  private static final int FORMAT = 1;
  private static final double LATER_WEIGHT = 0.5;
  private static final int SPARSE = 5;
  private static final long OPEN_ENDED = 0;

  private final int windowsPerEpoch;
  private final long horizonEpochs; // OPEN_ENDED, or the number of epochs that have a weight
  private final boolean openEnded;

  private long windows;
  private int size;
  private long[] numbers = new long[16]; // of the retained snapshots, rising
  private double[] logWeights = new double[16];
  private boolean[] survived = {}; // of those held at the last snapshot, which were kept

  private Epochs(int windowsPerEpoch, boolean openEnded, long horizonEpochs) {
    if (windowsPerEpoch < 1) {
      throw new IllegalArgumentException(
          "windowsPerEpoch: " + windowsPerEpoch + " (expected: >= 1)");
    }
    this.windowsPerEpoch = windowsPerEpoch;
    this.openEnded = openEnded;
    this.horizonEpochs = horizonEpochs;
  }

  /**
   * The schedule of a run that ends.
   *
   * @param windowsPerEpoch windows from one snapshot to the next, at least 1
   * @param horizonWindows windows after which no evidence is wanted any more, at least 0. Later
   *     ones may be folded, but get no snapshots
   */
  public static Epochs withHorizon(int windowsPerEpoch, long horizonWindows) {
    if (horizonWindows < 0) {
      throw new IllegalArgumentException("horizonWindows: " + horizonWindows + " (expected: >= 0)");
    }
    return new Epochs(windowsPerEpoch, false, horizonWindows / Math.max(1, windowsPerEpoch));
  }

  /** The schedule of a run of unknown length. */
  public static Epochs openEnded(int windowsPerEpoch) {
    return new Epochs(windowsPerEpoch, true, OPEN_ENDED);
  }

  /** As many windows as come nearest to a minute, at least 1. */
  public static int windowsPerMinute(long windowMillis) {
    return (int) Math.max(1, Math.round(60_000.0 / windowMillis));
  }

  /**
   * To be called before each window is folded.
   *
   * @return whether every follower has to take a snapshot now
   */
  public boolean beginWindow() {
    boolean due = windows > 0 && windows % windowsPerEpoch == 0;
    long number = windows / windowsPerEpoch - 1;
    windows++;
    if (!due || (!openEnded && number >= horizonEpochs)) {
      return false;
    }
    append(number);
    survived = new boolean[size];
    Arrays.fill(survived, true);
    if (size > THINNED_ABOVE) {
      thin(number);
    }
    return true;
  }

  /** Number of snapshots that are retained. */
  public int size() {
    return size;
  }

  /** Number of windows begun. */
  public long windows() {
    return windows;
  }

  /** Index, from 0, of the first window after a retained snapshot. */
  public long startWindow(int snapshot) {
    return (numbers[checked(snapshot)] + 1) * windowsPerEpoch;
  }

  /** ln of the weight of evidence since the beginning. */
  double baseLogWeight() {
    boolean alone = !openEnded && horizonEpochs == 0;
    return alone ? 0 : StrictMath.log(1 - LATER_WEIGHT);
  }

  /** ln of the weight of evidence since a retained snapshot. */
  double logWeight(int snapshot) {
    return logWeights[checked(snapshot)];
  }

  /** For each snapshot held when the last one was taken, whether it is retained. */
  boolean[] survivors() {
    return survived;
  }

  /**
   * ln of the weight of epoch k in an open-ended series of the given total weight: mass / (c (k+2)
   * ln^2 (k+2)), with c the sum of 1/(n ln^2 n).
   */
  static double openEndedLogWeight(long k, double mass) {
    double n = k + 2.0;
    double log = StrictMath.log(n);
    return StrictMath.log(mass / (OPEN_ENDED_SUM * n * log * log));
  }

  /** Writes the state, to be read with {@link #read}. */
  public void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    out.writeInt(windowsPerEpoch);
    out.writeBoolean(openEnded);
    out.writeLong(horizonEpochs);
    out.writeLong(windows);
    out.writeInt(size);
    for (int i = 0; i < size; i++) {
      out.writeLong(numbers[i]);
    }
  }

  /** Reads what {@link #write} wrote. */
  public static Epochs read(DataInput in) throws IOException {
    StateFormat.check("epochs", FORMAT, in);
    int windowsPerEpoch = StateFormat.readInt("windowsPerEpoch", 1, Integer.MAX_VALUE, in);
    Epochs epochs = new Epochs(windowsPerEpoch, in.readBoolean(), in.readLong());
    epochs.windows = in.readLong();
    int size = StateFormat.readInt("snapshots", 0, StateFormat.MAX_SNAPSHOTS, in);
    for (int i = 0; i < size; i++) {
      long number = in.readLong();
      if (number < 0 || (i > 0 && number <= epochs.numbers[i - 1])) {
        throw new StreamCorruptedException("epoch: " + number + " (expected: rising numbers)");
      }
      epochs.append(number);
    }
    return epochs;
  }

  private double logWeightOf(long number) {
    boolean sparse = (number + 1) % SPARSE == 0;
    if (openEnded) {
      double every = openEndedLogWeight(number, LATER_WEIGHT / 2);
      return sparse
          ? LogSpace.logAddExp(
              every, openEndedLogWeight((number + 1) / SPARSE - 1, LATER_WEIGHT / 2))
          : every;
    }
    double every = LATER_WEIGHT / 2 / horizonEpochs;
    long sparseEpochs = horizonEpochs / SPARSE;
    return StrictMath.log(sparse ? every + LATER_WEIGHT / 2 / sparseEpochs : every);
  }

  private void append(long number) {
    if (size == numbers.length) {
      numbers = Arrays.copyOf(numbers, 2 * size);
      logWeights = Arrays.copyOf(logWeights, 2 * size);
    }
    numbers[size] = number;
    logWeights[size] = logWeightOf(number);
    size++;
  }

  private void thin(long now) {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      survived[i] = isKept(numbers[i], now);
      if (survived[i]) {
        numbers[kept] = numbers[i];
        logWeights[kept] = logWeights[i];
        kept++;
      }
    }
    size = kept;
  }

  private static boolean isKept(long number, long now) {
    long age = now - number;
    if (age <= 20) {
      return true;
    }
    long spacing = SPARSE;
    for (long reach = 100; age > reach; reach *= 4) {
      spacing *= 4;
    }
    return (number + 1) % spacing == 0;
  }

  private int checked(int snapshot) {
    if (snapshot < 0 || snapshot >= size) {
      throw new IndexOutOfBoundsException(
          "snapshot: " + snapshot + " (expected: in [0, " + size + "))");
    }
    return snapshot;
  }
}
