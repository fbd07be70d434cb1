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
  private static final double WARM_UP_SECONDS = 10;

  /** Of the preset {@code standard}: windows take samples for two windows more. */
  private static final long LATENESS_MILLIS = 10_000;

  @Option(names = "--seconds", defaultValue = "40", description = "Of each part: ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(
      names = "--batch",
      defaultValue = "10",
      description = "Samples in a batch: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--rates",
      split = ",",
      defaultValue = "0,100000,300000,Infinity",
      description =
          "Samples per second, one part for each; 0 for none, Infinity for as fast as the server"
              + " takes them: ${DEFAULT-VALUE}.")
  private List<Double> rates = List.of();

  private final List<Double> callMillis = new ArrayList<>();
  private final List<Double> sealMillis = new ArrayList<>();
  private double cores;

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
          "%nVerdicts of %d runs, in milliseconds (%.0f s each)%n                      | GetVerdict"
              + "               | visible after end of window + lateness | server%n samples/s,"
              + " wanted |    p50     p99     max  |    p50     p99     max  windows | cores%n",
          RUNS, seconds);
      poll(reader.judge(), runs, WARM_UP_SECONDS);
      for (double rate : rates) {
        part(rate, server, target, reader, runs);
      }
    } finally {
      Directories.delete(directory);
    }
    return 0;
  }

  private void part(
      double rate, ServerProcess server, Target target, Target reader, List<String> runs)
      throws InterruptedException {
    if (rate == 0) {
      measure(server, reader, runs);
      print(0, rate);
      return;
    }
    LiveLoad load = new LiveLoad(target, runs, Mix.MIXED, STREAMS, batch, rate);
    poll(reader.judge(), runs, WARM_UP_SECONDS);
    long before = load.samples();
    double took = measure(server, reader, runs);
    print((load.samples() - before) / took, rate);
    load.stopAndWait();
  }

  /** Returns how long it took, in seconds. */
  private double measure(ServerProcess server, Target reader, List<String> runs)
      throws InterruptedException {
    double cpu = server.cpuSeconds();
    long start = System.nanoTime();
    poll(reader.judge(), runs, seconds);
    double took = (System.nanoTime() - start) / 1e9;
    cores = (server.cpuSeconds() - cpu) / took;
    return took;
  }

  private void print(double rate, double wanted) {
    double[] calls = callMillis.stream().mapToDouble(Double::doubleValue).toArray();
    double[] seals = sealMillis.stream().mapToDouble(Double::doubleValue).toArray();
    System.out.printf(
        "%10.0f %10.0f | %6.2f  %6.2f  %6.2f  | %6.0f  %6.0f  %6.0f  %7d | %5.2f%n",
        rate,
        wanted,
        Quantiles.of(calls, 0.5),
        Quantiles.of(calls, 0.99),
        Quantiles.of(calls, 1),
        Quantiles.of(seals, 0.5),
        Quantiles.of(seals, 0.99),
        Quantiles.of(seals, 1),
        seals.length,
        cores);
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
