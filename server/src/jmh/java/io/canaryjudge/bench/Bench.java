package io.canaryjudge.bench;

import io.canaryjudge.server.log.Logging;
import java.io.IOException;
import java.util.List;
import org.openjdk.jmh.Main;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The entry of {@code ./canary-judge bench}. Without arguments, or with {@code all}, everything;
 * {@code analysis}, {@code ingest}, {@code latency}, {@code memory} or {@code remote-write} for one
 * part, with its own options (see {@code --help} of each). Any other arguments go to JMH as they
 * are.
 */
public final class Bench {

  private static final List<String> SYSTEM = List.of("ingest", "latency", "memory", "remote-write");

  private Bench() {}

  /** Runs what the arguments name and ends the process with an exit code. */
  public static void main(String[] args) throws IOException {
    Logging.install();
    String first = args.length == 0 ? "all" : args[0];
    if (first.equals("all") || first.equals("analysis")) {
      Main.main(new String[] {"io.canaryjudge.analysis"});
      if (first.equals("analysis")) {
        return;
      }
      for (String part : SYSTEM) {
        int exit = commands().execute(part);
        if (exit != 0) {
          System.exit(exit);
        }
      }
    } else if (SYSTEM.contains(first)) {
      System.exit(commands().execute(args));
    } else {
      Main.main(args);
    }
  }

  private static CommandLine commands() {
    return new CommandLine(new Root())
        .addSubcommand(new IngestBench())
        .addSubcommand(new LatencyBench())
        .addSubcommand(new MemoryBench())
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
