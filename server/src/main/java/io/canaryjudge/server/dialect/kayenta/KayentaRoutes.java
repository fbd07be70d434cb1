package io.canaryjudge.server.dialect.kayenta;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.server.api.ErrorForm;
import io.canaryjudge.server.api.HttpCall;
import io.canaryjudge.server.api.HttpRoute;
import io.canaryjudge.server.api.RouteGroup;
import io.canaryjudge.server.dialect.JsonTree;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.policy.Policies;
import io.canaryjudge.server.policy.PolicyRevision;
import io.canaryjudge.server.run.RunSnapshot;
import io.canaryjudge.server.run.Runs;
import io.canaryjudge.server.security.Permission;
import io.canaryjudge.server.store.RunRecord;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What Argo Rollouts, Spinnaker and Kayenta ask, under {@code /kayenta}: canary configs are
 * policies, executions are runs. Errors have a {@code message}; whatever is not answered for now is
 * 503.
 */
public final class KayentaRoutes implements RouteGroup {

  private static final String ROOT = "/kayenta";
  private static final String CONFIGS = ROOT + "/canaryConfig";
  private static final String CANARY = ROOT + "/canary";
  private static final String STANDALONE = ROOT + "/standalone_canary_analysis";
  private static final String JUDGE = "canary.judge.v1.Judge/";
  private static final String POLICIES = "canary.judge.v1.PolicyService/";

  private static final int MAX_EXECUTIONS = 100;
  private static final int DEFAULT_EXECUTIONS = 20;
  private static final int MAX_PAGE = 10;
  private static final List<String> STATUSES =
      List.of(
          "not_started",
          "running",
          "paused",
          "suspended",
          "succeeded",
          "failed_continue",
          "terminal",
          "canceled",
          "redirect",
          "stopped",
          "skipped",
          "buffered");

  private final Executions executions;
  private final CanaryConfigs configs;
  private final InstantSource clock;

  /**
   * Serves runs and policies.
   *
   * @param pulls whether the server reads series from a Prometheus itself, and so can judge the
   *     past
   */
  public KayentaRoutes(Runs runs, Policies policies, boolean pulls, InstantSource clock) {
    this.executions = new Executions(runs, policies, pulls, clock);
    this.configs = new CanaryConfigs(policies);
    this.clock = clock;
  }

  @Override
  public List<HttpRoute> routes() {
    return List.of(
        route("GET", CONFIGS, POLICIES + "ListPolicies", this::listConfigs),
        route("POST", CONFIGS, POLICIES + "CreatePolicy", this::createConfig),
        route("GET", CONFIGS + "/{id}", POLICIES + "GetPolicy", this::getConfig),
        route("PUT", CONFIGS + "/{id}", POLICIES + "UpdatePolicy", this::updateConfig),
        route("DELETE", CONFIGS + "/{id}", POLICIES + "DeletePolicy", this::deleteConfig),
        route("GET", CANARY + "/executions", JUDGE + "ListAnalysisRuns", this::listExecutions),
        route("POST", CANARY, "POST " + CANARY, this::startOfOwn),
        route("POST", CANARY + "/{id}", JUDGE + "CreateAnalysisRun", this::start),
        route("GET", CANARY + "/{id}", JUDGE + "GetVerdict", this::find),
        route("PUT", ROOT + "/pipelines/{id}/cancel", JUDGE + "CancelAnalysisRun", this::cancel),
        route("POST", STANDALONE, "POST " + STANDALONE, this::analyseOwn),
        route("POST", STANDALONE + "/", "POST " + STANDALONE, this::analyseOwn),
        route("POST", STANDALONE + "/{id}", JUDGE + "CreateAnalysisRun", this::analyse),
        route("GET", STANDALONE + "/{id}", JUDGE + "GetVerdict", this::findAnalysis),
        route("GET", ROOT + "/credentials", "GET " + ROOT + "/credentials", this::credentials),
        route("GET", ROOT + "/judges", "GET " + ROOT + "/judges", this::judges),
        route("POST", ROOT + "/judge", "POST " + ROOT + "/judge", this::judge),
        route("POST", ROOT + "/import", "POST " + ROOT + "/import", this::readConfig));
  }

  private static HttpRoute route(
      String method, String path, String operation, HttpRoute.Handler handler) {
    return HttpRoute.of(method, path, operation, handler, ErrorForm.MESSAGE);
  }

  private void listConfigs(HttpCall call) {
    String application = StartRequest.first(call.query(), "application");
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (PolicyRevision revision : configs.all()) {
      list.add(ConfigJson.summary(revision, application));
    }
    answer(call, list);
  }

  private void getConfig(HttpCall call) {
    answer(call, ConfigJson.config(configs.get(call.pathValue("id"))));
  }

  private void createConfig(HttpCall call) throws IOException {
    PolicyImport imported = PolicyImport.of(call.jsonBody());
    String id = configs.create(imported, call.caller().name());
    answer(call, stored(id, imported));
  }

  private void updateConfig(HttpCall call) throws IOException {
    PolicyImport imported = PolicyImport.of(call.jsonBody());
    configs.update(call.pathValue("id"), imported, call.caller().name());
    answer(call, stored(call.pathValue("id"), imported));
  }

  private void deleteConfig(HttpCall call) {
    configs.delete(call.pathValue("id"), call.caller().name());
    answer(call, JsonNodeFactory.instance.objectNode());
  }

