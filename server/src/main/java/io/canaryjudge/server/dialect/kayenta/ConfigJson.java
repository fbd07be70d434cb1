package io.canaryjudge.server.dialect.kayenta;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.MetricRole;
import io.canaryjudge.server.policy.PolicyRevision;
import java.time.Instant;

/** Policies as Kayenta shows canary configs: a view to choose from, not one to write back. */
final class ConfigJson {

  /** Name of the judge, and of the source of the metrics, in a view. */
  static final String JUDGE = "canary-judge";

  private ConfigJson() {}

  /**
   * One line of the list.
   *
   * @param application that asked, since policies are for all; may be empty
   */
  static ObjectNode summary(PolicyRevision revision, String application) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("id", revision.policy().name()).put("name", revision.policy().name());
    time(json, revision);
    ArrayNode applications = json.putArray("applications");
    if (!application.isEmpty()) {
      applications.add(application);
    }
    return json;
  }

  /** A whole config. Its metrics have no queries: ours do not know any. */
  static ObjectNode config(PolicyRevision revision) {
    ObjectNode json = summary(revision, "");
    json.put("description", revision.policy().description()).put("configVersion", "1");
    json.putObject("judge").put("name", JUDGE).putObject("judgeConfigurations");
    ArrayNode metrics = json.putArray("metrics");
    revision.policy().metrics().forEach(metric -> metrics.add(metric(metric)));
    json.putObject("templates");
    json.putObject("classifier").putObject("groupWeights").put(group(MetricRole.DECIDES), 100);
    return json;
  }

  private static ObjectNode metric(MetricPolicy metric) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("name", metric.name());
    json.putObject("query").put("type", JUDGE).put("serviceType", JUDGE);
    json.putArray("groups").add(group(metric.role()));
    json.putObject("analysisConfigurations")
        .putObject("canary")
        .put(
            "direction",
            metric.harmfulDirection() == HarmfulDirection.INCREASE ? "increase" : "decrease")
        .put("critical", metric.role() == MetricRole.DECIDES)
        .put("muted", metric.role() == MetricRole.WARNS);
    return json.put("scopeName", "default");
  }

  private static String group(MetricRole role) {
    return switch (role) {
      case DECIDES -> "decides";
      case WARNS -> "warns";
    };
  }

  private static void time(ObjectNode json, PolicyRevision revision) {
    String iso = Instant.ofEpochMilli(revision.createMillis()).toString();
    json.put("createdTimestamp", revision.createMillis())
        .put("createdTimestampIso", iso)
        .put("updatedTimestamp", revision.createMillis())
        .put("updatedTimestampIso", iso);
  }
}
