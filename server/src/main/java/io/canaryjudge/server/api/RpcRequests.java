package io.canaryjudge.server.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Makes the request of an RPC out of path, query and body of an HTTP request. */
final class RpcRequests {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> TEXT_TYPES =
      Set.of(Duration.getDescriptor().getFullName(), Timestamp.getDescriptor().getFullName());

  private RpcRequests() {}

  /**
   * The request.
   *
   * @throws JudgeException INVALID_FIELD with every violation
   */
  @SuppressWarnings("unchecked") // A builder makes messages of the type that made it.
  static <Q extends Message> Q read(RpcRoute<Q, ?> route, HttpCall call) throws IOException {
    Message.Builder request = route.request().newBuilderForType();
    if (route.hasBody()) {
      String body = call.jsonBody();
      if (!body.isBlank()) {
        JsonMessages.parse("body", body, request);
      }
      refuseQuery(call.query());
    } else {
      readQuery(route, call.query(), request);
    }
    if (!route.field().isEmpty()) {
      String value = route.fieldValue();
      for (String variable : new PathTemplate(route.path()).variables()) {
        value = value.replace("{" + variable + "}", call.pathValue(variable));
      }
      setFromPath(request, route.field(), route.field(), value);
    }
    return (Q) request.build();
  }

  private static void refuseQuery(Map<String, List<String>> query) {
    List<FieldViolation> violations = new ArrayList<>();
    query.forEach(
        (name, values) ->
            violations.add(
                new FieldViolation(
                    name, "query parameter " + values, "everything in the path and the body")));
    refuse(violations);
  }

  private static void readQuery(
      RpcRoute<?, ?> route, Map<String, List<String>> query, Message.Builder request) {
    Map<String, FieldDescriptor> known = queryFields(route);
    List<FieldViolation> violations = new ArrayList<>();
    query.forEach(
        (name, values) -> {
          FieldDescriptor field = known.get(name);
          if (field == null) {
            violations.add(
                new FieldViolation(
                    name,
                    "unknown query parameter",
                    known.isEmpty() ? "no query" : "one of " + String.join(", ", known.keySet())));
            return;
          }
          ObjectNode json = JSON.createObjectNode();
          if (field.isRepeated()) {
            ArrayNode array = json.putArray(field.getJsonName());
            values.forEach(array::add);
          } else if (values.size() == 1) {
            json.put(field.getJsonName(), values.getFirst());
          } else {
            violations.add(new FieldViolation(name, values.size() + " values", "one value"));
            return;
          }
          try {
            JsonMessages.parse(name, json.toString(), request);
          } catch (JudgeException e) {
            violations.add(new FieldViolation(name, String.join(",", values), expected(field)));
          }
        });
    refuse(violations);
  }

  private static String expected(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case INT, LONG -> "a whole number";
      case FLOAT, DOUBLE -> "a number";
      case BOOLEAN -> "true or false";
      case ENUM ->
          "one of "
              + String.join(
                  ", ",
                  field.getEnumType().getValues().stream()
                      .filter(value -> value.getNumber() != 0)
                      .map(value -> value.getName())
                      .toList());
      case MESSAGE -> field.getMessageType().getName() + " as JSON: 30s, 2026-01-31T12:00:00Z";
      case STRING, BYTE_STRING -> "text";
    };
  }

  /** Fields of a request that can come in the query, by their JSON names. */
  static Map<String, FieldDescriptor> queryFields(RpcRoute<?, ?> route) {
    Descriptor type = route.request().getDescriptorForType();
    Map<String, FieldDescriptor> fields = new TreeMap<>();
    for (FieldDescriptor field : type.getFields()) {
      boolean text =
          field.getJavaType() != JavaType.MESSAGE
              || TEXT_TYPES.contains(field.getMessageType().getFullName());
      if (text && !field.getName().equals(route.field())) {
        fields.put(field.getJsonName(), field);
      }
    }
    return fields;
  }

  private static void setFromPath(
      Message.Builder message, String wholePath, String path, String value) {
    int dot = path.indexOf('.');
    Descriptor type = message.getDescriptorForType();
    if (dot >= 0) {
      FieldDescriptor parent =
          Optional.ofNullable(type.findFieldByName(path.substring(0, dot))).orElseThrow();
      setFromPath(message.getFieldBuilder(parent), wholePath, path.substring(dot + 1), value);
      return;
    }
    FieldDescriptor field = Optional.ofNullable(type.findFieldByName(path)).orElseThrow();
    String came = (String) message.getField(field);
    if (!came.isEmpty() && !came.equals(value)) {
      throw JudgeException.invalidField(wholePath, came, value + ", as in the path, or nothing");
    }
    message.setField(field, value);
  }

  private static void refuse(List<FieldViolation> violations) {
    if (!violations.isEmpty()) {
      throw JudgeException.invalid(ErrorReason.INVALID_FIELD, violations);
    }
  }
}