  private static ObjectNode stored(String id, PolicyImport imported) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("canaryConfigId", id);
    notes(json, imported);
    return json;
  }

  private static void notes(ObjectNode json, PolicyImport imported) {
    ArrayNode notes = json.putArray("notes");
    imported
        .notes()
        .forEach(note -> notes.addObject().put("field", note.field()).put("what", note.what()));
  }

  private void readConfig(HttpCall call) throws IOException {
    PolicyImport imported = PolicyImport.of(call.jsonBody());
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("policy", imported.policy());
    notes(json, imported);
    ArrayNode findings = json.putArray("findings");
    imported.findings().violations().forEach(v -> findings.add(v.toString()));
    imported.findings().warnings().forEach(w -> findings.add(w.path() + ": " + w.consequence()));
    answer(call, json);
  }

  private void start(HttpCall call) throws IOException {
    StartRequest request = StartRequest.read(JsonTree.parse(call.jsonBody()), call.query());
    started(call, executions.start(call.pathValue("id"), request, call.caller().name()));
  }

  /** With a config of the request's own, which becomes a policy. */
  private void startOfOwn(HttpCall call) throws IOException {
    mayOperate(call);
    JsonTree body = JsonTree.parse(call.jsonBody());
    StartRequest request = StartRequest.read(body.object("executionRequest"), call.query());
    String policy = configs.ofRequest(body.object("canaryConfig"), call.caller().name());
    started(call, executions.start(policy, request, call.caller().name()));
  }

  private static void started(HttpCall call, ExecutionId id) {
    answer(call, JsonNodeFactory.instance.objectNode().put("canaryExecutionId", id.toString()));
  }

  private void find(HttpCall call) {
    ExecutionId id = ExecutionId.parse(call.pathValue("id"));
    answer(call, ExecutionJson.execution(id, executions.find(id)));
  }

  private void listExecutions(HttpCall call) {
    Map<String, List<String>> query = call.query();
    int limit = number(query, "limit", DEFAULT_EXECUTIONS, MAX_EXECUTIONS);
    int page = number(query, "page", 1, MAX_PAGE);
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    String application = StartRequest.first(query, "application");
    Set<String> statuses = statuses(StartRequest.first(query, "statuses"));
    for (RunSnapshot snapshot : executions.list(application, statuses, (page - 1) * limit, limit)) {
      RunRecord run = snapshot.run();
      ExecutionId id = new ExecutionId(run.id(), ScoreThresholds.of(run.labels()));
      list.add(ExecutionJson.execution(id, snapshot));
    }
    answer(call, list);
  }

  /** Orca has more words than executions here are ever in; none is in those. */
  private static Set<String> statuses(String list) {
    Set<String> statuses = new TreeSet<>();
    for (String word : list.isBlank() ? new String[0] : list.split(",", -1)) {
      String status = word.strip().toLowerCase(Locale.ROOT);
      if (!STATUSES.contains(status)) {
        throw JudgeException.invalidField(
            "statuses", word.strip(), "some of " + String.join(", ", STATUSES));
      }
      statuses.add(status);
    }
    return statuses;
  }

  private static int number(Map<String, List<String>> query, String name, int unset, int most) {
    String text = StartRequest.first(query, name);
    if (text.isEmpty()) {
      return unset;
    }
    if (!text.matches("[1-9][0-9]{0,4}") || Integer.parseInt(text) > most) {
      throw JudgeException.invalidField(name, text, "in [1, " + most + "]");
    }
    return Integer.parseInt(text);
  }

  private void cancel(HttpCall call) {
    executions.cancel(ExecutionId.parse(call.pathValue("id")), call.caller().name());
    answer(call, JsonNodeFactory.instance.objectNode());
  }

  private void analyse(HttpCall call) throws IOException {
    JsonTree body = JsonTree.parse(call.jsonBody());
    analysing(call, body, call.pathValue("id"));
  }

  private void analyseOwn(HttpCall call) throws IOException {
    mayOperate(call);
    JsonTree body = JsonTree.parse(call.jsonBody());
    analysing(call, body, configs.ofRequest(body.object("canaryConfig"), call.caller().name()));
  }

  private void analysing(HttpCall call, JsonTree body, String policy) {
    StartRequest request =
        StartRequest.readStandalone(body.object("executionRequest"), call.query(), clock.millis());
    ExecutionId id = executions.start(policy, request, call.caller().name());
    answer(
        call,
        JsonNodeFactory.instance.objectNode().put("canaryAnalysisExecutionId", id.toString()));
  }

  private void findAnalysis(HttpCall call) {
    ExecutionId id = ExecutionId.parse(call.pathValue("id"));
    answer(call, ExecutionJson.analysis(id, executions.find(id)));
  }

  private void credentials(HttpCall call) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    ObjectNode account = list.addObject().put("name", ConfigJson.JUDGE).put("type", "prometheus");
    ArrayNode types = account.putArray("supportedTypes");
    List.of("METRICS_STORE", "OBJECT_STORE", "CONFIGURATION_STORE").forEach(types::add);
    answer(call, list);
  }

  private void judges(HttpCall call) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    list.addObject().put("name", ConfigJson.JUDGE).put("visible", true);
    answer(call, list);
  }

  private void judge(HttpCall call) throws IOException {
    answer(call, RemoteJudge.judge(JsonTree.parse(call.jsonMetricsBody())));
  }

  /** Beside what the route was admitted for, which is writing a policy. */
  private static void mayOperate(HttpCall call) {
    if (!call.caller().may(Permission.OPERATE)) {
      throw JudgeException.of(
          ErrorReason.NOT_ALLOWED,
          "not allowed for " + call.caller().name() + " (needs " + Permission.OPERATE + ")");
    }
  }

  private static void answer(HttpCall call, JsonNode json) {
    call.answerJson(json.toString());
  }
}
