package io.canaryjudge.server.notify;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.TreeMap;

/**
 * An Adaptive Card (https://adaptivecards.io/explorer/) as the workflow "when a Teams webhook
 * request is received" takes it. Texts are runs of rich text, in which no Markdown is read.
 */
final class TeamsMessages {

  private static final int MOST_SENTENCES = 10; // a message may have 28 KB
  private static final int MOST_TEXT = 600;
  private static final ObjectMapper JSON = new ObjectMapper();

  private TeamsMessages() {}

  static Message write(Told told) {
    ObjectNode message = JSON.createObjectNode().put("type", "message");
    ObjectNode attachment =
        message
            .putArray("attachments")
            .addObject()
            .put("contentType", "application/vnd.microsoft.card.adaptive")
            .putNull("contentUrl");
    ObjectNode card =
        attachment
            .putObject("content")
            .put("$schema", "http://adaptivecards.io/schemas/adaptive-card.json")
            .put("type", "AdaptiveCard")
            .put("version", "1.4")
            .put("fallbackText", Texts.cut(told.title(), MOST_TEXT));
    card.putObject("msteams").put("width", "Full");
    ArrayNode body = card.putArray("body");
    text(body, told.title()).put("size", "Large").put("weight", "Bolder").put("color", color(told));
    told.sentences().stream().limit(MOST_SENTENCES).forEach(sentence -> text(body, sentence));
    text(body, told.about()).put("isSubtle", true).put("size", "Small");
    if (!told.link().isEmpty()) {
      card.putArray("actions")
          .addObject()
          .put("type", "Action.OpenUrl")
          .put("title", "Details")
          .put("url", told.link());
    }
    return new Message(CloudEvents.JSON_TYPE, new TreeMap<>(), message.toString());
  }

  private static ObjectNode text(ArrayNode body, String text) {
    return body.addObject()
        .put("type", "RichTextBlock")
        .putArray("inlines")
        .addObject()
        .put("type", "TextRun")
        .put("text", Texts.cut(text, MOST_TEXT));
  }

  private static String color(Told told) {
    return switch (told.text("decision")) {
      case "GO" -> "Good";
      case "NO_GO" -> "Attention";
      case "INCONCLUSIVE" -> "Warning";
      default -> "Default";
    };
  }
}
