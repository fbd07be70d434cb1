package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One relative threshold of an error rate, 10 instances per arm, two hours into a run. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EvidenceBenchmark {
  private static final int INSTANCES = 10;
  private static final int KINDS = 512;
  private static final double RHO = 1.5;
  private static final double CAP = 2.5;

  /** Error rate of the canary beside the baseline's 2 %: a good release, and a bad one. */
  @Param({"0.02", "0.05"})
  public double rate;

  private final double[][] canary = new double[KINDS][INSTANCES];
  private final double[][] baseline = new double[KINDS][INSTANCES];
  private final Epochs epochs = Epochs.withHorizon(12, 1440);
  private final Dispersion dispersion = new Dispersion(epochs, 0);
  private final EvidenceWindows harm = new EvidenceWindows(epochs);
  private final EProcess safe = new EProcess();
  private int next;

  /** Folds two hours of windows of 5 s: 48 snapshots are held. */
  @Setup
  public void fold() {
    Random random = new Random(1);
    for (int i = 0; i < KINDS; i++) {
      for (int instance = 0; instance < INSTANCES; instance++) {
        canary[i][instance] = events(random, rate);
        baseline[i][instance] = events(random, 0.02);
      }
    }
    for (int window = 0; window < 1440; window++) {
      if (epochs.beginWindow()) {
        dispersion.snapshot();
        harm.snapshot();
      }
      foldWindow();
    }
  }

  /** Folds one window. */
  @Benchmark
  public double foldOneWindow() {
    foldWindow();
    return harm.sums()[0];
  }

  /** Folds one window and reads the evidence for and against. */
  @Benchmark
  public double foldAndDecide() {
    foldWindow();
    return harm.logE(dispersion) + safe.logE(dispersion);
  }

  private void foldWindow() {
    next = (next + 1) % KINDS;
    double kC = 0;
    double kB = 0;
    for (int instance = 0; instance < INSTANCES; instance++) {
      dispersion.add(Arm.CANARY, instance, 50, canary[next][instance]);
      dispersion.add(Arm.BASELINE, instance, 50, baseline[next][instance]);
      kC += canary[next][instance];
      kB += baseline[next][instance];
    }
    dispersion.endWindow();
    double n = 50 * INSTANCES;
    LogFactors.ratio(Alternatives.UP, n, kC, n, kB, RHO, CAP, harm.sums());
    LogFactors.ratio(Alternatives.DN, n, kC, n, kB, RHO, Double.POSITIVE_INFINITY, safe.sums());
  }

  private static double events(Random random, double rate) {
    double events = 0;
    for (int request = 0; request < 50; request++) {
      events += random.nextDouble() < rate ? 1 : 0;
    }
    return events;
  }
}
