package io.canaryjudge.server.notify;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.TreeMap;

/** Blocks of Slack (https://docs.slack.dev/reference/block-kit/blocks), within its limits. */
final class SlackMessages {

  private static final int MOST_HEADER = 150;
  private static final int MOST_TEXT = 2_900; // of 3,000
  private static final int LONGEST_ESCAPE = 5;
  private static final ObjectMapper JSON = new ObjectMapper();

  private SlackMessages() {}

  static Message write(Told told) {
    ObjectNode message = JSON.createObjectNode();
    message.put("text", escape(told.title())); // shown where blocks are not
    ArrayNode blocks = message.putArray("blocks");
    blocks
        .addObject()
        .put("type", "header")
        .putObject("text")
        .put("type", "plain_text")
        .put("text", Texts.cut(told.title(), MOST_HEADER))
        .put("emoji", false);
    List<String> sentences = told.sentences();
    section(blocks, escape(sentences.getFirst()));
    if (sentences.size() > 1) {
      StringBuilder rest = new StringBuilder();
      for (String sentence : sentences.subList(1, sentences.size())) {
        String line = "• " + escape(sentence);
        if (rest.length() + line.length() < MOST_TEXT) {
          rest.append(rest.isEmpty() ? "" : "\n").append(line);
        }
      }
      section(blocks, rest.toString());
    }
    String about = escape(told.about());
    text(
        blocks.addObject().put("type", "context").putArray("elements").addObject(),
        told.link().isEmpty() ? about : about + ", <" + escape(told.link()) + "|details>");
    return new Message(CloudEvents.JSON_TYPE, new TreeMap<>(), message.toString());
  }

  private static void section(ArrayNode blocks, String text) {
    if (!text.isEmpty()) {
      text(blocks.addObject().put("type", "section").putObject("text"), text);
    }
  }

  private static void text(ObjectNode element, String text) {
    element.put("type", "mrkdwn").put("text", text).put("verbatim", true);
  }

  /** So that a name from outside can neither make a link nor call a channel. */
  private static String escape(String text) {
    String escaped = replace(text);
    return escaped.length() <= MOST_TEXT
        ? escaped
        : replace(Texts.cut(text, MOST_TEXT / LONGEST_ESCAPE));
  }

  private static String replace(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
