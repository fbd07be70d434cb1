package io.canaryjudge.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.server.PointTotals;
import io.canaryjudge.server.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xerial.snappy.Snappy;
import picocli.CommandLine;

/**
 * A good and a bad release, with each of the ways by which the demonstration feeds the judge: those
 * of foreign series under a policy that decides soon, on differences that no busy machine hides.
 */
class FeedKindTest {

  private static final String POLICY =
      """
      name: demo
      alpha: 0.01
      beta: 0.05
      window: 1s
      lateness: 3s
      warm_up: 0s
      minimum_step_time: 2s
      burst_guard: 2s
      deadline: 90s
      traffic_plan:
        weights: [50]
      metrics:
        - name: error_rate
          kind: proportion
          thresholds:
            - relative: 1.0
              floor: 0.03
        - name: latency
          kind: distribution
          unit: s
          thresholds:
            - {quantile: 0.5, limit: 4}
      """;

  private static final Behaviour HEALTHY = new Behaviour(20, 0.3, 0.001, 0, 1);
  private static final Behaviour FAILING = new Behaviour(20, 0.3, 0.3, 0, 1);
  private static final double REQUESTS_PER_SECOND = 120;

  private static TestServer server;
  private static int prometheusPort;

  @BeforeAll
  static void start(@TempDir Path directory) throws IOException {
    Path policies = Files.createDirectory(directory.resolve("policies"));
    Files.writeString(policies.resolve("demo.yaml"), POLICY);
    prometheusPort = PrometheusFeed.freePort();
    server =
        TestServer.start(
            directory,
            Map.of(
                "policies.directory",
                policies.toString(),
                "prometheus.url",
                "http://127.0.0.1:" + prometheusPort,
                "prometheus.interval",
                "1s"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "GRPC") // DemoCommandTest has that
  void judgesAGoodAndABadRelease(FeedKind kind) throws Exception {
    if (kind.needsPrometheus()) {
      assumeTrue(PrometheusFeed.missing().isEmpty(), () -> PrometheusFeed.missing().orElseThrow());
    }
    long taken = taken();
    RandomGenerator seeds = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
    Screen screen = new Screen(new PrintStream(new ByteArrayOutputStream()), false, Map.of());
    try (Traffic traffic = new Traffic(REQUESTS_PER_SECOND, seeds.nextLong())) {
      Trial trial =
          new Trial(
              screen,
              new JudgeClient(server.channel()),
              kind.factory(server.channel(), server.server().httpUrl(), prometheusPort),
              traffic,
              seeds);
      // Versions of its own, since by them the runs of other kinds are told apart.
      String present = "1.4.2-" + kind.label();
      Trial.Result good = trial.judge(release("1.5.0-" + kind.label(), HEALTHY), HEALTHY, present);
      Trial.Result bad = trial.judge(release("1.6.0-" + kind.label(), FAILING), HEALTHY, present);

      assertThat(good.asExpected()).as(good.verdict().getExplanation()).isTrue();
      assertThat(good.verdict().getMetricsList())
          .hasSize(2)
          .allSatisfy(
              metric ->
                  assertThat(metric.getCanaryInstanceCount()).isEqualTo(Arms.INSTANCES_PER_ARM));
      assertThat(bad.asExpected()).as(bad.verdict().getExplanation()).isTrue();
    }
    assertThat(taken()).isGreaterThan(taken);
  }

  private static Release release(String version, Behaviour behaviour) {
    boolean good = behaviour.equals(HEALTHY);
    return new Release(
        version,
        "",
        behaviour,
        good ? Decision.DECISION_GO : Decision.DECISION_NO_GO,
        good ? "" : DemoPolicy.ERROR_RATE);
  }

  private static long taken() {
    return server.points().values().stream().mapToLong(PointTotals::taken).sum();
  }

  @Test
  void anotherWayIsRefusedWithThoseThatThereAre() {
    var bytes = new ByteArrayOutputStream();
    int exit =
        new CommandLine(new DemoCommand())
            .setErr(new PrintWriter(bytes, true, StandardCharsets.UTF_8))
            .execute("--feed=carrier-pigeon");

    assertThat(exit).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .contains("carrier-pigeon")
        .contains("grpc, otlp-grpc, otlp-http, remote-write, prometheus, prometheus-pull");
  }

  @Test
  void literalsAreReadByWhateverReadsSnappy() throws IOException {
    for (int length : new int[] {1, 127, 128, 65_535, 65_536, 65_537, 300_000}) {
      byte[] plain = new byte[length];
      RandomGeneratorFactory.of("L64X128MixRandom").create(length).nextBytes(plain);

      assertThat(Snappy.uncompress(SnappyLiterals.pack(plain))).isEqualTo(plain);
    }
  }
}
