package io.canaryjudge.analysis.inference;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Whether the canary fell silent while the baseline did not: a crash loop, a broken route or a lost
 * producer sends no errors, it sends nothing.
 *
 * <p>The canary's share of the requests of both arms is tested against half of what it was lately
 * (the null: at least that), with the same e-process as any other limit: {@link LogFactors#limit}
 * with the alternatives below it, capped so that no burst of 15 s decides, restarted each minute.
 * "Lately" ends a minute ago, so that a silence does not become its own yardstick, and fades with a
 * half-life of five minutes. At a level of 1e-4 an honest split, however uneven its halves, does
 * not raise it in years. With hardly any traffic it simply takes longer. Mutable, with a single
 * owner.
 */
final class SilenceTest {
  static final double LEVEL = 1e-4;

  private static final int FORMAT = 1;
  private static final long BURST_MILLIS = 15_000;
  private static final double HALF_LIFE_MILLIS = 300_000;
  private static final double MIN_REQUESTS = 20;
  private static final double LINE = StrictMath.log1p(1 / LEVEL);

  private final double cap;
  private final double fading;
  private final int lag;

  private final EvidenceWindows evidence;
  private final double[] lateBaseline; // a ring of the last minute, not yet in the totals
  private final double[] lateCanary;
  private int next;
  private double baselineTotal;
  private double canaryTotal;

  SilenceTest(Epochs epochs, long windowMillis) {
    this(new EvidenceWindows(epochs), windowMillis);
  }

  private SilenceTest(EvidenceWindows evidence, long windowMillis) {
    double guardWindows = Math.ceil((double) BURST_MILLIS / windowMillis);
    this.cap = (StrictMath.log(1 / LEVEL) + StrictMath.log(Alternatives.SIZE)) / guardWindows;
    this.fading = StrictMath.pow(2, -windowMillis / HALF_LIFE_MILLIS);
    this.lag = Epochs.windowsPerMinute(windowMillis);
    this.evidence = evidence;
    this.lateBaseline = new double[lag];
    this.lateCanary = new double[lag];
  }

  /** Takes the snapshot that {@link Epochs#beginWindow} asked for. */
  void snapshot() {
    evidence.snapshot();
  }

  /**
   * Takes the requests of a window.
   *
   * @param telling whether the absence of requests in it says something about the canary
   */
  void add(long baseline, long canary, boolean telling) {
    long both = baseline + canary;
    double known = baselineTotal + canaryTotal;
    if (telling && both > 0 && known >= MIN_REQUESTS && canaryTotal > 0) {
      double limit = canaryTotal / known / 2;
      LogFactors.limit(
          Alternatives.DN, (double) both, (double) canary, limit, cap, evidence.sums());
    }
    baselineTotal = baselineTotal * fading + lateBaseline[next];
    canaryTotal = canaryTotal * fading + lateCanary[next];
    lateBaseline[next] = telling ? baseline : 0;
    lateCanary[next] = telling ? canary : 0;
    next = (next + 1) % lag;
  }

  /** Forgets the share so far: the canary is meant to have less traffic from now on. */
  void expectLess() {
    Arrays.fill(lateBaseline, 0);
    Arrays.fill(lateCanary, 0);
    baselineTotal = 0;
    canaryTotal = 0;
  }

  /** Whether the canary fell silent. */
  boolean isSilent() {
    return evidence.logE(Tempering.NONE) >= LINE;
  }

  void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    evidence.write(out);
    StateFormat.write(lateBaseline, out);
    StateFormat.write(lateCanary, out);
    out.writeInt(next);
    out.writeDouble(baselineTotal);
    out.writeDouble(canaryTotal);
  }

  static SilenceTest read(Epochs epochs, long windowMillis, DataInput in) throws IOException {
    StateFormat.check("silence test", FORMAT, in);
    SilenceTest test = new SilenceTest(EvidenceWindows.read(epochs, in), windowMillis);
    StateFormat.read(test.lateBaseline, in);
    StateFormat.read(test.lateCanary, in);
    test.next = StateFormat.readInt("next", 0, test.lag - 1, in);
    test.baselineTotal = in.readDouble();
    test.canaryTotal = in.readDouble();
    return test;
  }
}
