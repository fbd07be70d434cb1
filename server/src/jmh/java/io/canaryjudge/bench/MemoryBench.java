package io.canaryjudge.bench;

import io.canaryjudge.bench.Batches.Mix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Memory per active run: a server with a heap of at most 1 GiB, and more and more runs of two
 * metrics and 10 instances in each arm.
 *
 * <p>The runs are retrospective, so that a run of an hour is fed within seconds; they are the same
 * in memory as live ones. The last three windows are left open, as in a live run.
 */
@Command(name = "memory", description = "Memory per active run.", mixinStandardHelpOptions = true)
final class MemoryBench implements Callable<Integer> {

  private static final int INSTANCES = 10;
  private static final int WINDOW_MILLIS = 5_000;
  private static final int OPEN_WINDOWS = 3;
  private static final long START_MILLIS = 1_700_000_000_000L;
  private static final int STREAMS_PER_CONNECTION = 90;
  private static final double MEBI = 1 << 20;

  @Option(
      names = "--runs",
      split = ",",
      defaultValue = "100,500,1000",
      description = "Default: ${DEFAULT-VALUE}.")
  private List<Integer> counts = List.of();

  @Option(
      names = "--windows",
      split = ",",
      defaultValue = "12,180",
      description = "Windows of 5 s that each run is fed; one series of figures for each.")
  private List<Integer> windows = List.of();

  @Override
  public Integer call() throws IOException {
    System.out.printf(
        "%nMemory of active runs: 2 metrics, 2 x %d instances, heap of at most 1 GiB%n windows   "
            + " runs  | heap used, MiB  KiB per run | resident, MiB | fed in s, server CPU s%n",
        INSTANCES);
    for (int count : windows) {
      measure(count);
    }
    return 0;
  }

  private void measure(int windowCount) throws IOException {
    int most = counts.stream().mapToInt(Integer::intValue).max().orElse(0);
    byte[][] messages = messages(windowCount);
    Path directory = Files.createTempDirectory("canary-judge-bench");
    try (ServerProcess server = ServerProcess.real(directory);
        Target target = new Target(server.port(), 1 + most / STREAMS_PER_CONNECTION)) {
      target.cancel(target.createLive()); // loads what the first run needs
      double empty = server.heapBytesAfterCollection();
      report(windowCount, 0, server, empty, 0, 0);
      List<LoadStream> streams = new ArrayList<>();
      for (int count : counts) {
        long start = System.nanoTime();
        double cpu = server.cpuSeconds();
        while (streams.size() < count) {
          String run = target.createRetrospective(START_MILLIS);
          streams.add(
              new LoadStream(
                  target.channel(streams.size()),
                  run,
                  "producer",
                  sequence -> message(messages, sequence)));
        }
        CompletableFuture.allOf(
                streams.stream().map(LoadStream::caughtUp).toArray(CompletableFuture[]::new))
            .orTimeout(10, TimeUnit.MINUTES)
            .join();
        double took = (System.nanoTime() - start) / 1e9;
        report(windowCount, count, server, empty, took, server.cpuSeconds() - cpu);
      }
    } finally {
      Directories.delete(directory);
    }
  }

  private static void report(
      int windowCount, int runs, ServerProcess server, double empty, double took, double cpu) {
    double heap = server.heapBytesAfterCollection();
    System.out.printf(
        "%8d %7d  | %14.1f %12.1f | %13.0f | %8.1f %8.1f%n",
        windowCount,
        runs,
        heap / MEBI,
        runs == 0 ? 0 : (heap - empty) / 1024 / runs,
        server.residentBytes() / MEBI,
        took,
        cpu);
  }

  /** One batch for each window, with one sample of each series; the same for every run. */
  private static byte[][] messages(int windowCount) {
    Batches batches = new Batches(Mix.MIXED, 0, INSTANCES);
    byte[][] messages = new byte[1 + windowCount][];
    messages[0] = Batches.message(1, batches.declarations());
    for (int i = 0; i < windowCount; i++) {
      long start = START_MILLIS + (long) i * WINDOW_MILLIS;
      long watermark = start - (OPEN_WINDOWS - 1L) * WINDOW_MILLIS;
      messages[1 + i] =
          Batches.message(2L + i, batches.samples(batches.series(), start, watermark));
    }
    return messages;
  }

  private static byte @Nullable [] message(byte[][] messages, long sequence) {
    return sequence <= messages.length ? messages[(int) sequence - 1] : null;
  }
}
