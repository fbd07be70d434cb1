package io.canaryjudge.server;

import static java.util.function.Predicate.isEqual;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.util.Timestamps;
import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.client.RecordedSample;
import io.canaryjudge.client.RecordedSampleSender;
import io.canaryjudge.client.SeriesSpec;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.ProportionSample;
import io.canaryjudge.proto.v1.Retrospective;
import io.canaryjudge.proto.v1.SampleBatch;
import io.canaryjudge.proto.v1.SeriesDeclaration;
import io.canaryjudge.proto.v1.StreamOpen;
import io.canaryjudge.proto.v1.StreamSamplesRequest;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.server.api.Availability;
import io.canaryjudge.server.api.GrpcErrors;
import io.canaryjudge.server.api.HttpDoor;
import io.canaryjudge.server.api.JsonView;
import io.canaryjudge.server.api.JudgeGrpcService;
import io.canaryjudge.server.api.PolicyGrpcService;
import io.canaryjudge.server.api.UnaryCalls;
import io.canaryjudge.server.api.Watches;
import io.canaryjudge.server.config.ServerConfig;
import io.canaryjudge.server.config.ServerConfigLoader;
import io.canaryjudge.server.dialect.flagger.FlaggerRoutes;
import io.canaryjudge.server.dialect.kayenta.KayentaRoutes;
import io.canaryjudge.server.dialect.promql.PrometheusRoutes;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.stream.SampleStreamHandler;
import io.canaryjudge.server.policy.Policies;
import io.canaryjudge.server.run.RunPolicies;
import io.canaryjudge.server.run.Runs;
import io.canaryjudge.server.run.SampleAccounting;
import io.canaryjudge.server.store.PolicyStore;
import io.grpc.stub.StreamObserver;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Holds the table of docs/deploy-tools.md true: each tool asks as it does, in each situation, and
 * makes of the answer what its own code would.
 */
class DeployToolsTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path DOC = Path.of("../docs/deploy-tools.md");

  private static final long START = 1_700_000_000_000L;

  /** Three decisions of it come from records: enough of good ones, enough of bad ones, too few. */
  private static final String POLICY =
      """
      name: recorded
      alpha: 0.01
      beta: 0.05
      window: 5s
      warm_up: 0s
      minimum_step_time: 0s
      watch_after_go: 0s
      deadline: 10m
      metrics:
        - name: error_rate
          kind: proportion
          thresholds:
            - relative: 1.0
              floor: 0.02
      """;

  @TempDir private static Path directory;

  private static TestServer server;
  private static TestServer bereft;
  private static FutureTask<Integer> beginning;
  private static FutureTask<Integer> knowing;
  private static final Map<Tool, FutureTask<Outcome>> whileLost = new EnumMap<>(Tool.class);
  private static HttpDoor starting;
  private static HttpDoor overloaded;
  private static final Map<Situation, String> runs = new EnumMap<>(Situation.class);

  /** What the server is in. */
  enum Situation {
    GO,
    NO_GO,
    INCONCLUSIVE,
    WAIT,
    NO_DATA,
    STARTING,
    OVERLOADED,
    LOST;

    String words() {
      return switch (this) {
        case GO, NO_GO, INCONCLUSIVE, WAIT -> name();
        case NO_DATA -> "no data yet";
        case STARTING -> "server is starting";
        case OVERLOADED -> "server is overloaded";
        case LOST -> "database is lost";
      };
    }
  }

  /** What is answered, and what the tool does then, in the words of the table. */
  record Outcome(String answer, String effect) {}

  /** A tool, which asks and acts. */
  enum Tool {
    ARGO_KAYENTA("Argo Rollouts, `kayenta`") {
      @Override
      Outcome ask(Situation situation) throws Exception {
        RecordedRequest.Answer answer =
            situation == Situation.OVERLOADED
                ? RecordedRequest.named("argo-kayenta-start")
                    .at("/canary/f3b1", "/kayenta/canary/standard")
                    .send(at(situation))
                : RecordedRequest.named("argo-kayenta-poll")
                    .at("/canary/01DS50", "/kayenta/canary/" + run(situation) + "_90_75")
                    .send(at(situation));
        if (answer.status() != 200) {
          return new Outcome(answer.status() + "", "Error");
        }
        JsonNode json = JSON.readTree(answer.body());
        if (!json.at("/complete").asBoolean()) {
          return new Outcome("200, `complete: false`", "Running");
        }
        int score = (int) json.at("/result/judgeResult/score/score").asDouble(-1);
        return new Outcome(
            "200, `complete: true`, score " + score,
            score >= 90 ? "Successful" : score >= 75 ? "Inconclusive" : "Failed");
      }
    },
    ARGO_WEB("Argo Rollouts, `web`") {
      @Override
      Outcome ask(Situation situation) throws Exception {
        RecordedRequest.Answer answer =
            RecordedRequest.named("argo-web-get")
                .at(
                    "/v1/score?run=abc",
                    "/api/v1/analysisRuns/" + run(situation) + "/verdict?wait=0.1s")
                .send(at(situation));
        if (answer.status() >= 300) {
          return new Outcome(answer.status() + "", "Error");
        }
        String decision = JSON.readTree(answer.body()).at("/verdict/decision").asText();
        return new Outcome(
            "200, `" + decision + "`",
            switch (decision) {
              case "DECISION_GO" -> "Successful";
              case "DECISION_NO_GO" -> "Failed";
              default -> "Inconclusive";
            });
      }
    },
    SPINNAKER("Spinnaker") {
      @Override
      Outcome ask(Situation situation) throws Exception {
        HttpResponse<String> answer =
            server.send(
                java.net.http.HttpRequest.newBuilder(
                        at(situation)
                            .resolve(
                                "/kayenta/canary/"
                                    + run(situation)
                                    + "_95_75?storageAccountName=a"))
                    .build());
        if (answer.statusCode() != 200) {
          return new Outcome(answer.statusCode() + "", "Asks again");
        }
        JsonNode json = JSON.readTree(answer.body());
        String status = json.at("/status").asText();
        if (!status.equals("succeeded")) {
          return new Outcome("200, `status: " + status + "`", "Asks again");
        }
        int score = json.at("/result/judgeResult/score/score").asInt(-1);
        return new Outcome(
            "200, `status: succeeded`, score " + score,
            score >= 95 ? "Goes on" : score >= 75 ? "Fails at the last interval" : "Fails");
      }
    },
    FLAGGER_PROMOTION("Flagger, `confirm-promotion`") {
      @Override
      Outcome ask(Situation situation) throws Exception {
        RecordedRequest.Answer answer = flagger("confirm-promotion", situation);
        return new Outcome(answer.status() + "", answer.status() <= 202 ? "Promotes" : "Waits");
      }
    },
    FLAGGER_ROLLBACK("Flagger, `rollback`") {
      @Override
      Outcome ask(Situation situation) throws Exception {
        RecordedRequest.Answer answer = flagger("rollback", situation);
        return new Outcome(answer.status() + "", answer.status() <= 202 ? "Rolls back" : "Goes on");
      }
    },
    FLAGGER_METRIC("Flagger, metric") {
      @Override
      Outcome ask(Situation situation) throws Exception {
        RecordedRequest.Answer answer = query("service-" + service(situation), situation);
        if (answer.status() >= 400) {
          return new Outcome(answer.status() + "", "Failed check");
        }
        JsonNode result = JSON.readTree(answer.body()).at("/data/result");
        double score = Double.parseDouble(result.path(result.size() - 1).at("/value/1").asText());
        return new Outcome(
            "200, " + Math.round(score), score >= 1 ? "Passed check" : "Failed check");
      }
    },
    ARGO_PROMETHEUS("Argo Rollouts, `prometheus`") {
      @Override
      Outcome ask(Situation situation) throws Exception {
        RecordedRequest.Answer answer = query("service-" + service(situation), situation);
        if (answer.status() >= 400) {
          return new Outcome(answer.status() + "", "Error");
        }
        double score =
            Double.parseDouble(JSON.readTree(answer.body()).at("/data/result/0/value/1").asText());
        return new Outcome(
            "200, " + Math.round(score),
            score == 100 ? "Successful" : score == 0 ? "Failed" : "Inconclusive");
      }
    },
    GATE("A probe of `/ready`") {
      @Override
      Outcome ask(Situation situation) throws Exception {
        HttpResponse<String> answer =
            server.send(
                java.net.http.HttpRequest.newBuilder(
                        at(situation).resolve("/api/v1/analysisRuns/" + run(situation) + "/ready"))
                    .build());
        return new Outcome(
            answer.statusCode() + "", answer.statusCode() == 200 ? "Passes" : "Holds");
      }
    };

    private final String words;

    Tool(String words) {
      this.words = words;
    }

    abstract Outcome ask(Situation situation) throws Exception;
  }

  private static String service(Situation situation) {
    return situation.name().toLowerCase(Locale.ROOT);
  }

  private static RecordedRequest.Answer flagger(String hook, Situation situation) throws Exception {
    return RecordedRequest.named("flagger-hook")
        .at("/flagger/gate", "/flagger/" + hook)
        .with(
            "{\"name\":\"podinfo\",\"namespace\":\"test\",\"phase\":\"Progressing\","
                + "\"checksum\":\"b989cc78\",\"metadata\":{\"run\":\""
                + run(situation)
                + "\"}}")
        .send(at(situation));
  }

  private static RecordedRequest.Answer query(String service, Situation situation)
      throws Exception {
    return RecordedRequest.named("prometheus-query")
        .at(
            "/api/v1/query?query=canary_error_rate%7Bservice%3D%22podinfo%22%7D",
            "/prometheus/api/v1/query?query=canary_judge_run_score%7Bservice%3D%22"
                + service
                + "%22%7D")
        .send(at(situation));
  }

  @BeforeAll
  static void start() throws Exception {
    Path policies = Files.createDirectory(directory.resolve("policies"));
    Files.writeString(policies.resolve("recorded.yaml"), POLICY);
    server = TestServer.start(directory, Map.of("policies.directory", policies.toString()));
    lost(Situation.LOST); // first: those who ask wait while the others are prepared
    JudgeClient judge = new JudgeClient(server.channel());
    for (Situation situation : Situation.values()) {
      switch (situation) {
        case GO -> judged(judge, situation, 500, 1, "DECISION_GO WITHIN_TOLERANCE");
        case NO_GO -> judged(judge, situation, 500, 100, "DECISION_NO_GO BEYOND_TOLERANCE");
        case INCONCLUSIVE -> judged(judge, situation, 2, 0, "DECISION_INCONCLUSIVE DEADLINE");
        case WAIT -> waiting(judge, situation);
        case NO_DATA, STARTING, OVERLOADED -> runs.put(situation, begin(server, situation));
        case LOST -> {}
      }
    }
    starting = door(new Availability(), DeployToolsTest::notReached);
    Availability ready = new Availability();
    ready.ready();
    overloaded = door(ready, DeployToolsTest::overload);
  }

  private static JudgeException notReached() {
    return JudgeException.of(ErrorReason.INTERNAL, "not to be reached");
  }

  private static JudgeException overload() {
    return JudgeException.of(ErrorReason.LIMIT_REACHED, "too much at once").retryAfter(1_000);
  }

  /** A door behind which everything fails in the same way. */
  private static HttpDoor door(Availability availability, Supplier<JudgeException> failure)
      throws Exception {
    Runs failing = failing(Runs.class, failure);
    Policies policies = new Policies(failing(PolicyStore.class, failure), InstantSource.system());
    UnaryCalls calls = new UnaryCalls("calls", 8);
    JudgeGrpcService judge =
        new JudgeGrpcService(
            failing,
            new SampleStreamHandler(
                failing, failing(SampleAccounting.class, failure), GrpcErrors::toStatus),
            calls,
            new Watches(8, Duration.ofSeconds(10)));
    ServerConfig config =
        ServerConfigLoader.load(
                Optional.empty(), Map.of(), Map.of("http.port", "0", "grpc.port", "0"))
            .config();
    return HttpDoor.open(
        config,
        Optional.empty(),
        Security.access(config),
        availability,
        List.of(
            new JsonView(judge, new PolicyGrpcService(policies, calls)),
            new KayentaRoutes(failing, policies, false, InstantSource.system()),
            new FlaggerRoutes(failing, failing(RunPolicies.class, failure)),
            new PrometheusRoutes(failing, InstantSource.system())),
        (_, _) -> {});
  }

  private static <T> T failing(Class<T> type, Supplier<JudgeException> failure) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, _, _) -> {
              throw failure.get();
            }));
  }

  @AfterAll
  static void stop() {
    starting.close();
    overloaded.close();
    bereft.close();
    server.close();
  }

  /** A live run, to which nothing has come. */
  private static String begin(TestServer server, Situation situation) throws Exception {
    return begin(server, situation, "v2");
  }

  private static String begin(TestServer server, Situation situation, String version)
      throws Exception {
    HttpResponse<String> started =
        server.post(
            "/kayenta/canary/standard?application=service-" + service(situation),
            KayentaDialectTest.startBody("v1", version));
    assertThat(started.statusCode()).as(started.body()).isEqualTo(200);
    return JSON.readTree(started.body()).at("/canaryExecutionId").asText().split("_")[0];
  }

  /** A run over records. */
  private static String recorded(JudgeClient judge, Situation situation) throws Exception {
    String name =
        judge
            .createRun(
                AnalysisRun.newBuilder()
                    .setService("service-" + service(situation))
                    .setBaselineVersion("v1")
                    .setCanaryVersion("v2")
                    .setPolicy("policies/recorded")
                    .setRetrospective(
                        Retrospective.newBuilder().setStartTime(Timestamps.fromMillis(START)))
                    .build(),
                UUID.randomUUID())
            .getName();
    runs.put(situation, name.substring(name.indexOf('/') + 1));
    return name;
  }

  /** Eleven minutes of requests, of which so many of the canary's fail. */
  private static void judged(
      JudgeClient judge, Situation situation, long requests, long failures, String expected)
      throws Exception {
    String run = recorded(judge, situation);
    List<RecordedSample> samples = new ArrayList<>();
    for (long time = START; time < START + 660_000; time += 5_000) {
      for (Arm arm : List.of(Arm.ARM_BASELINE, Arm.ARM_CANARY)) {
        samples.add(
            new RecordedSample.Proportion(
                SeriesSpec.of(arm, "one", "error_rate"),
                time,
                requests,
                arm == Arm.ARM_CANARY ? failures : Math.min(1, failures)));
      }
    }
    new RecordedSampleSender(server.channel(), run).send(samples.iterator());
    await().atMost(Duration.ofSeconds(60)).until(() -> judge.verdict(run).getTerminal());
    Verdict verdict = judge.verdict(run);
    assertThat(verdict.getDecision() + " " + verdict.getReason())
        .as(verdict.getExplanation())
        .isEqualTo(expected.replace(" ", " REASON_"));
  }

  /** A minute of requests, and more to come: some have been judged, and they do not suffice. */
  private static void waiting(JudgeClient judge, Situation situation) throws Exception {
    String run = recorded(judge, situation);
    CompletableFuture<Void> opened = new CompletableFuture<>();
    StreamObserver<StreamSamplesRequest> stream =
        server
            .judgeAsync()
            .streamSamples(new Collector<>(_ -> opened.complete(null), new CompletableFuture<>()));
    stream.onNext(
        StreamSamplesRequest.newBuilder()
            .setOpen(StreamOpen.newBuilder().setAnalysisRun(run).setProducer("p"))
            .build());
    opened.get(30, TimeUnit.SECONDS);
    SampleBatch.Builder batch =
        SampleBatch.newBuilder().setSequence(1).setWatermarkMillis(START + 60_000);
    for (Arm arm : List.of(Arm.ARM_BASELINE, Arm.ARM_CANARY)) {
      batch.addSeries(
          SeriesDeclaration.newBuilder()
              .setSeriesId(arm.getNumber())
              .setArm(arm)
              .setInstance("one")
              .setMetric("error_rate"));
      for (long time = START; time < START + 60_000; time += 5_000) {
        batch.addProportions(
            ProportionSample.newBuilder()
                .setSeriesId(arm.getNumber())
                .setTimeMillis(time)
                .setTotalCount(2));
      }
    }
    stream.onNext(StreamSamplesRequest.newBuilder().setBatch(batch).build());
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                judge.verdict(run).getMetricsList().stream()
                    .anyMatch(metric -> metric.getCanarySampleCount() == 24));
    assertThat(judge.verdict(run).getDecision()).isEqualTo(Decision.DECISION_WAIT);
  }

  /**
   * A server with an open run, whose PostgreSQL has gone. All tools ask at once, since who needs
   * the database waits for it.
   */
  private static void lost(Situation situation) throws Exception {
    String ended;
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.builder().setPGStartupWait(Duration.ofSeconds(60)).start()) {
      bereft =
          TestServer.start(
              directory,
              Map.of(
                  "database.url",
                  postgres.getJdbcUrl("postgres", "postgres"),
                  "stop-timeout",
                  "1s"));
      ended = begin(bereft, situation, "v1.9");
      bereft.send("PUT", "/kayenta/pipelines/" + ended + "/cancel", "");
      runs.put(situation, begin(bereft, situation));
    }
    beginning =
        asked(
            () ->
                RecordedRequest.named("argo-kayenta-start")
                    .at("/canary/f3b1", "/kayenta/canary/standard")
                    .send(bereft.uri(""))
                    .status());
    knowing =
        asked( // until it has left the memory, which is soon after its end
            () ->
                await()
                    .atMost(Duration.ofSeconds(60))
                    .until(
                        () -> bereft.get("/kayenta/canary/" + ended).statusCode(), isEqual(503)));
    for (Tool tool : Tool.values()) {
      whileLost.put(tool, asked(() -> tool.ask(situation)));
    }
  }

  private static <T> FutureTask<T> asked(Callable<T> question) {
    FutureTask<T> asking = new FutureTask<>(question);
    Thread.startVirtualThread(asking);
    return asking;
  }

  private static String run(Situation situation) {
    return runs.get(situation);
  }

  private static URI at(Situation situation) {
    return switch (situation) {
      case STARTING -> URI.create("http://127.0.0.1:" + starting.port());
      case OVERLOADED -> URI.create("http://127.0.0.1:" + overloaded.port());
      case LOST -> bereft.uri("");
      case GO, NO_GO, INCONCLUSIVE, WAIT, NO_DATA -> server.uri("");
    };
  }

  @ParameterizedTest
  @EnumSource
  void theTableSaysWhatHappens(Tool tool) throws Exception {
    List<List<String>> rows =
        table().stream().filter(row -> row.getFirst().equals(tool.words)).toList();
    assertThat(rows)
        .extracting(row -> row.get(1))
        .containsExactlyInAnyOrder(
            List.of(Situation.values()).stream().map(Situation::words).toArray(String[]::new));
    for (Situation situation : Situation.values()) {
      Outcome outcome =
          situation == Situation.LOST
              ? whileLost.get(tool).get(60, TimeUnit.SECONDS)
              : tool.ask(situation);
      List<String> row =
          rows.stream().filter(r -> r.get(1).equals(situation.words())).findFirst().orElseThrow();
      assertThat(row.get(2)).as("%s", row).isEqualTo(outcome.answer());
      assertThat(row.get(3)).as("%s", row).startsWith(outcome.effect() + ":");
    }
  }

  /** What is open goes on from memory; the rest is refused, and may be asked for again. */
  @Test
  void nothingElseIsAnsweredWhileTheDatabaseIsLost() throws Exception {
    assertThat(beginning.get(60, TimeUnit.SECONDS)).isEqualTo(503);
    assertThat(knowing.get(90, TimeUnit.SECONDS)).isEqualTo(503);
  }

  /** The provider's POST, with a body of the template's own. */
  @Test
  void argosWebProviderCanBeginARunToo() throws Exception {
    RecordedRequest.Answer begun =
        RecordedRequest.named("argo-web-post")
            .at("/v1/verdict", "/api/v1/analysisRuns")
            .with(
                """
                {"request_id": "5b0c3d5e-8c0f-4b0e-9a58-0f3f6f0f8f4e", "analysis_run": {
                  "service": "checkout", "baseline_version": "v1", "canary_version": "v2",
                  "policy": "policies/standard"}}\
                """)
            .send(server.uri(""));

    assertThat(begun.status()).as(begun.body()).isEqualTo(200);
    assertThat(JSON.readTree(begun.body()).at("/analysisRun/name").asText())
        .startsWith("analysisRuns/");
  }

  /** Flagger's own bytes, with only host and path adapted. */
  @Test
  void flaggersRequestsAreUnderstoodAsTheyAre() throws Exception {
    RecordedRequest gate = RecordedRequest.named("flagger-hook");
    assertThat(gate.at("/flagger/gate", "/flagger/confirm-rollout").send(server.uri("")).status())
        .isEqualTo(200);
    RecordedRequest.Answer halted =
        gate.at("/flagger/gate", "/flagger/confirm-promotion").send(server.uri(""));
    assertThat(halted.status()).isEqualTo(403);
    assertThat(halted.body()).contains("(run ");
    assertThat(RecordedRequest.named("flagger-event").send(server.uri("")).status()).isEqualTo(200);
    assertThat(
            RecordedRequest.named("prometheus-probe")
                .at("/api", "/prometheus/api")
                .send(server.uri(""))
                .body())
        .contains("\"1\"");
    assertThat(
            RecordedRequest.named("prometheus-query")
                .at("/api", "/prometheus/api")
                .send(server.uri(""))
                .body())
        .contains("\"result\":[]");
  }

  @Test
  void theTableHasNoOtherTools() throws Exception {
    assertThat(table())
        .extracting(List::getFirst)
        .containsOnly(
            List.of(Tool.values()).stream().map(tool -> tool.words).toArray(String[]::new));
  }

  /** Rows under the heading of the table, each with its four cells. */
  private static List<List<String>> table() throws Exception {
    List<List<String>> rows = new ArrayList<>();
    boolean within = false;
    for (String line : Files.readAllLines(DOC)) {
      if (line.startsWith("| tool | decision |")) {
        within = true;
      } else if (!line.startsWith("|")) {
        within = false;
      } else if (within && !line.startsWith("|---")) {
        String[] cells = line.substring(1).split("\\|");
        rows.add(List.of(cells).stream().map(String::trim).toList());
      }
    }
    return rows;
  }
}
