package io.canaryjudge.server.dialect.kayenta;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * Reads JSON that another program wrote: unknown keys are its own business and ignored, values that
 * are used are checked, all of them before anything is refused.
 */
final class Tree {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final JsonNode node;
  private final String path;
  private final List<FieldViolation> violations;

  private Tree(JsonNode node, String path, List<FieldViolation> violations) {
    this.node = node;
    this.path = path;
    this.violations = violations;
  }

  /**
   * Reads a text.
   *
   * @throws JudgeException {@code INVALID_FIELD} if it is not a JSON object
   */
  static Tree parse(String text) {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw JudgeException.invalidField("body", e.getOriginalMessage(), "JSON");
    }
    if (root == null || !root.isObject()) {
      throw JudgeException.invalidField("body", text.isEmpty() ? "empty" : text, "a JSON object");
    }
    return of(root);
  }

  /** Begins with a tree. */
  static Tree of(JsonNode root) {
    return new Tree(root, "", new ArrayList<>());
  }

  /** Throws {@code INVALID_FIELD} with everything that was refused. */
  void orThrow() {
    if (!violations.isEmpty()) {
      throw JudgeException.invalid(ErrorReason.INVALID_FIELD, violations);
    }
  }

  JsonNode node() {
    return node;
  }

  String path() {
    return path;
  }

  void refuse(String key, Object came, String expected) {
    violations.add(new FieldViolation(at(key), String.valueOf(came), expected));
  }

  private String at(String key) {
    return path.isEmpty() ? key : key.isEmpty() ? path : path + "." + key;
  }

  boolean has(String key) {
    return node.hasNonNull(key);
  }

  /** An object under a key; empty if there is none. */
  Tree object(String key) {
    JsonNode there = node.path(key);
    if (!there.isObject() && !there.isMissingNode() && !there.isNull()) {
      refuse(key, there.getNodeType(), "an object");
    }
    return new Tree(there, at(key), violations);
  }

  /** The objects of a list; none if there is none. */
  List<Tree> objects(String key, int most) {
    List<Tree> all = new ArrayList<>();
    JsonNode list = list(key, most);
    for (int i = 0; i < list.size(); i++) {
      Tree each = new Tree(list.get(i), at(key) + "[" + i + "]", violations);
      if (list.get(i).isObject()) {
        all.add(each);
      } else {
        each.refuse("", list.get(i).getNodeType(), "an object");
      }
    }
    return all;
  }

  /** The objects by key, in the order of the keys. */
  SequencedMap<String, Tree> objectsByKey(String key) {
    TreeMap<String, Tree> all = new TreeMap<>();
    Tree object = object(key);
    object.node.fieldNames().forEachRemaining(name -> all.put(name, object.object(name)));
    return all;
  }

  private JsonNode list(String key, int most) {
    JsonNode list = node.path(key);
    boolean absent = list.isMissingNode() || list.isNull();
    if (!list.isArray() && !absent) {
      refuse(key, list.getNodeType(), "a list");
    }
    if (list.size() > most) {
      refuse(key, list.size() + " elements", "at most " + most);
      return JSON.createArrayNode();
    }
    return list.isArray() ? list : JSON.createArrayNode();
  }

  List<String> texts(String key, int most) {
    List<String> all = new ArrayList<>();
    list(key, most).forEach(each -> all.add(each.asText("")));
    return all;
  }

  /** Values of a series; what is no number is one that is missing. */
  double[] points(String key, int most) {
    JsonNode list = list(key, most);
    double[] points = new double[list.size()];
    for (int i = 0; i < points.length; i++) {
      JsonNode point = list.get(i);
      if (point.isNumber() && Double.isFinite(point.doubleValue())) {
        points[i] = point.doubleValue();
      } else if (point.isNull() || point.isNumber() || point.asText("").equalsIgnoreCase("nan")) {
        points[i] = Double.NaN;
      } else {
        refuse(key + "[" + i + "]", point, "a number or NaN");
      }
    }
    return points;
  }

  String text(String key, String unset) {
    JsonNode value = node.path(key);
    return value.isValueNode() && !value.isNull() ? value.asText() : unset;
  }

  /** A text in lower case that has to be one of some; the first if there is none. */
  String choice(String key, String... known) {
    String value = text(key, known[0]).toLowerCase(Locale.ROOT);
    if (!List.of(known).contains(value)) {
      refuse(key, value, "one of " + String.join(", ", known));
      return known[0];
    }
    return value;
  }

  boolean flag(String key) {
    return Boolean.parseBoolean(text(key, "false"));
  }

  OptionalDouble number(String key) {
    if (!has(key)) {
      return OptionalDouble.empty();
    }
    try {
      double number = Double.parseDouble(node.path(key).asText(""));
      if (Double.isFinite(number)) {
        return OptionalDouble.of(number);
      }
    } catch (NumberFormatException _) {
      // Refused below, as infinities are.
    }
    refuse(key, node.path(key), "a number");
    return OptionalDouble.empty();
  }

  /** A number in a range; {@code unset} if there is none, or another one. */
  double number(String key, double unset, double above, double most) {
    double number = number(key).orElse(unset);
    if (!(number > above && number <= most)) {
      refuse(key, number, "in (" + above + ", " + most + "]");
      return unset;
    }
    return number;
  }
}
