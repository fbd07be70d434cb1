package io.canaryjudge.dashboards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.client.ProportionSeries;
import io.canaryjudge.client.SampleProducer;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.CheckOutcome;
import io.canaryjudge.proto.v1.CreatePolicyRequest;
import io.canaryjudge.proto.v1.Policy;
import io.canaryjudge.proto.v1.PolicyServiceGrpc;
import io.canaryjudge.server.TestServer;
import io.canaryjudge.server.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every query of every panel and of every rule, asked of a real Prometheus that scrapes a real
 * server that judges three live runs: one goes bad, one is well, one gets too little to say.
 */
class DashboardQueriesTest {

  private static final Pattern METRIC = Pattern.compile("canary_judge_[a-z_]+");
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final ScheduledExecutorService traffic = Executors.newScheduledThreadPool(1);
  private static final List<Future<?>> sending = new ArrayList<>();
  private static final List<SampleProducer> producers = new ArrayList<>();
  private static TestServer server;
  private static PrometheusProcess prometheus;
  private static String bad;
  private static String well;

  @BeforeAll
  static void judgeThreeRuns(@TempDir Path folder) throws Exception {
    server =
        TestServer.start(
            Files.createDirectory(folder.resolve("judge")),
            Map.of("notify.targets.nobody.url", "http://127.0.0.1:9")); // nothing listens there
    prometheus =
        PrometheusProcess.scraping(
            server.server().httpPort(), Files.createDirectory(folder.resolve("prometheus")));
    createPolicy();
    JudgeClient judge = new JudgeClient(server.channel());
    bad = createRun(judge, "checkout");
    well = createRun(judge, "search");
    String quiet = createRun(judge, "reports");
    judge.reportStep(well, 0, 50);
    judge.reportCheck(well, "smoke-test", CheckOutcome.CHECK_OUTCOME_PASSED, "all passed", "");
    send(bad, 0.5, 0.001, 40);
    send(well, 0.01, 0.01, 40);
    send(quiet, 0, 0, 1);
    server.get("/api/v1/no-such-path");
  }

  @AfterAll
  static void stop() {
    sending.forEach(task -> task.cancel(true));
    traffic.shutdownNow();
    producers.forEach(producer -> producer.close(Duration.ofSeconds(5)));
    if (prometheus != null) {
      prometheus.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private static void createPolicy() {
    PolicyServiceGrpc.PolicyServiceBlockingStub policies = server.policies();
    Policy text = DashboardPolicy.policy();
    policies.createPolicy(
        CreatePolicyRequest.newBuilder()
            .setPolicy(text)
            .setAuthor("test")
            .setReason("short windows")
            .build());
  }

  private static String createRun(JudgeClient judge, String service) throws Exception {
    return judge
        .createRun(
            AnalysisRun.newBuilder()
                .setService(service)
                .setBaselineVersion("1")
                .setCanaryVersion("2")
                .setPolicy("policies/" + DashboardPolicy.NAME)
                .build(),
            UUID.randomUUID())
        .getName();
  }

  /** Sends requests ten times a second, with a series that no policy knows among them. */
  private static void send(String run, double canaryErrors, double baselineErrors, int requests) {
    SampleProducer producer =
        SampleProducer.builder(server.channel(), run).flushInterval(Duration.ofMillis(250)).start();
    producers.add(producer);
    Random random = new Random(1);
    ProportionSeries unknown = producer.proportion(Arm.ARM_CANARY, "c-0", "no_such_metric");
    List<Runnable> instances = new ArrayList<>();
    for (Arm arm : new Arm[] {Arm.ARM_BASELINE, Arm.ARM_CANARY}) {
      double errors = arm == Arm.ARM_CANARY ? canaryErrors : baselineErrors;
      for (int instance = 0; instance < 3; instance++) {
        String name = arm.name().substring(4).toLowerCase(Locale.ROOT) + "-" + instance;
        var failures = producer.proportion(arm, name, "error_rate");
        var latency = producer.distribution(arm, name, "latency");
        instances.add(
            () -> {
              for (int i = 0; i < requests; i++) {
                failures.record(random.nextDouble() < errors);
                latency.record(0.05 * Math.exp(0.4 * random.nextGaussian()));
              }
            });
      }
    }
    sending.add(
        traffic.scheduleAtFixedRate(
            () -> {
              instances.forEach(Runnable::run);
              unknown.record(false);
            },
            0,
            100,
            TimeUnit.MILLISECONDS));
  }

  private static String substitute(String expression) {
    return expression
        .replace("$__rate_interval", "10s")
        .replace("$job", "canary-judge")
        .replace("$instance", ".+")
        .replace("$service", ".+")
        .replace("$run", id(well))
        .replace("$metric", ".+");
  }

  private static String id(String run) {
    return run.substring(run.indexOf('/') + 1);
  }

  @Test
  void everyPanelHasData() {
    for (Dashboard dashboard : Dashboard.all()) {
      for (Dashboard.Query query : dashboard.queries()) {
        String expression = substitute(query.expression());
        assertThat(expression).doesNotContain("$");
        await(query.where())
            .atMost(PATIENCE)
            .untilAsserted(
                () -> assertThat(prometheus.query(expression)).as(expression).isNotEmpty());
      }
    }
  }

  @Test
  void panelsAndRulesNameOnlyMetricsThatExist() throws Exception {
    Set<String> named = new LinkedHashSet<>();
    for (Dashboard dashboard : Dashboard.all()) {
      Matcher matcher = METRIC.matcher(dashboard.json().toString());
      while (matcher.find()) {
        named.add(matcher.group());
      }
    }
    for (JsonNode rule : AlertRulesTest.rules()) {
      Matcher matcher = METRIC.matcher(rule.path("expr").asText());
      while (matcher.find()) {
        named.add(matcher.group());
      }
    }
    assertThat(named).hasSizeGreaterThan(30);
    for (String metric : named) {
      await(metric)
          .atMost(PATIENCE)
          .untilAsserted(
              () -> assertThat(prometheus.query("count(" + metric + ")")).as(metric).isNotEmpty());
    }
  }

  @Test
  void everyRuleIsEvaluatedAndTheBadCanaryIsTold() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              JsonNode rules = prometheus.rules();
              assertThat(rules).isNotEmpty();
              for (JsonNode rule : rules) {
                assertThat(rule.path("health").asText()).as(rule.toString()).isEqualTo("ok");
              }
              assertThat(
                      prometheus.query("ALERTS{alertname=\"CanaryNoGo\", run=\"" + id(bad) + "\"}"))
                  .isNotEmpty();
            });
  }

  @Test
  void whatIsServedIsCleanAndAddsUp(@TempDir Path folder) throws Exception {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        prometheus.query(
                            "sum(canary_judge_samples_rejected_total{reason=\"unknown_metric\"}) >"
                                + " 0"))
                    .isNotEmpty());
    Path scrape = folder.resolve("metrics.txt");
    Files.writeString(scrape, server.get("/metrics").body());
    Tools.Outcome outcome = Tools.run(scrape, "promtool", "check", "metrics");
    assertThat(outcome.code()).as(outcome.output()).isZero();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(prometheus.query("canary_judge_samples_unaccounted == 0")).isNotEmpty());
  }
}
