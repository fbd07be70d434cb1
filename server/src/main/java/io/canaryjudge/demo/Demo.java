package io.canaryjudge.demo;

import io.canaryjudge.client.JudgeChannel;
import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.client.VerdictPrinter;
import io.canaryjudge.proto.v1.Decision;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Plays three releases against a running judge. */
final class Demo {

  private static final String PRESENT_VERSION = "1.4.2";
  private static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(10);

  static final Behaviour HEALTHY = new Behaviour(100, 0.4, 0.001, 0, 1);

  /** What is released, and what it deserves. The judge is not told. */
  static final List<Release> RELEASES =
      List.of(
          new Release(
              "1.5.0", "a refactoring that behaves as before", HEALTHY, Decision.DECISION_GO, ""),
          new Release(
              "1.6.0",
              "a bug: one request in twenty ends with status 500",
              new Behaviour(100, 0.4, 0.05, 0, 1),
              Decision.DECISION_NO_GO,
              DemoPolicy.ERROR_RATE),
          new Release(
              "1.7.0",
              "a missing index: one request in eight takes four times as long, the median stays",
              new Behaviour(100, 0.4, 0.001, 0.125, 4),
              Decision.DECISION_NO_GO,
              DemoPolicy.LATENCY));

  private final Screen screen;
  private final double requestsPerSecond;
  private final long seed;
  private final FeedKind feed;
  private final int prometheusPort;

  Demo(Screen screen, FeedKind feed, int prometheusPort, double requestsPerSecond, long seed) {
    this.screen = screen;
    this.feed = feed;
    this.prometheusPort = prometheusPort;
    this.requestsPerSecond = requestsPerSecond;
    this.seed = seed;
  }

  /**
   * Releases one after the other.
   *
   * @param grpcAddress the judge's gRPC port
   * @param httpUrl the judge's HTTP port
   * @return how each went, in order
   */
  List<Trial.Result> play(String grpcAddress, String httpUrl)
      throws IOException, InterruptedException {
    RandomGenerator seeds = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    ManagedChannel channel = JudgeChannel.to(grpcAddress).open();
    try (Traffic traffic = new Traffic(requestsPerSecond, seeds.nextLong())) {
      screen.say(
          "service: checkout %s and a new version, %d instances each, %.0f requests/s over HTTP"
              .formatted(PRESENT_VERSION, Arms.INSTANCES_PER_ARM, requestsPerSecond));
      List<String> differences = DemoPolicy.ensure(channel);
      screen.say("policy:  demo, which is standard with other times (in brackets: standard's):");
      screen.say("         " + String.join(", ", differences));
      screen.say("feed:    " + feed.label() + ", " + feed.description());
      screen.say("warming up");
      Trial trial =
          new Trial(
              screen,
              new JudgeClient(channel),
              feed.factory(channel, httpUrl, prometheusPort),
              traffic,
              seeds);
      if (!trial.rehearse(HEALTHY, PRESENT_VERSION, SETTLE_TIMEOUT)) {
        screen.say("note:    this machine is busy; the service is slower than it should be");
      }
      List<Trial.Result> results = new ArrayList<>();
      for (Release release : RELEASES) {
        screen.say("");
        screen.say("── checkout %s: %s".formatted(release.version(), release.title()));
        Trial.Result result = trial.judge(release, HEALTHY, PRESENT_VERSION);
        results.add(result);
        tell(result, httpUrl);
      }
      if (traffic.shed() > 0) {
        screen.say("note:    %,d requests could not be made".formatted(traffic.shed()));
      }
      return results;
    } finally {
      channel.shutdownNow();
    }
  }

  private void tell(Trial.Result result, String httpUrl) {
    String printed = new VerdictPrinter(screen.colour()).full(result.verdict());
    printed.lines().forEach(screen::say);
    screen.say(
        "%s after %.1f s   %s/api/v1/%s"
            .formatted(
                result.asExpected() ? "as it should be," : "NOT AS IT SHOULD BE,",
                result.millis() / 1e3,
                httpUrl,
                result.run()));
  }
}
