package io.canaryjudge.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Points per second of OpenTelemetry and Prometheus remote write into the real server, beside
 * {@link EmptyServer} in the same run: as {@link IngestBench}, for series that come by themselves.
 *
 * <p>All points belong to one live run, and each brings something new.
 */
@Command(
    name = "series",
    description = "Points of OTLP and remote write per second, beside an empty handler.",
    mixinStandardHelpOptions = true)
final class SeriesBench implements Callable<Integer> {

  private static final int CONNECTIONS = 8;
  private static final int ROUNDS = 8;
  private static final long LOOK_MILLIS = 50;
  private static final double LONGEST_SECONDS = 60;

  @Option(
      names = "--cpu-seconds",
      defaultValue = "1.5",
      description = "CPU time of the server in one repetition: ${DEFAULT-VALUE}.")
  private double cpuSeconds;

  @Option(names = "--repetitions", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}.")
  private int repetitions;

  @Option(
      names = "--warm-up",
      defaultValue = "6",
      description =
          "CPU seconds of each server on each kind of load before it is measured:"
              + " ${DEFAULT-VALUE}.")
  private double warmUpCpuSeconds;

  @Option(names = "--senders", defaultValue = "10", description = "Default: ${DEFAULT-VALUE}.")
  private int senders;

  @Option(
      names = "--points",
      defaultValue = "1000",
      description = "Points of a request, of 50 series of each process: ${DEFAULT-VALUE}.")
  private int points;

  @Option(
      names = "--wire",
      split = ",",
      defaultValue = "OTLP_GRPC,OTLP_HTTP,WRITE_1,WRITE_2",
      description = "Default: ${DEFAULT-VALUE}.")
  private List<Wire> wires = List.of();

  @Option(
      names = "--mix",
      split = ",",
      defaultValue = "COUNTS,HISTOGRAMS",
      description = "Default: ${DEFAULT-VALUE}.")
  private List<Mix> mixes = List.of();

  /** What the points are. */
  enum Mix {
    /** Counters. */
    COUNTS,

    /** Histograms: with the 14 bounds of the semantic conventions, or native with 12 buckets. */
    HISTOGRAMS
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("canary-judge-bench");
    try (ServerProcess real = ServerProcess.real(directory);
        ServerProcess empty = ServerProcess.empty();
        Target toReal = new Target(real.port(), CONNECTIONS);
        Target toEmpty = new Target(empty.port(), CONNECTIONS)) {
      System.out.printf(
          "%nForeign series, %d senders, %,d points in a request; points per second of server CPU"
              + " time%n(median of %d repetitions of at least %.1f s of CPU time)%n"
              + "wire       mix         |     judge       empty  ratio (least, most) |"
              + " judge, points/s of wall time%n",
          senders, points, repetitions, cpuSeconds);
      for (Wire wire : wires) {
        try (ForeignTarget atReal = new ForeignTarget(wire, real, toReal);
            ForeignTarget atEmpty = new ForeignTarget(wire, empty, toEmpty)) {
          for (Mix mix : mixes) {
            compare(wire, mix, real, toReal, atReal, empty, atEmpty);
          }
        }
      }
    } finally {
      Directories.delete(directory);
    }
    return 0;
  }

  private void compare(
      Wire wire,
      Mix mix,
      ServerProcess real,
      Target toReal,
      ForeignTarget atReal,
      ServerProcess empty,
      ForeignTarget atEmpty)
      throws IOException, InterruptedException {
    List<Rates> ofReal = new ArrayList<>();
    List<Rates> ofEmpty = new ArrayList<>();
    for (int i = -1; i < repetitions; i++) {
      double cpu = i < 0 ? warmUpCpuSeconds : cpuSeconds;
      String run = toReal.createLive();
      long taken = atReal.pointsTaken();
      Rates judge = measure(real, atReal, wire, mix, cpu);
      // Points that are passed over would be cheap, and say nothing.
      if (atReal.pointsTaken() - taken < judge.points()) {
        throw new IllegalStateException("not all of " + judge.points() + " points were counted");
      }
      toReal.cancel(run);
      Rates yardstick = measure(empty, atEmpty, wire, mix, cpu);
      if (i >= 0) { // the first warms up
        ofReal.add(judge);
        ofEmpty.add(yardstick);
      }
    }
    Medians cpu = Medians.of(ofReal, ofEmpty, Rates::perCpuSecond);
    Medians wall = Medians.of(ofReal, ofEmpty, Rates::perSecond);
    System.out.printf(
        "%-10s %-11s | %,9.0f  %,10.0f  %5.2f (%4.2f, %4.2f)   | %,9.0f%n",
        wire,
        mix,
        cpu.judge(),
        cpu.empty(),
        cpu.ratio(),
        cpu.leastRatio(),
        cpu.mostRatio(),
        wall.judge());
  }

  private Rates measure(
      ServerProcess server, ForeignTarget target, Wire wire, Mix mix, double enoughCpuSeconds)
      throws InterruptedException {
    double cpu = server.cpuSeconds();
    long start = System.nanoTime();
    try (ForeignLoad load =
        new ForeignLoad(
            target,
            (sender, round) -> request(wire, mix, sender, round),
            ROUNDS,
            senders,
            points,
            Double.POSITIVE_INFINITY)) {
      while (server.cpuSeconds() - cpu < enoughCpuSeconds
          && (System.nanoTime() - start) / 1e9 < LONGEST_SECONDS) {
        Thread.sleep(LOOK_MILLIS);
      }
      load.stopAndWait();
      double took = (System.nanoTime() - start) / 1e9;
      return new Rates(load.points(), took, server.cpuSeconds() - cpu);
    }
  }

  private Request request(Wire wire, Mix mix, int sender, int round) {
    List<List<Series>> processes = processes("bench", sender * processCount(points), points);
    boolean histograms = mix == Mix.HISTOGRAMS;
    String name =
        histograms
            ? wire.isRemoteWrite()
                ? "http_request_duration_seconds"
                : "http.server.request.duration"
            : wire.isRemoteWrite() ? "http_requests_total" : "http.requests";
    return Request.of(wire, processes, List.of(name), histograms, round);
  }

  static int processCount(int points) {
    return Math.ceilDiv(points, ForeignLoad.SERIES_PER_PROCESS);
  }

  /** So many series of processes, the first of which has a number. */
  static List<List<Series>> processes(String service, int first, int points) {
    return IntStream.range(0, processCount(points))
        .mapToObj(
            i ->
                IntStream.range(
                        0,
                        Math.min(
                            ForeignLoad.SERIES_PER_PROCESS,
                            points - i * ForeignLoad.SERIES_PER_PROCESS))
                    .mapToObj(number -> new Series(service, first + i, number))
                    .toList())
        .toList();
  }
}
