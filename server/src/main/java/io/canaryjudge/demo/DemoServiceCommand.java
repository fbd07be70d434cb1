package io.canaryjudge.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.canaryjudge.client.JudgeChannel;
import io.canaryjudge.proto.v1.Arm;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Runs the service of the demonstration in two versions under load, for a rollout script to steer:
 * {@link DemoRouteCommand} sets the canary's share of the traffic.
 */
@Command(
    name = "service",
    description =
        "Runs the small service of the demonstration in two versions under load. 'demo route'"
            + " sets the canary's share of its traffic, at first none.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class DemoServiceCommand implements Callable<Integer> {

  static final int CONTROL_PORT = 8090;
  static final String BASELINE_VERSION = "1.4.2";

  private static final Pattern ROUTE =
      Pattern.compile("/route/(\\d{1,3})/((?:analysisRuns/)?[A-Za-z0-9_-]{0,100})");
  private static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(10);

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--canary",
      paramLabel = "VERSION",
      defaultValue = "1.5.0",
      description =
          "The new version: 1.5.0 is good, 1.6.0 fails more often, 1.7.0 is slower."
              + " Default ${DEFAULT-VALUE}.")
  private String version = "1.5.0";

  @Option(
      names = "--rate",
      paramLabel = "RPS",
      defaultValue = "100",
      description = "Requests per second. Default ${DEFAULT-VALUE}.")
  private double requestsPerSecond;

  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      defaultValue = "${env:CANARY_JUDGE_SERVER:-localhost:9090}",
      description = "The judge's gRPC port. Else CANARY_JUDGE_SERVER, else localhost:9090.")
  private String server = "localhost:9090";

  @Option(
      names = "--control-port",
      paramLabel = "PORT",
      defaultValue = "" + CONTROL_PORT,
      description = "Where 'demo route' finds it; 0 takes a free one. Default ${DEFAULT-VALUE}.")
  private int controlPort;

  private @Nullable Feed feed;
  private String fed = "";

  @Override
  public Integer call() throws IOException, InterruptedException {
    Release release =
        Demo.RELEASES.stream()
            .filter(one -> one.version().equals(version))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "--canary: " + version + " (expected: 1.5.0, 1.6.0 or 1.7.0)"));
    RandomGenerator seeds = RandomGeneratorFactory.of("L64X128MixRandom").create(System.nanoTime());
    ManagedChannel channel = JudgeChannel.to(server).open();
    HttpServer control =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), controlPort), 16);
    try (Traffic traffic = new Traffic(requestsPerSecond, seeds.nextLong());
        Arms arms =
            new Arms(
                Demo.HEALTHY, BASELINE_VERSION, release.behaviour(), release.version(), seeds)) {
      // What is slow for the first time is slow now, and not while it is judged.
      traffic.route(arms.instances(), observation -> {});
      boolean _ = traffic.settle(SETTLE_TIMEOUT);
      traffic.route(targets(arms, 0), observation -> {});
      control.createContext("/route/", exchange -> route(exchange, channel, traffic, arms));
      control.start();
      var out = Objects.requireNonNull(spec).commandLine().getOut();
      out.println("READY control=127.0.0.1:" + control.getAddress().getPort());
      out.flush();
      new CountDownLatch(1).await(); // until a signal ends the process
      return 0;
    } finally {
      control.stop(0);
      channel.shutdownNow();
    }
  }

  /** Each instance as often as its arm's share of the traffic has percents. */
  static List<CheckoutInstance> targets(Arms arms, int canaryPercent) {
    List<CheckoutInstance> targets = new ArrayList<>();
    for (CheckoutInstance instance : arms.instances()) {
      int times = instance.arm() == Arm.ARM_CANARY ? canaryPercent : 100 - canaryPercent;
      for (int i = 0; i < times; i++) {
        targets.add(instance);
      }
    }
    return targets;
  }

  private void route(HttpExchange exchange, ManagedChannel channel, Traffic traffic, Arms arms)
      throws IOException {
    try (exchange) {
      Matcher route = ROUTE.matcher(exchange.getRequestURI().getPath());
      boolean valid = route.matches() && Integer.parseInt(route.group(1)) <= 100;
      if (valid) {
        int percent = Integer.parseInt(route.group(1));
        Feed to = feed(channel, route.group(2));
        traffic.route(targets(arms, percent), to == null ? observation -> {} : to::observe);
      }
      byte[] answer =
          (valid ? "routed\n" : "expected: /route/PERCENT/RUN\n").getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(valid ? 200 : 400, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  /** The feed of a run; null for none. The one before is closed: a run has one at a time. */
  private synchronized @Nullable Feed feed(ManagedChannel channel, String run) {
    if (!run.equals(fed)) {
      if (feed != null) {
        feed.close();
      }
      feed = run.isEmpty() ? null : new GrpcFeed(channel, run);
      fed = run;
    }
    return feed;
  }
}
