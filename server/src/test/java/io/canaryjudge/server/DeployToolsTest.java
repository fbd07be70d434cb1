package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.OverrideVerdictRequest;
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

  @TempDir private static Path directory;

  private static TestServer server;
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
    OVERLOADED;

    String words() {
      return switch (this) {
        case GO, NO_GO, INCONCLUSIVE, WAIT -> name();
        case NO_DATA -> "no data yet";
        case STARTING -> "server is starting";
        case OVERLOADED -> "server is overloaded";
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
    server = TestServer.start(directory);
    JsonNode policy = JSON.readTree(server.get("/api/v1/policies/standard").body()).at("/policy");
    ((ObjectNode) policy)
        .put("name", "policies/short")
        .put("window", "1s")
        .put("lateness", "0s")
        .put("warmUp", "0s")
        .put("minimumStepTime", "0s")
        .put("watchAfterGo", "0s")
        .put("deadline", "2s");
    assertThat(server.post("/api/v1/policies", "{\"policy\":" + policy + "}").statusCode())
        .isEqualTo(200);
    for (Situation situation : Situation.values()) {
      String policyName = situation == Situation.INCONCLUSIVE ? "short" : "standard";
      String id = begin(policyName, "service-" + situation.name().toLowerCase(Locale.ROOT));
      runs.put(situation, id);
      switch (situation) {
        case GO -> decide(id, Decision.DECISION_GO);
        case NO_GO -> decide(id, Decision.DECISION_NO_GO);
        case INCONCLUSIVE, WAIT, NO_DATA, STARTING, OVERLOADED -> {}
      }
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                server
                    .get("/kayenta/canary/" + runs.get(Situation.INCONCLUSIVE))
                    .body()
                    .contains("\"complete\":true"));
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
    server.close();
  }

  private static String begin(String policy, String service) throws Exception {
    HttpResponse<String> started =
        server.post(
            "/kayenta/canary/" + policy + "?application=" + service,
            KayentaDialectTest.startBody("v1", "v2"));
    assertThat(started.statusCode()).as(started.body()).isEqualTo(200);
    return JSON.readTree(started.body()).at("/canaryExecutionId").asText().split("_")[0];
  }

  private static void decide(String id, Decision decision) {
    server
        .judge()
        .overrideVerdict(
            OverrideVerdictRequest.newBuilder()
                .setAnalysisRun("analysisRuns/" + id)
                .setDecision(decision)
                .setAuthor("Sam")
                .setReason("seen it")
                .build());
  }

  private static String run(Situation situation) {
    return runs.get(situation);
  }

  private static URI at(Situation situation) {
    return switch (situation) {
      case STARTING -> URI.create("http://127.0.0.1:" + starting.port());
      case OVERLOADED -> URI.create("http://127.0.0.1:" + overloaded.port());
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
      Outcome outcome = tool.ask(situation);
      List<String> row =
          rows.stream().filter(r -> r.get(1).equals(situation.words())).findFirst().orElseThrow();
      assertThat(row.get(2)).as("%s", row).isEqualTo(outcome.answer());
      assertThat(row.get(3)).as("%s", row).startsWith(outcome.effect() + ":");
    }
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
