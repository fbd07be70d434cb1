package io.canaryjudge.server.dialect.kayenta;

import com.fasterxml.jackson.databind.JsonNode;
import io.canaryjudge.server.dialect.JsonTree;
import io.canaryjudge.server.error.JudgeException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A request to begin an execution.
 *
 * @param application what is rolled out; not empty
 * @param control text of the scope of the baseline
 * @param experiment text of the scope of the canary
 * @param location for people; may be empty
 * @param startMillis begin of the time to look at, epoch milliseconds; empty for now
 * @param endMillis end of it; empty for as long as the policy says
 * @param stepSeconds step of Kayenta's series; for people
 * @param thresholds what the asker makes of a score
 * @param parent id of the pipeline that asks; may be empty
 * @param account storage account that the asker names; may be empty
 */
record StartRequest(
    String application,
    String control,
    String experiment,
    String location,
    OptionalLong startMillis,
    OptionalLong endMillis,
    long stepSeconds,
    ScoreThresholds thresholds,
    String parent,
    String account) {

  private static final String DEFAULT_SCOPE = "default";
  private static final int MAX_LABEL = 200;
  private static final long MINUTE = 60_000;
  private static final long MAX_MINUTES = 31 * 24 * 60;

  /**
   * Reads the body of {@code POST canary/{id}}: the scope {@code default}, or the only one.
   *
   * @param query parameters of the request
   * @throws JudgeException {@code INVALID_FIELD} with everything that is wrong
   */
  static StartRequest read(JsonTree body, Map<String, List<String>> query) {
    JsonTree pair = scope(body, body.objectsByKey("scopes"));
    JsonTree control = pair.object("controlScope");
    JsonTree experiment = pair.object("experimentScope");
    StartRequest request =
        new StartRequest(
            application(body, query),
            required(control, "scope"),
            required(experiment, "scope"),
            experiment.text("location", control.text("location", "")),
            time(experiment, "start"),
            time(experiment, "end"),
            step(experiment),
            ScoreThresholds.read(body.object("thresholds")),
            first(query, "parentPipelineExecutionId"),
            first(query, "storageAccountName"));
    body.orThrow();
    return request;
  }

  /**
   * Reads the request of a standalone analysis.
   *
   * @param nowMillis what a lifetime counts from, epoch milliseconds
   */
  static StartRequest readStandalone(
      JsonTree body, Map<String, List<String>> query, long nowMillis) {
    List<JsonTree> scopes = body.objects("scopes", CanaryConfig.MAX_METRICS);
    if (scopes.isEmpty()) {
      body.refuse("scopes", "none", "one");
    }
    JsonTree scope = scopes.isEmpty() ? body : scopes.getFirst();
    if (scopes.size() > 1) {
      body.refuse("scopes", scopes.size() + " scopes", "one: a run compares two arms");
    }
    OptionalLong end = time(scope, "endTimeIso");
    double lifetime = body.number("lifetimeDurationMins").orElse(0);
    if (!(lifetime >= 0 && lifetime <= MAX_MINUTES)) {
      body.refuse("lifetimeDurationMins", lifetime, "in [0, " + MAX_MINUTES + "]");
    } else if (end.isEmpty() && lifetime > 0) {
      end = OptionalLong.of(nowMillis + (long) (lifetime * MINUTE));
    }
    StartRequest request =
        new StartRequest(
            application(body, query),
            required(scope, "controlScope"),
            required(scope, "experimentScope"),
            scope.text("experimentLocation", scope.text("controlLocation", "")),
            time(scope, "startTimeIso"),
            end,
            step(scope),
            ScoreThresholds.read(body.object("thresholds")),
            first(query, "parentPipelineExecutionId"),
            first(query, "storageAccountName"));
    body.orThrow();
    return request;
  }

  private static JsonTree scope(JsonTree body, SequencedMap<String, JsonTree> scopes) {
    if (scopes.isEmpty()) {
      body.refuse("scopes", "none", "a scope named " + DEFAULT_SCOPE);
      return body.object("scopes");
    }
    if (scopes.size() > 1 && !scopes.containsKey(DEFAULT_SCOPE)) {
      body.refuse("scopes", scopes.keySet(), "one scope: a run compares two arms");
    }
    return Optional.ofNullable(scopes.get(DEFAULT_SCOPE))
        .orElseGet(() -> scopes.firstEntry().getValue());
  }

  private static String application(JsonTree body, Map<String, List<String>> query) {
    String application = first(query, "application");
    if (application.isBlank()) {
      body.refuse("application", "missing", "the service, as a parameter of the query");
    }
    return application;
  }

  private static String required(JsonTree tree, String key) {
    String text = tree.text(key, "");
    if (text.isBlank()) {
      tree.refuse(key, "missing", "a version, or key=value and key=value");
    }
    return text;
  }

  private static OptionalLong time(JsonTree tree, String key) {
    JsonNode value = tree.node().path(key);
    if (value.isNumber()) {
      return OptionalLong.of(value.asLong());
    }
    String text = tree.text(key, "");
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Instant.parse(text).toEpochMilli());
    } catch (DateTimeException | ArithmeticException _) {
      tree.refuse(key, text, "a time such as 2026-03-29T01:08:34Z");
      return OptionalLong.empty();
    }
  }

  private static long step(JsonTree tree) {
    return (long) tree.number("step", 60, 0, 1e9);
  }

  static String first(Map<String, List<String>> query, String name) {
    List<String> values = query.getOrDefault(name, List.of());
    return values.isEmpty() ? "" : values.getFirst();
  }

  /** What is kept with the run, for answers and for people. */
  SortedMap<String, String> labels() {
    SortedMap<String, String> labels = new TreeMap<>();
    put(labels, "kayenta_control", control);
    put(labels, "kayenta_experiment", experiment);
    put(labels, "kayenta_location", location);
    put(labels, "kayenta_step", Long.toString(stepSeconds));
    put(labels, "kayenta_pass", ExecutionId.plain(thresholds.pass()));
    put(labels, "kayenta_marginal", ExecutionId.plain(thresholds.marginal()));
    put(labels, "kayenta_parent", parent);
    put(labels, "kayenta_account", account);
    startMillis.ifPresent(t -> put(labels, "kayenta_start", Instant.ofEpochMilli(t).toString()));
    endMillis.ifPresent(t -> put(labels, "kayenta_end", Instant.ofEpochMilli(t).toString()));
    return labels;
  }

  private static void put(Map<String, String> labels, String key, String value) {
    if (!value.isEmpty()) {
      labels.put(key, value.length() <= MAX_LABEL ? value : value.substring(0, MAX_LABEL));
    }
  }
}
