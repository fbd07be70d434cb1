package io.canaryjudge.demo;

import io.canaryjudge.client.JudgeCallException;
import io.canaryjudge.server.Server;
import io.canaryjudge.server.StartException;
import io.canaryjudge.server.config.ServerConfigLoader;
import io.canaryjudge.server.log.Logging;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts everything that it takes to see a verdict form, in this process. */
@Command(
    name = "demo",
    description = {
      "Starts a judge and a small service under load, and judges three releases of it:",
      "a good one, one with more errors, one with a slower P95."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    subcommands = {DemoServiceCommand.class, DemoRouteCommand.class},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every release got the decision that it deserves",
      "1:one did not",
      "69:something that is needed is not there"
    })
public final class DemoCommand implements Callable<Integer> {

  private static final int GRPC_PORT = 9090;
  private static final int HTTP_PORT = 8080;
  private static final int EXIT_UNAVAILABLE = 69;

  @Option(names = "--exit", description = "End after the last verdict; else the judge stays up.")
  private boolean exit;

  @Option(
      names = "--grpc-port",
      paramLabel = "PORT",
      description = "The judge's gRPC port. Default 9090, or a free one if it is taken.")
  private @Nullable Integer grpcPort;

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      description = "The judge's HTTP port. Default 8080, or a free one if it is taken.")
  private @Nullable Integer httpPort;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Keep the database here. Default: a temporary directory, deleted at the end.")
  private @Nullable Path data;

  @Option(
      names = "--feed",
      paramLabel = "WAY",
      defaultValue = "grpc",
      converter = FeedKind.Converter.class,
      description =
          "How the judge hears of requests: grpc, otlp-grpc, otlp-http, remote-write, prometheus or"
              + " prometheus-pull (which has to be installed). Default ${DEFAULT-VALUE}.")
  private FeedKind feed = FeedKind.GRPC;

  @Option(
      names = "--rate",
      paramLabel = "RPS",
      defaultValue = "300",
      description = "Requests per second, over both arms. Default ${DEFAULT-VALUE}.")
  private double requestsPerSecond;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Repeats the same arrivals, choices and work. Default: a new one each time.")
  private @Nullable Long seed;

  private final PrintStream out;
  private final boolean terminal;

  /** Writes to standard output. */
  public DemoCommand() {
    // In UTF-8 whatever the locale is: a terminal that cannot show a bar is rarer than one whose
    // locale does not say that it can.
    this(new PrintStream(System.out, true, StandardCharsets.UTF_8), isTerminal());
  }

  DemoCommand(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Screen screen = new Screen(out, terminal, System.getenv());
    Thread self = Thread.currentThread();
    CountDownLatch finished = new CountDownLatch(1);
    Thread stop =
        new Thread(
            () -> {
              self.interrupt();
              try {
                // Gives the server and the temporary directory the time to go in order.
                boolean _ = finished.await(15, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "stop");
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      return play(screen);
    } catch (InterruptedException stopped) {
      screen.say("stopped");
      return 130;
    } catch (StartException e) {
      screen.say(String.valueOf(e.getMessage()));
      return EXIT_UNAVAILABLE;
    } catch (JudgeCallException e) {
      screen.say("the judge failed: " + e.getMessage());
      return 1;
    } finally {
      finished.countDown();
      forget(stop);
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException stopping) {
      // It is running: this is the stop that it asked for.
    }
  }

  private int play(Screen screen) throws IOException, InterruptedException {
    Optional<String> missing = feed.needsPrometheus() ? PrometheusFeed.missing() : Optional.empty();
    if (missing.isPresent()) {
      screen.say(missing.get());
      return EXIT_UNAVAILABLE;
    }
    Path directory = data == null ? Files.createTempDirectory("canary-judge-demo-") : data;
    Files.createDirectories(directory);
    int prometheusPort = PrometheusFeed.freePort();
    try (Server server = start(screen, directory, prometheusPort)) {
      screen.say(
          "judge:   gRPC %s, HTTP %s, metrics %s/metrics"
              .formatted(server.grpcAddress(), server.httpUrl(), server.httpUrl()));
      screen.say(
          "data:    %s, %s".formatted(directory, data == null ? "deleted at the end" : "kept"));
      List<Trial.Result> results =
          new Demo(
                  screen,
                  feed,
                  prometheusPort,
                  requestsPerSecond,
                  seed == null ? System.nanoTime() : seed)
              .play(server.grpcAddress(), server.httpUrl());
      summarise(screen, results);
      if (!exit) {
        screen.say("");
        screen.say(
            "The judge stays up: %s/api/v1/analysisRuns. Ctrl-C ends it."
                .formatted(server.httpUrl()));
        new CountDownLatch(1).await();
      }
      return results.stream().allMatch(Trial.Result::asExpected) ? 0 : 1;
    } finally {
      if (data == null) {
        delete(directory);
      }
    }
  }

  private static void summarise(Screen screen, List<Trial.Result> results) {
    screen.say("");
    for (Trial.Result result : results) {
      screen.say(
          "%s  checkout %s  %-6s after %4.1f s: %s"
              .formatted(
                  result.asExpected() ? "✓" : "✗",
                  result.release().version(),
                  result.verdict().getDecision().name().replaceFirst("DECISION_", ""),
                  result.millis() / 1e3,
                  result.release().title()));
    }
  }

  private Server start(Screen screen, Path directory, int prometheusPort) {
    Map<String, String> settings = new TreeMap<>();
    settings.put("grpc.port", String.valueOf(port(screen, "gRPC", grpcPort, GRPC_PORT)));
    settings.put("http.port", String.valueOf(port(screen, "HTTP", httpPort, HTTP_PORT)));
    settings.put("database.url", "jdbc:sqlite:" + directory.resolve("judge.db"));
    settings.put("log.level", "warn");
    if (feed == FeedKind.PROMETHEUS_PULL) {
      settings.put("prometheus.url", "http://127.0.0.1:" + prometheusPort);
      settings.put("prometheus.interval", "1s");
    }
    var config = ServerConfigLoader.load(Optional.empty(), Map.of(), settings).config();
    Logging.configure(config.log());
    return Server.start(config);
  }

  /** A port that was asked for is taken or nothing; the usual one gives way to a free one. */
  private static int port(Screen screen, String name, @Nullable Integer wanted, int usual) {
    if (wanted != null) {
      return wanted;
    }
    try (var probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), usual));
      return usual;
    } catch (IOException taken) {
      screen.say("Port %d is taken; %s gets a free one.".formatted(usual, name));
      return 0;
    }
  }

  static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // Null where standard input or output is redirected, unless another console was chosen.
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }
}
