package io.canaryjudge.bench;

import io.canaryjudge.server.log.Logging;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.Main;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The entry of {@code ./canary-judge bench}. Without arguments, or with {@code all}, everything,
 * one part after the other; {@code analysis} and {@code commit} run the JMH benchmarks of these,
 * {@code ingest}, {@code latency}, {@code memory}, {@code series} and {@code unmatched} what is
 * measured of a whole server, {@code remote-write} a door alone, with options of their own (see
 * {@code --help} of each). Any other arguments go to JMH as they are.
 */
public final class Bench {

  private static final Map<String, String> JMH =
      Map.of("analysis", "io.canaryjudge.analysis", "commit", "GroupCommitBenchmark");
  private static final List<String> ALL =
      List.of(
          "analysis",
          "commit",
          "ingest",
          "latency",
          "memory",
          "series",
          "unmatched",
          "remote-write");

  private Bench() {}

  /** Runs what the arguments name and ends the process with an exit code. */
  public static void main(String[] args) throws IOException {
    Logging.install();
    String first = args.length == 0 ? "all" : args[0];
    if (first.equals("all")) {
      for (String part : ALL) {
        run(new String[] {part});
      }
    } else if (ALL.contains(first)) {
      run(args);
    } else {
      Main.main(args);
    }
  }

  private static void run(String[] args) throws IOException {
    String pattern = JMH.get(args[0]);
    if (pattern != null) {
      String[] jmh = args.clone();
      jmh[0] = pattern;
      Main.main(jmh);
      return;
    }
    int exit = commands().execute(args);
    if (exit != 0) {
      System.exit(exit);
    }
  }

  private static CommandLine commands() {
    return new CommandLine(new Root())
        .addSubcommand(new IngestBench())
        .addSubcommand(new LatencyBench())
        .addSubcommand(new MemoryBench())
        .addSubcommand(new SeriesBench())
        .addSubcommand(new UnmatchedBench())
        .addSubcommand(new RemoteWriteBench());
  }

  @Command(name = "bench", description = "Benchmarks of the whole system.")
  private static final class Root implements Runnable {

    @Override
    public void run() {
      throw new IllegalStateException("a sub-command is always given");
    }
  }
}
