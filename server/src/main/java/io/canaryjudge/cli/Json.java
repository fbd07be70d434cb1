package io.canaryjudge.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.util.List;

/** Answers as JSON: messages look as they do in the API over HTTP. */
final class Json {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().alwaysPrintFieldsWithNoPresence();

  private Json() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** A message as a tree. */
  static JsonNode tree(Message message) {
    try {
      return MAPPER.readTree(PRINTER.print(message));
    } catch (InvalidProtocolBufferException | JsonProcessingException e) {
      throw new IllegalArgumentException("a message of ours has no JSON form", e);
    }
  }

  /** Messages as a list. */
  static JsonNode tree(List<? extends Message> messages) {
    ArrayNode array = MAPPER.createArrayNode();
    messages.forEach(message -> array.add(tree(message)));
    return array;
  }

  /**
   * As text for people and programs. What a build system would obey within a line is written as an
   * escape, which is the same to a reader of JSON; see {@link Printable}.
   */
  static String print(JsonNode tree) {
    return tree.toPrettyString()
        .replace("##", "#\\u0023")
        .replace("\u001b", "\\u001b")
        .replace("\u007f", "\\u007f")
        .replace("\u009b", "\\u009b");
  }
}
