package io.canaryjudge.server.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.canaryjudge.analysis.policy.DurationText;
import io.canaryjudge.server.error.NearestKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one object, read one by one. Asking for a key is also what makes it known, so {@link
 * #refuseUnknown} comes last. Violations are collected, never thrown.
 */
final class Fields {

  private static final int MAX_KEY_LENGTH = 64;

  private final Findings findings;
  private final String path;
  private final JsonNode object;
  private final SequencedSet<String> known = new LinkedHashSet<>();
  private final Set<String> ignored = new HashSet<>();

  /**
   * Begins to read an object.
   *
   * @param path of the object; empty for the whole
   * @param node what is there; not necessarily an object
   */
  Fields(Findings findings, String path, JsonNode node) {
    this.findings = findings;
    this.path = path;
    this.object = node;
    if (!node.isObject()) {
      refuse(path, node, "keys and values");
    }
  }

  static String child(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private String path(String key) {
    return child(path, key);
  }

  /** Whether there is something under this key, readable or not. */
  boolean has(String key) {
    known.add(key);
    return object.has(key);
  }

  void refuse(String key, String expected) {
    refuse(path(key), object.path(key), expected);
  }

  /** Refuses the object for what it lacks. */
  void refuseWhole(String came, String expected) {
    findings.unreadable(path, came, expected);
  }

  /** Nothing that is said of what is under this key is worth telling. */
  void doubtful(String key) {
    findings.doubtful(path(key));
  }

  /** False if what is under this key was refused. */
  boolean isReadable(String key) {
    return findings.isReadable(path(key));
  }

  /** Reads nothing: what is under the key does not matter, and nobody has to write it. */
  void ignore(String key) {
    ignored.add(key);
  }

  String text(String key, String otherwise) {
    return read(key, otherwise, "text", node -> node.isTextual() ? node.textValue() : null);
  }

  String requiredText(String key) {
    return text(key, required(key, ""));
  }

  boolean flag(String key) {
    return read(key, false, "true or false", node -> node.isBoolean() ? node.booleanValue() : null);
  }

  double number(String key, double otherwise) {
    return read(key, otherwise, "a number", node -> node.isNumber() ? node.doubleValue() : null);
  }

  double requiredNumber(String key) {
    return number(key, required(key, Double.NaN));
  }

  /** Not a number where something unreadable is. */
  OptionalDouble optionalNumber(String key) {
    if (!has(key)) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(
        read(key, Double.NaN, "a number", node -> node.isNumber() ? node.doubleValue() : null));
  }

  int wholeNumber(String key, int otherwise) {
    return read(
        key,
        otherwise,
        "a whole number",
        node ->
            node.isNumber() && node.doubleValue() == (int) node.doubleValue()
                ? (int) node.doubleValue()
                : null);
  }

  long duration(String key, long otherwiseMillis) {
    return read(
        key,
        otherwiseMillis,
        DurationText.FORM + ", whole milliseconds",
        node -> {
          String text = node.isNumber() && node.doubleValue() == 0 ? "0" : node.textValue();
          OptionalLong millis =
              text == null ? OptionalLong.empty() : DurationText.parseMillis(text);
          return millis.isPresent() ? millis.getAsLong() : null;
        });
  }

  long requiredDuration(String key) {
    return duration(key, required(key, 0L));
  }

  <E extends Enum<E>> E choice(String key, Class<E> type, E otherwise) {
    return read(key, otherwise, oneOf(type), node -> constant(type, node));
  }

  /** One that there is no default for. */
  <E extends Enum<E>> E requiredChoice(String key, Class<E> type, E standIn) {
    if (!has(key) && isReadable(key)) {
      findings.unreadable(path(key), "missing", oneOf(type));
    }
    return choice(key, type, standIn);
  }

  /** Each at most once. */
  <E extends Enum<E>> List<E> choices(String key, Class<E> type) {
    List<Optional<E>> read =
        list(
            key,
            "a list of words",
            (elementPath, node) -> {
              E constant = constant(type, node);
              if (constant == null) {
                refuse(elementPath, node, oneOf(type));
              }
              return Optional.ofNullable(constant);
            });
    List<E> choices = read.stream().flatMap(Optional::stream).toList();
    Set<E> seen = EnumSet.noneOf(type);
    for (E choice : choices) {
      if (!seen.add(choice)) {
        findings.unreadable(path(key), lower(choice) + " twice", "each word once");
      }
    }
    return choices;
  }

  List<String> texts(String key) {
    return list(
        key,
        "a list of texts",
        (elementPath, node) -> {
          if (!node.isTextual()) {
            // Not taken as it looks: 1.10 would be 1.1.
            refuse(elementPath, node, node.isNumber() ? "text: in quotes" : "text");
            return "";
          }
          return node.textValue();
        });
  }

  List<Double> numbers(String key) {
    return list(
        key,
        "a list of numbers",
        (elementPath, node) -> {
          if (!node.isNumber()) {
            refuse(elementPath, node, "a number");
            return Double.NaN;
          }
          return node.doubleValue();
        });
  }

  <T> List<T> objects(String key, Function<Fields, T> read) {
    return list(
        key, "a list", (elementPath, node) -> read.apply(new Fields(findings, elementPath, node)));
  }

  /** The object under a key; empty if there is nothing. */
  Optional<Fields> object(String key) {
    return has(key)
        ? Optional.of(new Fields(findings, path(key), object.path(key)))
        : Optional.empty();
  }

  /** Refuses each key that was not asked for, and says which was probably meant. */
  void refuseUnknown() {
    for (String key : (Iterable<String>) object::fieldNames) {
      if (!known.contains(key) && !ignored.contains(key)) {
        findings.unreadable(path(shortened(key)), "unknown key", meant(key));
      }
    }
  }

  private String meant(String key) {
    // Whoever writes the JSON form of the messages gets the key of the file.
    String snake = key.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    String nearest = NearestKey.of(shortened(snake), known);
    return NearestKey.distance(shortened(snake), nearest) <= nearest.length() / 2
        ? nearest
        : "one of " + String.join(", ", known);
  }

  private <T> List<T> list(String key, String expected, BiFunction<String, JsonNode, T> element) {
    if (!has(key)) {
      return List.of();
    }
    JsonNode node = object.path(key);
    if (!node.isArray()) {
      refuse(key, expected);
      return List.of();
    }
    List<T> list = new ArrayList<>();
    for (JsonNode each : node) {
      list.add(element.apply(path(key) + "[" + list.size() + "]", each));
    }
    return list;
  }

  private interface Conversion<T> {
    @Nullable T convert(JsonNode node);
  }

  private <T> T read(String key, T otherwise, String expected, Conversion<T> conversion) {
    if (!has(key)) {
      return otherwise;
    }
    T value = conversion.convert(object.path(key));
    if (value == null) {
      refuse(key, expected);
      return otherwise;
    }
    return value;
  }

  /** Unless the text was refused already: then there is no node. */
  private void refuse(String at, JsonNode node, String expected) {
    if (node.isMissingNode()) {
      findings.doubtful(at);
    } else {
      findings.unreadable(at, describe(node), expected);
    }
  }

  private <T> T required(String key, T standIn) {
    if (!has(key)) {
      findings.missing(path(key));
    }
    return standIn;
  }

  private static <E extends Enum<E>> @Nullable E constant(Class<E> type, JsonNode node) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> lower(constant).equals(node.textValue()))
        .findFirst()
        .orElse(null);
  }

  private static <E extends Enum<E>> String oneOf(Class<E> type) {
    return Arrays.stream(type.getEnumConstants())
        .map(Fields::lower)
        .collect(Collectors.joining(", ", "one of ", ""));
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static String shortened(String key) {
    return key.length() <= MAX_KEY_LENGTH ? key : key.substring(0, MAX_KEY_LENGTH) + "…";
  }

  private static String describe(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> "keys and values";
      case ARRAY -> "a list";
      case NULL -> "nothing";
      case STRING -> node.textValue().isEmpty() ? "nothing" : '"' + node.textValue() + '"';
      // Whole numbers as they are usually written.
      case NUMBER ->
          node.canConvertToExactIntegral() ? node.bigIntegerValue().toString() : node.asText();
      case BOOLEAN, BINARY, MISSING, POJO -> node.asText();
    };
  }
}
