package io.canaryjudge.bench;

import com.google.protobuf.util.Timestamps;
import io.canaryjudge.bench.Batches.Mix;
import io.canaryjudge.proto.v1.GetVerdictRequest;
import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How long {@code GetVerdict} takes, and how fresh its answer is, with and without a load. */
@Command(
    name = "latency",
    description = "GetVerdict under load, and how fresh verdicts are.",
    mixinStandardHelpOptions = true)
final class LatencyBench implements Callable<Integer> {

  private static final int RUNS = 5;
  private static final int STREAMS = 10;
  private static final long PAUSE_MILLIS = 2;

  /** Of the preset {@code standard}: windows take samples for two windows more. */
  private static final long LATENESS_MILLIS = 10_000;

  @Option(names = "--seconds", defaultValue = "40", description = "Of each part: ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(
      names = "--batch",
      defaultValue = "10",
      description = "Samples in a batch: ${DEFAULT-VALUE}.")
  private int batch;

  private final List<Double> callMillis = new ArrayList<>();
  private final List<Double> sealMillis = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("canary-judge-bench");
    try (ServerProcess server = ServerProcess.real(directory);
        Target target = new Target(server.port(), STREAMS);
        Target reader = new Target(server.port(), 1)) {
      List<String> runs = new ArrayList<>();
      for (int i = 0; i < RUNS; i++) {
        runs.add(target.createLive());
        Thread.sleep(700); // so that their windows do not end together
      }
      System.out.printf(
          "%nVerdicts of %d runs, in milliseconds (%.0f s each)%n                     | GetVerdict "
              + "             | visible after end of window + lateness%nload, samples/s      |   "
              + " p50     p99     max  |    p50     p99     max  windows%n",
          RUNS, seconds);
      poll(reader.judge(), runs, Math.min(seconds, 15)); // warms up
      report("none", runs, reader);
      double cpu = server.cpuSeconds();
      long start = System.nanoTime();
      LiveLoad load = new LiveLoad(target, runs, Mix.MIXED, STREAMS, batch);
      poll(reader.judge(), runs, 5); // warms up
      long before = load.samples();
      long begin = System.nanoTime();
      measure(runs, reader);
      double rate = (load.samples() - before) / ((System.nanoTime() - begin) / 1e9);
      print(String.format("%.0f", rate));
      load.stopAndWait();
      System.out.printf(
          "The server used %.2f cores meanwhile.%n",
          (server.cpuSeconds() - cpu) / ((System.nanoTime() - start) / 1e9));
    } finally {
      Directories.delete(directory);
    }
    return 0;
  }

  private void report(String load, List<String> runs, Target reader) throws InterruptedException {
    measure(runs, reader);
    print(load);
  }

  private void measure(List<String> runs, Target reader) throws InterruptedException {
    poll(reader.judge(), runs, seconds);
  }

  private void print(String load) {
    double[] calls = callMillis.stream().mapToDouble(Double::doubleValue).toArray();
    double[] seals = sealMillis.stream().mapToDouble(Double::doubleValue).toArray();
    System.out.printf(
        "%-20s | %6.2f  %6.2f  %6.2f  | %6.0f  %6.0f  %6.0f  %7d%n",
        load,
        Quantiles.of(calls, 0.5),
        Quantiles.of(calls, 0.99),
        Quantiles.of(calls, 1),
        Quantiles.of(seals, 0.5),
        Quantiles.of(seals, 0.99),
        Quantiles.of(seals, 1),
        seals.length);
  }

  /** Reads the verdict of one run after the other; what was measured before is forgotten. */
  private void poll(JudgeGrpc.JudgeBlockingStub judge, List<String> runs, double forSeconds)
      throws InterruptedException {
    callMillis.clear();
    sealMillis.clear();
    Map<String, Long> sealedThrough = new HashMap<>();
    long end = System.nanoTime() + Math.round(forSeconds * 1e9);
    for (int i = 0; System.nanoTime() < end; i++) {
      String run = runs.get(i % runs.size());
      GetVerdictRequest request = GetVerdictRequest.newBuilder().setAnalysisRun(run).build();
      long start = System.nanoTime();
      Verdict verdict = judge.getVerdict(request).getVerdict();
      callMillis.add((System.nanoTime() - start) / 1e6);
      long now = System.currentTimeMillis();
      if (verdict.getSealedWindowCount() > 0) {
        long through = Timestamps.toMillis(verdict.getSealedThroughTime());
        Long before = sealedThrough.put(run, through);
        if (before != null && through > before) {
          sealMillis.add((double) (now - through - LATENESS_MILLIS));
        }
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }
}
