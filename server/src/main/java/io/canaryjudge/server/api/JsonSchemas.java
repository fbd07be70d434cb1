package io.canaryjudge.server.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** JSON schemas of messages, as protobuf maps them to JSON. */
final class JsonSchemas {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PROBLEM = "Problem";
  private static final String COMPONENTS = "#/components/schemas/";

  private final Set<String> named = new HashSet<>();
  private final Deque<Descriptor> open = new ArrayDeque<>();
  private final Map<String, ObjectNode> schemas = new TreeMap<>();

  /** A reference to the schema of a message, which will be among the components. */
  ObjectNode reference(Descriptor type) {
    if (named.add(type.getFullName())) {
      open.add(type);
    }
    return reference(type.getName());
  }

  /** A reference to the schema of errors. */
  ObjectNode problem() {
    schemas.computeIfAbsent(PROBLEM, _ -> problemSchema());
    return reference(PROBLEM);
  }

  private static ObjectNode reference(String name) {
    return JSON.createObjectNode().put("$ref", COMPONENTS + name);
  }

  /** Every schema that was referred to, and those that they refer to. */
  ObjectNode components() {
    while (!open.isEmpty()) {
      Descriptor type = open.remove();
      if (schemas.put(type.getName(), object(type)) != null) {
        throw new IllegalStateException("two messages are called " + type.getName());
      }
    }
    ObjectNode components = JSON.createObjectNode();
    schemas.forEach(components::set);
    return components;
  }

  private ObjectNode object(Descriptor type) {
    ObjectNode schema = JSON.createObjectNode().put("type", "object");
    schema.put("additionalProperties", false);
    ObjectNode properties = schema.putObject("properties");
    for (FieldDescriptor field : type.getFields()) {
      properties.set(field.getJsonName(), field(field));
    }
    return schema;
  }

  /** The schema of a field. */
  ObjectNode field(FieldDescriptor field) {
    if (!field.isRepeated()) {
      return value(field);
    }
    ObjectNode array = JSON.createObjectNode().put("type", "array");
    array.set("items", value(field));
    return array;
  }

  private ObjectNode value(FieldDescriptor field) {
    ObjectNode schema = JSON.createObjectNode();
    return switch (field.getJavaType()) {
      case INT -> schema.put("type", "integer").put("format", "int32");
      // As text, since JavaScript's numbers do not hold it.
      case LONG -> {
        types(schema, "string", "integer").put("format", "int64");
        yield schema.put("pattern", "^-?[0-9]+$");
      }
      case FLOAT, DOUBLE -> number(schema);
      case BOOLEAN -> schema.put("type", "boolean");
      case STRING -> schema.put("type", "string");
      case BYTE_STRING -> schema.put("type", "string").put("contentEncoding", "base64");
      case ENUM -> constants(schema, field.getEnumType());
      case MESSAGE -> message(schema, field.getMessageType());
    };
  }

  /** Infinity and NaN are text, since JSON's numbers do not hold them. */
  private static ObjectNode number(ObjectNode schema) {
    ArrayNode either = schema.putArray("anyOf");
    either.addObject().put("type", "number");
    ArrayNode words = either.addObject().put("type", "string").putArray("enum");
    List.of("Infinity", "-Infinity", "NaN").forEach(words::add);
    return schema;
  }

  private static ObjectNode types(ObjectNode schema, String... types) {
    ArrayNode array = schema.putArray("type");
    for (String type : types) {
      array.add(type);
    }
    return schema;
  }

  private static ObjectNode constants(ObjectNode schema, EnumDescriptor type) {
    ArrayNode values = schema.put("type", "string").putArray("enum");
    for (EnumValueDescriptor value : type.getValues()) {
      values.add(value.getName());
    }
    return schema;
  }

  private ObjectNode message(ObjectNode schema, Descriptor type) {
    return switch (type.getFullName()) {
      case "google.protobuf.Timestamp" -> schema.put("type", "string").put("format", "date-time");
      case "google.protobuf.Duration" ->
          schema.put("type", "string").put("pattern", "^-?[0-9]+(\\.[0-9]+)?s$");
      case "google.protobuf.FieldMask" ->
          schema.put("type", "string").put("description", "Names of fields, with commas between.");
      default -> reference(type);
    };
  }

  private static ObjectNode problemSchema() {
    ObjectNode schema = JSON.createObjectNode().put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    for (String text : List.of("type", "title", "detail", "reason")) {
      properties.putObject(text).put("type", "string");
    }
    properties.putObject("status").put("type", "integer");
    properties.putObject("retryAfterMillis").put("type", "integer");
    properties
        .putObject("metadata")
        .put("type", "object")
        .putObject("additionalProperties")
        .put("type", "string");
    ObjectNode violation =
        properties.putObject("violations").put("type", "array").putObject("items");
    violation.put("type", "object").put("additionalProperties", false);
    ObjectNode parts = violation.putObject("properties");
    for (String text : List.of("field", "came", "expected")) {
      parts.putObject(text).put("type", "string");
    }
    ArrayNode required = schema.putArray("required");
    List.of("type", "title", "status", "detail", "reason").forEach(required::add);
    return schema;
  }
}
