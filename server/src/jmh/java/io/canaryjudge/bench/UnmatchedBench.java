package io.canaryjudge.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What senders cost whose series match no run, at a steady rate over the wire: processor time of
 * the server less that of a server which is left alone, as a share of one core. A run is open, so
 * that some names are wanted.
 */
@Command(
    name = "unmatched",
    description = "CPU of 100,000 series that match no run, at a steady rate.",
    mixinStandardHelpOptions = true)
final class UnmatchedBench implements Callable<Integer> {

  private static final int SERIES = 100_000;
  private static final int NAMES = 500;
  private static final int NAMES_OF_A_PROCESS = 10;
  private static final int CONNECTIONS = 4;

  @Option(
      names = "--rate",
      defaultValue = "10000",
      description = "Points per second: ${DEFAULT-VALUE}.")
  private int rate;

  @Option(
      names = "--points",
      defaultValue = "1000",
      description = "Points of a request: ${DEFAULT-VALUE}.")
  private int points;

  @Option(names = "--seconds", defaultValue = "20", description = "Of a figure: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "10",
      description =
          "CPU seconds of each kind at full speed before it is measured: ${DEFAULT-VALUE}.")
  private double warmUpCpuSeconds;

  @Option(
      names = "--wire",
      split = ",",
      defaultValue = "OTLP_GRPC,OTLP_HTTP,WRITE_1,WRITE_2",
      description = "Default: ${DEFAULT-VALUE}.")
  private List<Wire> wires = List.of();

  /** Why a series matches no run. */
  private enum Why {
    /** No run is made of series of its name. */
    NAME,

    /** Its name is wanted, and its service is another. */
    SERVICE
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("canary-judge-bench");
    try (ServerProcess server = ServerProcess.real(directory);
        Target target = new Target(server.port(), CONNECTIONS)) {
      target.createLive();
      System.out.printf(
          "%n%,d series that match no run, %,d points per second, %,d in a request%nwire      "
              + " other     | CPU, %% of one core   idle   per 10,000 points/s | us/point%n",
          SERIES, rate, points);
      for (Wire wire : wires) {
        try (ForeignTarget foreign = new ForeignTarget(wire, server, target)) {
          for (Why why : Why.values()) {
            measure(server, foreign, wire, why);
          }
        }
      }
    } finally {
      Directories.delete(directory);
    }
    return 0;
  }

  private void measure(ServerProcess server, ForeignTarget target, Wire wire, Why why)
      throws InterruptedException {
    ForeignLoad.Maker maker = (sender, round) -> request(wire, why, sender, round);
    int senders = SERIES / points;
    // One round for each sender: what is counted does not matter to those who do not want it.
    double cpu = server.cpuSeconds();
    try (ForeignLoad load =
        new ForeignLoad(target, maker, 1, senders, points, Double.POSITIVE_INFINITY)) {
      while (server.cpuSeconds() - cpu < warmUpCpuSeconds) {
        Thread.sleep(100);
      }
      load.stopAndWait();
    }
    Usage idle = Usage.during(server, seconds, () -> 0L);
    try (ForeignLoad load = new ForeignLoad(target, maker, 1, senders, points, rate)) {
      Usage busy = Usage.during(server, seconds, load::points);
      load.stopAndWait();
      double more = busy.cores() - idle.cores();
      double reached = busy.points() / busy.seconds();
      System.out.printf(
          "%-10s %-9s | %19.2f %6.2f %21.2f | %8.2f%n",
          wire,
          why,
          100 * busy.cores(),
          100 * idle.cores(),
          100 * more * 10_000 / reached,
          1e6 * more / reached);
    }
  }

  /** What a server used while so many points came. */
  private record Usage(double seconds, double cpuSeconds, long points) {

    interface Counter {
      long points();
    }

    static Usage during(ServerProcess server, int seconds, Counter counter)
        throws InterruptedException {
      double cpu = server.cpuSeconds();
      long points = counter.points();
      long start = System.nanoTime();
      Thread.sleep(seconds * 1_000L);
      return new Usage(
          (System.nanoTime() - start) / 1e9, server.cpuSeconds() - cpu, counter.points() - points);
    }

    double cores() {
      return cpuSeconds / seconds;
    }
  }

  private Request request(Wire wire, Why why, int sender, int round) {
    List<List<Series>> processes =
        SeriesBench.processes("other", sender * SeriesBench.processCount(points), points);
    // The services of a cluster have names of their own; a process has some of them.
    List<String> names =
        IntStream.range(0, NAMES_OF_A_PROCESS)
            .map(i -> (sender * NAMES_OF_A_PROCESS + i) % NAMES)
            .mapToObj(i -> name(wire, why, i))
            .distinct()
            .toList();
    return Request.of(wire, processes, names, false, round);
  }

  private static String name(Wire wire, Why why, int number) {
    return switch (why) {
      case SERVICE -> wire.isRemoteWrite() ? "http_requests_total" : "http.requests";
      case NAME ->
          wire.isRemoteWrite()
              ? "service_operation_%03d_total".formatted(number)
              : "service.operation.%03d".formatted(number);
    };
  }
}
