package io.canaryjudge.server.dialect;

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
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads JSON that another program wrote: unknown keys are its own business and ignored, values that
 * are used are checked, all of them before anything is refused.
 */
public final class JsonTree {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final JsonNode node;
  private final String path;
  private final List<FieldViolation> violations;

  private JsonTree(JsonNode node, String path, List<FieldViolation> violations) {
    this.node = node;
    this.path = path;
    this.violations = violations;
  }

  /**
   * Reads a text.
   *
   * @throws JudgeException {@code INVALID_FIELD} if it is not a JSON object
   */
  public static JsonTree parse(String text) {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw JudgeException.invalidField("body", e.getOriginalMessage(), "JSON");
    }
    if (root == null || !root.isObject()) {
      throw JudgeException.invalidField("body", text.isBlank() ? "nothing" : text, "a JSON object");
    }
    return of(root);
  }

  /** Begins with a tree. */
  public static JsonTree of(JsonNode root) {
    return new JsonTree(root, "", new ArrayList<>());
  }

  /** Throws {@code INVALID_FIELD} with everything that was refused. */
  public void orThrow() {
    if (!violations.isEmpty()) {
      throw JudgeException.invalid(ErrorReason.INVALID_FIELD, violations);
    }
  }

  /** What is read, as it came. */
  public JsonNode node() {
    return node;
  }

  /**
   * Notes what cannot be accepted, for {@link #orThrow()}.
   *
   * @param key below this tree; empty for the tree itself
   * @param came what came
   * @param expected what is accepted instead
   */
  public void refuse(String key, Object came, String expected) {
    violations.add(new FieldViolation(at(key), String.valueOf(came), expected));
  }

  private String at(String key) {
    return path.isEmpty() ? key : key.isEmpty() ? path : path + "." + key;
  }

  /** Whether something is under a key; null is nothing. */
  public boolean has(String key) {
    return node.hasNonNull(key);
  }

  /** An object under a key; empty if there is none. */
  public JsonTree object(String key) {
    JsonNode there = node.path(key);
    if (!there.isObject() && !there.isMissingNode() && !there.isNull()) {
      refuse(key, there.getNodeType(), "an object");
    }
    return new JsonTree(there, at(key), violations);
  }

  /**
   * The objects of a list; none if there is none.
   *
   * @param most refused whole with more elements than this
   */
  public List<JsonTree> objects(String key, int most) {
    List<JsonTree> all = new ArrayList<>();
    JsonNode list = list(key, most);
    for (int i = 0; i < list.size(); i++) {
      JsonTree each = new JsonTree(list.get(i), at(key) + "[" + i + "]", violations);
      if (list.get(i).isObject()) {
        all.add(each);
      } else {
        each.refuse("", list.get(i).getNodeType(), "an object");
      }
    }
    return all;
  }

  /** The objects by key, in the order of the keys. */
  public SequencedMap<String, JsonTree> objectsByKey(String key) {
    TreeMap<String, JsonTree> all = new TreeMap<>();
    JsonTree object = object(key);
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

  /** The texts of a list, other values as texts; {@code most} as in {@link #objects}. */
  public List<String> texts(String key, int most) {
    List<String> all = new ArrayList<>();
    list(key, most).forEach(each -> all.add(each.asText("")));
    return all;
  }

  /** Values of a series, NaN where one is missing; {@code most} as in {@link #objects}. */
  public double[] points(String key, int most) {
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

  /** A text, or a number or flag as a text; {@code unset} if there is none. */
  public String text(String key, String unset) {
    JsonNode value = node.path(key);
    return value.isValueNode() && !value.isNull() ? value.asText() : unset;
  }

  /** A text that has to be there and not to be empty; empty if it is refused. */
  public String requiredText(String key) {
    JsonNode value = node.path(key);
    if (value.isTextual() && !value.textValue().isEmpty()) {
      return value.textValue();
    }
    refuse(key, value.isMissingNode() ? "nothing" : value, "a text");
    return "";
  }

  /** The texts of an object by key, in the order of the keys; none if there is no object. */
  public SortedMap<String, String> textsByKey(String key) {
    SortedMap<String, String> all = new TreeMap<>();
    JsonTree object = object(key);
    for (var entry : object.node.properties()) {
      if (entry.getValue().isTextual()) {
        all.put(entry.getKey(), entry.getValue().textValue());
      } else {
        object.refuse(entry.getKey(), entry.getValue(), "a text");
      }
    }
    return all;
  }

  /** A text in lower case that has to be one of some; the first if there is none. */
  public String choice(String key, String... known) {
    String value = text(key, known[0]).toLowerCase(Locale.ROOT);
    if (!List.of(known).contains(value)) {
      refuse(key, value, "one of " + String.join(", ", known));
      return known[0];
    }
    return value;
  }

  /** Whether a flag is set; not if it is not there. */
  public boolean flag(String key) {
    return Boolean.parseBoolean(text(key, "false"));
  }

  /** A finite number, also as a text; empty if there is none, or another one. */
  public OptionalDouble number(String key) {
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

  /** A number in {@code (above, most]}; {@code unset} if there is none, or another one. */
  public double number(String key, double unset, double above, double most) {
    double number = number(key).orElse(unset);
    if (!(number > above && number <= most)) {
      refuse(key, number, "in (" + above + ", " + most + "]");
      return unset;
    }
    return number;
  }
}
