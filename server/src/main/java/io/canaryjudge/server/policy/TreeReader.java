package io.canaryjudge.server.policy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.canaryjudge.server.error.FieldViolation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Reads a policy file into a tree, strictly: what could be read in two ways, or would be dropped
 * silently, is a violation. Aliases are not followed, so no small file becomes a large tree.
 */
final class TreeReader {

  static final int MAX_BYTES = 256 * 1024;
  private static final int MAX_DEPTH = 16;

  // YAML 1.1 also knows octal, hexadecimal, base 60 and underscores: 010 would be 8. Not here.
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(?:(?:0|[1-9]\\d*)(?:\\.\\d*)?|\\.\\d+)(?:[eE][-+]?\\d+)?");

  private static final StreamReadConstraints CONSTRAINTS =
      StreamReadConstraints.builder()
          .maxNestingDepth(MAX_DEPTH)
          .maxDocumentLength(MAX_BYTES)
          .build();
  private static final JsonFactory JSON =
      JsonFactory.builder().streamReadConstraints(CONSTRAINTS).build();
  private static final YAMLFactory YAML =
      YAMLFactory.builder().streamReadConstraints(CONSTRAINTS).build();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final JsonParser parser;
  private final List<FieldViolation> violations;

  private TreeReader(JsonParser parser, List<FieldViolation> violations) {
    this.parser = parser;
    this.violations = violations;
  }

  /**
   * Reads a text.
   *
   * @param text JSON if it begins with a brace, else YAML
   * @param violations where everything that is wrong is added
   * @return the tree; missing if there is none
   */
  static JsonNode read(String text, List<FieldViolation> violations) {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_BYTES) {
      violations.add(
          new FieldViolation("text", bytes + " bytes", "at most " + MAX_BYTES + " bytes"));
      return MissingNode.getInstance();
    }
    String content = text.startsWith("\uFEFF") ? text.substring(1) : text;
    boolean json = content.stripLeading().startsWith("{");
    try (JsonParser parser = (json ? JSON : YAML).createParser(content)) {
      return new TreeReader(parser, violations).document();
    } catch (JsonProcessingException e) {
      violations.add(syntaxError(e, json ? "well-formed JSON" : "well-formed YAML"));
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory failed", e);
    }
    return MissingNode.getInstance();
  }

  private JsonNode document() throws IOException {
    if (parser.nextToken() == null) {
      violations.add(new FieldViolation("text", "nothing", "a policy"));
      return MissingNode.getInstance();
    }
    JsonNode tree = value("");
    if (parser.nextToken() != null) {
      violations.add(new FieldViolation(here(), "a second document", "one policy in each file"));
    }
    return tree;
  }

  private JsonNode value(String path) throws IOException {
    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
      refuse(path, "the alias *" + parser.getText(), "the value itself: aliases are not followed");
      return MissingNode.getInstance();
    }
    if (parser.getTypeId() != null) {
      refuse(path, "the tag " + parser.getTypeId(), "a value without a tag");
      parser.skipChildren();
      return MissingNode.getInstance();
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(path);
      case START_ARRAY -> array(path);
      case VALUE_STRING -> NODES.textNode(parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser.getText());
      case VALUE_TRUE, VALUE_FALSE -> flag(parser.getText());
      case VALUE_NULL -> NODES.nullNode();
      // Never asked for here.
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new IllegalStateException("unexpected " + parser.currentToken());
    };
  }

  private ObjectNode object(String path) throws IOException {
    ObjectNode object = NODES.objectNode();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      String keyPath = Fields.child(path, key);
      if (object.has(key)) {
        refuse(keyPath, "the same key again", "each key once");
      }
      parser.nextToken();
      object.set(key, value(keyPath));
    }
    return object;
  }

  private ArrayNode array(String path) throws IOException {
    ArrayNode array = NODES.arrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(value(path + "[" + array.size() + "]"));
    }
    return array;
  }

  /** YAML 1.1 also has yes, no, on and off, which surprises whoever means the word. */
  private static JsonNode flag(String text) {
    return switch (text) {
      case "true" -> NODES.booleanNode(true);
      case "false" -> NODES.booleanNode(false);
      default -> NODES.textNode(text);
    };
  }

  private static JsonNode number(String text) {
    return NUMBER.matcher(text).matches()
        ? NODES.numberNode(Double.parseDouble(text))
        : NODES.textNode(text);
  }

  private void refuse(String path, String came, String expected) {
    violations.add(new FieldViolation(path, came + ", " + here(), expected));
  }

  private String here() {
    return place(parser.currentTokenLocation());
  }

  private static FieldViolation syntaxError(JsonProcessingException error, String expected) {
    String problem = error.getOriginalMessage();
    JsonLocation location = error.getLocation();
    String place = location == null ? "text" : place(location);
    if (error.getCause() instanceof MarkedYAMLException yaml) {
      // Its location is where the parser had got to, its mark is where the problem is.
      Mark mark = yaml.getProblemMark();
      place = mark == null ? place : place(mark.getLine() + 1, mark.getColumn() + 1);
      problem = yaml.getProblem() == null ? problem : yaml.getProblem();
    }
    return new FieldViolation(place, problem.lines().findFirst().orElse("unreadable"), expected);
  }

  private static String place(JsonLocation location) {
    return place(location.getLineNr(), location.getColumnNr());
  }

  private static String place(int line, int column) {
    return "line " + line + ", column " + column;
  }
}
