package io.canaryjudge.server.dialect.kayenta;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.MetricRole;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.Explanation;
import io.canaryjudge.analysis.verdict.MetricVerdict;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.run.RunSnapshot;
import io.canaryjudge.server.store.RunRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/**
 * Runs as Kayenta shows executions. One is complete as soon as there is a decision, or there will
 * be none; its score is 100 for GO, 0 for NO_GO, and between the asker's thresholds for
 * INCONCLUSIVE.
 */
final class ExecutionJson {

  private static final double GO = 100;
  private static final double NO_GO = 0;

  private ExecutionJson() {}

  /** The score of a decision that is not WAIT. */
  static double score(Decision decision, ScoreThresholds thresholds) {
    return switch (decision) {
      case GO -> GO;
      case NO_GO -> NO_GO;
      case INCONCLUSIVE, WAIT -> thresholds.inconclusive();
    };
  }

  /** An execution, with its result once there is one. */
  static ObjectNode execution(ExecutionId id, RunSnapshot snapshot) {
    RunRecord run = snapshot.run();
    ObjectNode json = object().put("application", run.service());
    label(json, run, "parentPipelineExecutionId", "kayenta_parent");
    json.put("pipelineId", id.toString()).put("canaryConfigId", run.policyName());
    ObjectNode stages = json.putObject("stageStatus");
    String status = status(snapshot);
    stages.put("judge", status);
    json.put("complete", snapshot.terminal()).put("status", status);
    json.set("canaryExecutionRequest", request(id, run));
    if (snapshot.terminal()) {
      json.set("result", result(id, snapshot));
    }
    time(json, "buildTime", run.createMillis());
    time(json, "startTime", run.startMillis());
    if (snapshot.terminal()) {
      time(json, "endTime", end(snapshot));
    }
    label(json, run, "storageAccountName", "kayenta_account");
    return json;
  }

  /** A standalone analysis, which is an execution under another name. */
  static ObjectNode analysis(ExecutionId id, RunSnapshot snapshot) {
    RunRecord run = snapshot.run();
    String status = status(snapshot);
    ObjectNode json =
        object()
            .put("pipelineId", id.toString())
            .put("application", run.service())
            .put("complete", snapshot.terminal())
            .put("status", status)
            .put("executionStatus", status.toUpperCase(Locale.ROOT))
            .put("canaryConfigId", run.policyName());
    json.putArray("stageStatus");
    time(json, "buildTime", run.createMillis());
    time(json, "startTime", run.startMillis());
    if (snapshot.terminal()) {
      time(json, "endTime", end(snapshot));
      Decision decision = snapshot.verdict().decision();
      double score = score(decision, id.thresholds());
      ObjectNode result = json.putObject("canaryAnalysisExecutionResult");
      result
          .put("didPassThresholds", decision == Decision.GO)
          .put("hasWarnings", decision == Decision.INCONCLUSIVE)
          .put("canaryScoreMessage", Explanation.of(snapshot.verdict()));
      result.putArray("canaryScores").add(score);
      result.putArray("canaryExecutionResults").add(executionResult(id, snapshot));
    }
    return json;
  }

  private static ObjectNode executionResult(ExecutionId id, RunSnapshot snapshot) {
    ObjectNode json =
        object().put("executionId", id.toString()).put("executionStatus", "SUCCEEDED");
    json.set("result", result(id, snapshot));
    time(json, "buildTime", snapshot.run().createMillis());
    return json;
  }

  /** In Orca's words: running, succeeded or canceled. */
  static String status(RunSnapshot snapshot) {
    if (!snapshot.terminal()) {
      return "running";
    }
    boolean cancelled =
        snapshot.verdict().state() == RunState.CANCELLED && snapshot.verdict().override() == null;
    return cancelled ? "canceled" : "succeeded";
  }

