package io.canaryjudge.server.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.analysis.policy.LabelMatcher;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The JSON form of an {@link ArmSelection}: the fields of the API that are set, and so <code>{}
 * </code> for the default.
 */
final class ArmSelectionCodec {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SCOPE = "scope";
  private static final String LABEL = "label";
  private static final String BASELINE_VALUE = "baseline_value";
  private static final String CANARY_VALUE = "canary_value";
  private static final String BASELINE = "baseline";
  private static final String CANARY = "canary";
  private static final String INSTANCE_LABEL = "instance_label";
  private static final String VALUES = "values";

  private static final Set<String> KEYS =
      Set.of(SCOPE, LABEL, BASELINE_VALUE, CANARY_VALUE, BASELINE, CANARY, INSTANCE_LABEL);

  private ArmSelectionCodec() {}

  static String encode(ArmSelection arms) {
    ObjectNode tree = JSON.createObjectNode();
    put(tree, SCOPE, arms.scope());
    put(tree, LABEL, arms.label());
    put(tree, BASELINE_VALUE, arms.baselineValue());
    put(tree, CANARY_VALUE, arms.canaryValue());
    put(tree, BASELINE, arms.baseline());
    put(tree, CANARY, arms.canary());
    put(tree, INSTANCE_LABEL, arms.instanceLabel());
    return tree.toString();
  }

  private static void put(ObjectNode tree, String key, String value) {
    if (!value.isEmpty()) {
      tree.put(key, value);
    }
  }

  private static void put(ObjectNode tree, String key, List<LabelMatcher> matchers) {
    if (matchers.isEmpty()) {
      return;
    }
    ArrayNode array = tree.putArray(key);
    for (LabelMatcher matcher : matchers) {
      ArrayNode values = array.addObject().put(LABEL, matcher.label()).putArray(VALUES);
      matcher.values().forEach(values::add);
    }
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IOException if it is something else: a run must not be fed by other series than was
   *     said
   */
  static ArmSelection decode(String json) throws IOException {
    JsonNode tree = tree(json);
    for (String key : (Iterable<String>) tree::fieldNames) {
      if (!KEYS.contains(key)) {
        throw new StreamCorruptedException("arms: " + key + " (expected: one of " + KEYS + ")");
      }
    }
    return new ArmSelection(
        matchers(tree.path(SCOPE)),
        text(tree.path(LABEL)),
        text(tree.path(BASELINE_VALUE)),
        text(tree.path(CANARY_VALUE)),
        matchers(tree.path(BASELINE)),
        matchers(tree.path(CANARY)),
        text(tree.path(INSTANCE_LABEL)));
  }

  private static JsonNode tree(String json) throws IOException {
    try {
      JsonNode tree = JSON.readTree(json);
      if (tree.isObject()) {
        return tree;
      }
    } catch (JsonProcessingException e) {
      throw new IOException("arms: " + json, e);
    }
    throw new StreamCorruptedException("arms: " + json + " (expected: an object)");
  }

  private static String text(JsonNode node) throws IOException {
    if (node.isMissingNode()) {
      return "";
    }
    if (!node.isTextual()) {
      throw new StreamCorruptedException("arms: " + node + " (expected: text)");
    }
    return node.textValue();
  }

  private static List<LabelMatcher> matchers(JsonNode node) throws IOException {
    List<LabelMatcher> matchers = new ArrayList<>();
    for (JsonNode each : node) {
      List<String> values = new ArrayList<>();
      for (JsonNode value : each.path(VALUES)) {
        values.add(text(value));
      }
      matchers.add(new LabelMatcher(text(each.path(LABEL)), values));
    }
    return matchers;
  }
}
