package io.canaryjudge.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import io.canaryjudge.proto.v1.Policy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/** A policy in the form of a policy file: the wire's keys, spans as "5s", enums in lower case. */
final class PolicyTree {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .build());

  private PolicyTree() {}

  /** Without what the server counts: revision and etag. */
  static ObjectNode of(Policy policy) {
    return object(
        policy.toBuilder()
            .setName(PolicyNames.brief(policy.getName()))
            .clearRevision()
            .clearEtag()
            .build());
  }

  /**
   * A file that can be applied again. All text is quoted, with escapes for whatever a terminal or a
   * build system would obey.
   */
  static String yaml(Policy policy) {
    try {
      return YAML.writeValueAsString(of(policy)).replace("##", "#\\u0023");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a policy of ours has no YAML form", e);
    }
  }

  /** Each value by its path, such as "metrics[0].thresholds[1].relative". */
  static SequencedMap<String, String> values(Policy policy) {
    SequencedMap<String, String> values = new LinkedHashMap<>();
    flatten("", of(policy), values);
    return values;
  }

  private static void flatten(String path, JsonNode node, SequencedMap<String, String> values) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              entry ->
                  flatten(
                      path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(),
                      entry.getValue(),
                      values));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        flatten(path + "[" + i + "]", node.get(i), values);
      }
    } else {
      values.put(path, node.asText());
    }
  }

  private static ObjectNode object(Message message) {
    ObjectNode object = NODES.objectNode();
    message
        .getAllFields()
        .forEach((field, value) -> object.set(field.getName(), node(field, value)));
    return object;
  }

  private static JsonNode node(FieldDescriptor field, Object value) {
    if (value instanceof List<?> list) {
      ArrayNode array = NODES.arrayNode();
      list.forEach(one -> array.add(single(field, one)));
      return array;
    }
    return single(field, value);
  }

  private static JsonNode single(FieldDescriptor field, Object value) {
    return switch (value) {
      case Duration span ->
          NODES.textNode(SpanConverter.text(java.time.Duration.ofMillis(Durations.toMillis(span))));
      case Message message -> object(message);
      case EnumValueDescriptor one ->
          NODES.textNode(Enums.name(field.getEnumType(), one.getName()).toLowerCase(Locale.ROOT));
      case String text -> NODES.textNode(text);
      case Boolean flag -> NODES.booleanNode(flag);
      case Integer number -> NODES.numberNode(number);
      case Long number -> NODES.numberNode(number);
      case Double number ->
          number == Math.rint(number) && Math.abs(number) < 1e15
              ? NODES.numberNode(number.longValue())
              : NODES.numberNode(number);
      default -> throw new IllegalArgumentException("a policy has no " + value.getClass());
    };
  }
}
