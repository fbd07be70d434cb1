package io.canaryjudge.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.canaryjudge.analysis.policy.DurationText;
import java.time.Instant;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Messages as trees in the form of a policy file, and back: fields by their names in the {@code
 * .proto} file, enum values in lower case without their prefix, durations and times as text. So one
 * reader serves files and messages, and a new field needs no mapping.
 *
 * <p>What was not set is not in the tree: a scalar without {@code optional} counts as set where it
 * is not zero. A field that this release does not know is there under its number, so that the
 * reader refuses it instead of judging by a part of what was meant.
 */
final class MessageTree {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String TIMESTAMP = Timestamp.getDescriptor().getFullName();
  private static final String DURATION = Duration.getDescriptor().getFullName();

  private MessageTree() {}

  /** The tree of a message. */
  static ObjectNode of(Message message) {
    ObjectNode tree = NODES.objectNode();
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (field.isRepeated()) {
        ArrayNode array = NODES.arrayNode();
        for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
          array.add(node(field, message.getRepeatedField(field, i)));
        }
        if (!array.isEmpty()) {
          tree.set(field.getName(), array);
        }
      } else if (message.hasField(field)) {
        tree.set(field.getName(), node(field, message.getField(field)));
      }
    }
    for (int number : message.getUnknownFields().asMap().keySet()) {
      tree.put("field " + number, "of a later release");
    }
    return tree;
  }

  private static JsonNode node(FieldDescriptor field, Object value) {
    return switch (field.getJavaType()) {
      case INT -> NODES.numberNode((Integer) value);
      case LONG -> NODES.numberNode((Long) value);
      case FLOAT -> NODES.numberNode((Float) value);
      case DOUBLE -> NODES.numberNode((Double) value);
      case BOOLEAN -> NODES.booleanNode((Boolean) value);
      case STRING -> NODES.textNode((String) value);
      case ENUM -> NODES.textNode(word((EnumValueDescriptor) value));
      case MESSAGE -> isText(field) ? NODES.textNode(text((Message) value)) : of((Message) value);
      case BYTE_STRING -> throw new IllegalArgumentException(field + " cannot be in a policy");
    };
  }

  /** {@code METRIC_KIND_PROPORTION} as {@code proportion}. */
  private static String word(EnumValueDescriptor value) {
    return value.getIndex() < 0
        // A value of a later release.
        ? Integer.toString(value.getNumber())
        : value.getName().substring(prefix(value.getType()).length()).toLowerCase(Locale.ROOT);
  }

  /** What all names of an enum begin with: that of its zero, but for {@code UNSPECIFIED}. */
  private static String prefix(EnumDescriptor type) {
    String zero = type.findValueByNumber(0).getName();
    return zero.substring(0, zero.length() - "UNSPECIFIED".length());
  }

  private static boolean isText(FieldDescriptor field) {
    String type = field.getMessageType().getFullName();
    return type.equals(DURATION) || type.equals(TIMESTAMP);
  }

  private static String text(Message message) {
    if (message instanceof Timestamp time) {
      return Timestamps.isValid(time)
          ? Timestamps.toString(time)
          : time.getSeconds() + " seconds and " + time.getNanos() + " nanoseconds";
    }
    Duration duration = (Duration) message;
    return Durations.isValid(duration)
        ? Durations.toString(duration)
        : duration.getSeconds() + " seconds and " + duration.getNanos() + " nanoseconds";
  }

  /**
   * Sets the fields of a message from a valid tree.
   *
   * @param tree a tree whose keys are all fields of the message
   */
  static void fill(ObjectNode tree, Message.Builder message) {
    for (var entry : tree.properties()) {
      FieldDescriptor field = message.getDescriptorForType().findFieldByName(entry.getKey());
      if (field.isRepeated()) {
        for (JsonNode element : entry.getValue()) {
          message.addRepeatedField(field, value(field, element, message));
        }
      } else {
        message.setField(field, value(field, entry.getValue(), message));
      }
    }
  }

  private static Object value(FieldDescriptor field, JsonNode node, Message.Builder parent) {
    return switch (field.getJavaType()) {
      case INT -> node.intValue();
      case LONG -> node.longValue();
      case FLOAT -> node.floatValue();
      case DOUBLE -> node.doubleValue();
      case BOOLEAN -> node.booleanValue();
      case STRING -> node.textValue();
      case ENUM ->
          field
              .getEnumType()
              .findValueByName(
                  prefix(field.getEnumType()) + node.textValue().toUpperCase(Locale.ROOT));
      case MESSAGE -> {
        if (field.getMessageType().getFullName().equals(DURATION)) {
          OptionalLong millis = DurationText.parseMillis(node.textValue());
          yield Durations.fromMillis(millis.orElseThrow());
        }
        if (field.getMessageType().getFullName().equals(TIMESTAMP)) {
          yield Timestamps.fromMillis(Instant.parse(node.textValue()).toEpochMilli());
        }
        Message.Builder child = parent.newBuilderForField(field);
        fill((ObjectNode) node, child);
        yield child.build();
      }
      case BYTE_STRING -> throw new IllegalArgumentException(field + " cannot be in a policy");
    };
  }
}