  private static ObjectNode result(ExecutionId id, RunSnapshot snapshot) {
    Verdict verdict = snapshot.verdict();
    double score = score(verdict.decision(), id.thresholds());
    ObjectNode json = object();
    ObjectNode judged = json.putObject("judgeResult").put("judgeName", ConfigJson.JUDGE);
    ArrayNode results = judged.putArray("results");
    verdict.metrics().forEach(metric -> results.add(metric(metric)));
    judged
        .putArray("groupScores")
        .addObject()
        .put("name", snapshot.run().policyName())
        .put("score", score)
        .put("classification", "")
        .put("classificationReason", "");
    judged
        .putObject("score")
        .put("score", score)
        .put("classification", id.thresholds().word(score))
        .put("classificationReason", Explanation.of(verdict));
    long lasted = Math.max(0, end(snapshot) - snapshot.run().startMillis());
    json.put("canaryDuration", Duration.ofSeconds(lasted / 1_000).toString());
    return json;
  }

  private static long end(RunSnapshot snapshot) {
    long end = snapshot.run().endMillis();
    return end > 0
        ? end
        : Math.max(snapshot.verdict().sealedThroughMillis(), snapshot.run().startMillis());
  }

  private static ObjectNode metric(MetricVerdict metric) {
    boolean up = metric.metric().harmfulDirection() == HarmfulDirection.INCREASE;
    boolean decides = metric.metric().role() == MetricRole.DECIDES;
    ObjectNode json =
        object()
            .put("name", metric.metric().name())
            .put("id", metric.metric().name())
            .put(
                "classification",
                switch (metric.decision()) {
                  case GO -> "Pass";
                  case NO_GO -> up ? "High" : "Low";
                  case WAIT, INCONCLUSIVE -> "Nodata";
                })
            .put("classificationReason", Explanation.of(metric))
            .put("critical", decides && metric.decision() == Decision.NO_GO)
            .put("muted", !decides);
    json.putObject("tags");
    json.putArray("groups").add(decides ? "decides" : "warns");
    double effect = metric.thresholds().getFirst().effect();
    json.putObject("resultMetadata").put("ratio", Double.isFinite(effect) ? effect : 1);
    stats(
        json.putObject("experimentMetadata"),
        metric.canarySamples(),
        metric.thresholds().getFirst().canaryEstimate());
    stats(
        json.putObject("controlMetadata"),
        metric.baselineSamples(),
        metric.thresholds().getFirst().baselineEstimate());
    return json;
  }

  /** Of requests (or values), where Kayenta counts points. Orca reads an int. */
  private static void stats(ObjectNode json, long count, double estimate) {
    ObjectNode stats =
        json.putObject("stats").put("count", (int) Math.min(count, Integer.MAX_VALUE));
    if (Double.isFinite(estimate)) {
      stats.put("estimate", estimate);
    }
  }

  private static ObjectNode request(ExecutionId id, RunRecord run) {
    ObjectNode json = object();
    ObjectNode pair = json.putObject("scopes").putObject("default");
    scope(
        pair.putObject("controlScope"),
        run,
        run.labels().getOrDefault("kayenta_control", run.baselineVersion()));
    scope(
        pair.putObject("experimentScope"),
        run,
        run.labels().getOrDefault("kayenta_experiment", run.canaryVersion()));
    json.putObject("thresholds")
        .put("pass", (int) id.thresholds().pass())
        .put("marginal", (int) id.thresholds().marginal());
    return json;
  }

  private static void scope(ObjectNode scope, RunRecord run, String text) {
    Map<String, String> labels = run.labels();
    String start = Instant.ofEpochMilli(run.startMillis()).toString();
    scope
        .put("scope", text)
        .put("location", labels.getOrDefault("kayenta_location", ""))
        .put("start", labels.getOrDefault("kayenta_start", start))
        .put("end", labels.getOrDefault("kayenta_end", start))
        .put("step", Long.parseLong(labels.getOrDefault("kayenta_step", "60")));
    scope.putObject("extendedScopeParams");
  }

  private static void label(ObjectNode json, RunRecord run, String key, String label) {
    if (run.labels().containsKey(label)) {
      json.put(key, run.labels().get(label));
    }
  }

  private static void time(ObjectNode json, String name, long millis) {
    json.put(name + "Millis", millis).put(name + "Iso", Instant.ofEpochMilli(millis).toString());
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
