package io.canaryjudge.server.dialect.flagger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What Flagger posts.
 *
 * @param name of the Canary resource
 * @param namespace it is in
 * @param phase of the rollout, such as {@code Progressing}
 * @param checksum of what is rolled out: another one for another revision
 * @param metadata the strings of the webhook's specification, and those of an event
 */
record Webhook(
    String name,
    String namespace,
    String phase,
    String checksum,
    SortedMap<String, String> metadata) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads a body.
   *
   * @throws JudgeException {@code INVALID_FIELD} with everything that is wrong
   */
  static Webhook parse(String body) {
    JsonNode tree;
    try {
      tree = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw JudgeException.invalidField("body", e.getOriginalMessage(), "JSON");
    }
    if (tree == null || !tree.isObject()) {
      throw JudgeException.invalidField(
          "body", body.isEmpty() ? "empty" : "no object", "a webhook of Flagger");
    }
    List<FieldViolation> violations = new ArrayList<>();
    SortedMap<String, String> metadata = new TreeMap<>();
    JsonNode extra = tree.path("metadata");
    if (extra.isObject()) {
      for (var entry : extra.properties()) {
        if (entry.getValue().isTextual()) {
          metadata.put(entry.getKey(), entry.getValue().textValue());
        } else {
          violations.add(
              new FieldViolation(
                  "metadata." + entry.getKey(), entry.getValue().toString(), "a string"));
        }
      }
    } else if (!extra.isMissingNode() && !extra.isNull()) {
      violations.add(new FieldViolation("metadata", extra.getNodeType().name(), "an object"));
    }
    Webhook webhook =
        new Webhook(
            text(tree, "name", violations),
            text(tree, "namespace", violations),
            text(tree, "phase", violations),
            text(tree, "checksum", violations),
            metadata);
    if (!violations.isEmpty()) {
      throw JudgeException.invalid(ErrorReason.INVALID_FIELD, violations);
    }
    return webhook;
  }

  private static String text(JsonNode tree, String key, List<FieldViolation> violations) {
    JsonNode value = tree.path(key);
    if (!value.isTextual() || value.textValue().isEmpty()) {
      violations.add(
          new FieldViolation(key, value.isMissingNode() ? "nothing" : value.toString(), "a text"));
      return "";
    }
    return value.textValue();
  }

  /** A string of the metadata, or another one if it is not there. */
  String metadata(String key, String unset) {
    return metadata.getOrDefault(key, unset);
  }
}
