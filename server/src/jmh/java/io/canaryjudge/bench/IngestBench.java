package io.canaryjudge.bench;

import io.canaryjudge.bench.Batches.Mix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Samples per second into the real server, beside {@link EmptyServer} in the same run.
 *
 * <p>Both servers are alive all the time and take turns under the same load from this process, so
 * that whatever else the machine does hits both.
 */
@Command(
    name = "ingest",
    description = "Samples per second beside an empty handler.",
    mixinStandardHelpOptions = true)
final class IngestBench implements Callable<Integer> {

  private static final int MOST_STREAMS = 10;

  /** What is counted in units of 0.01 s needs so much to be known to a few percent. */
  private static final double LEAST_CPU_SECONDS = 0.5;

  private static final double LONGEST_SECONDS = 60;
  private static final long LOOK_MILLIS = 50;

  /** The empty handler knows none, and does not ask. */
  private static final String NO_RUN = "analysisRuns/none";

  @Option(
      names = "--seconds",
      defaultValue = "2",
      description =
          "Of one repetition, and longer until the server has used 0.5 s of CPU time:"
              + " ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(names = "--repetitions", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}.")
  private int repetitions;

  @Option(
      names = "--warm-up",
      defaultValue = "8",
      description = "CPU seconds of each server before anything is measured: ${DEFAULT-VALUE}.")
  private double warmUpCpuSeconds;

  @Option(
      names = "--streams",
      split = ",",
      defaultValue = "1,10",
      description = "Default: ${DEFAULT-VALUE}.")
  private List<Integer> streamCounts = List.of();

  @Option(
      names = "--batch",
      split = ",",
      defaultValue = "1,10,100",
      description = "Samples in a batch: ${DEFAULT-VALUE}.")
  private List<Integer> batchSizes = List.of();

  @Option(
      names = "--mix",
      split = ",",
      defaultValue = "COUNTS,MIXED",
      description = "Default: ${DEFAULT-VALUE}.")
  private List<Mix> mixes = List.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("canary-judge-bench");
    try (ServerProcess real = ServerProcess.real(directory);
        ServerProcess empty = ServerProcess.empty();
        Target toReal = new Target(real.port(), MOST_STREAMS);
        Target toEmpty = new Target(empty.port(), MOST_STREAMS)) {
      System.out.printf(
          "%nIngest, millions of samples per second (median of %d repetitions of %.0f s)%n         "
              + "                 | per second of wall time  |    per second of server CPU time    "
              + "    |  CPU%nmix     streams   batch   |   judge    empty  ratio  |   judge   "
              + " empty  ratio (least, most) | judge%n",
          repetitions, seconds);
      warmUp(real, toReal, empty, toEmpty);
      for (Mix mix : mixes) {
        for (int streams : streamCounts) {
          for (int batch : batchSizes) {
            compare(real, toReal, empty, toEmpty, mix, streams, batch);
          }
        }
      }
    } finally {
      Directories.delete(directory);
    }
    return 0;
  }

  /** Every kind of load, until both servers have had time to compile what they run. */
  private void warmUp(ServerProcess real, Target toReal, ServerProcess empty, Target toEmpty)
      throws InterruptedException {
    double enough = warmUpCpuSeconds;
    for (int i = 0; i < 20 && (real.cpuSeconds() < enough || empty.cpuSeconds() < enough); i++) {
      for (Mix mix : mixes) {
        for (int batch : batchSizes) {
          if (real.cpuSeconds() < enough) {
            String run = toReal.createLive();
            measure(real, toReal, run, mix, MOST_STREAMS, batch);
            toReal.cancel(run);
          }
          if (empty.cpuSeconds() < enough) {
            measure(empty, toEmpty, NO_RUN, mix, MOST_STREAMS, batch);
          }
        }
      }
    }
  }

  private void compare(
      ServerProcess real,
      Target toReal,
      ServerProcess empty,
      Target toEmpty,
      Mix mix,
      int streams,
      int batch)
      throws InterruptedException {
    List<Rates> ofReal = new ArrayList<>();
    List<Rates> ofEmpty = new ArrayList<>();
    for (int i = -1; i < repetitions; i++) {
      String run = toReal.createLive();
      Rates judge = measure(real, toReal, run, mix, streams, batch);
      toReal.cancel(run);
      Rates yardstick = measure(empty, toEmpty, NO_RUN, mix, streams, batch);
      if (i >= 0) { // the first warms up
        ofReal.add(judge);
        ofEmpty.add(yardstick);
      }
    }
    Medians wall = Medians.of(ofReal, ofEmpty, Rates::perSecond);
    Medians cpu = Medians.of(ofReal, ofEmpty, Rates::perCpuSecond);
    System.out.printf(
        "%-7s %7d %7d   | %7.3f  %7.3f  %5.2f  | %7.3f  %7.3f  %5.2f (%4.2f, %4.2f)   | %4.0f %%%n",
        mix,
        streams,
        batch,
        wall.judge() / 1e6,
        wall.empty() / 1e6,
        wall.ratio(),
        cpu.judge() / 1e6,
        cpu.empty() / 1e6,
        cpu.ratio(),
        cpu.leastRatio(),
        cpu.mostRatio(),
        100 * wall.judge() / cpu.judge());
  }

  /** From the first sample to the last acknowledgement. */
  private Rates measure(
      ServerProcess server, Target target, String run, Mix mix, int streams, int batch)
      throws InterruptedException {
    double cpu = server.cpuSeconds();
    long start = System.nanoTime();
    LiveLoad load =
        new LiveLoad(target, List.of(run), mix, streams, batch, Double.POSITIVE_INFINITY);
    double passed = 0;
    while (passed < seconds
        || (server.cpuSeconds() - cpu < LEAST_CPU_SECONDS && passed < LONGEST_SECONDS)) {
      Thread.sleep(LOOK_MILLIS);
      passed = (System.nanoTime() - start) / 1e9;
    }
    load.stopAndWait();
    double took = (System.nanoTime() - start) / 1e9;
    return new Rates(load.samples(), took, server.cpuSeconds() - cpu);
  }
}
