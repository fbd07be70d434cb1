package io.canaryjudge.server.api;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import io.canaryjudge.server.error.JudgeException;

/**
 * Messages as JSON, by the mapping that protobuf defines. What is unknown is refused; what has a
 * default is written out, so that a reader need not know the schema.
 */
final class JsonMessages {

  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().alwaysPrintFieldsWithNoPresence();
  private static final JsonFormat.Printer ONE_LINE = PRINTER.omittingInsignificantWhitespace();
  private static final JsonFormat.Parser PARSER = JsonFormat.parser();

  private JsonMessages() {}

  /** For people. */
  static String print(MessageOrBuilder message) {
    return print(PRINTER, message);
  }

  /** For where a line ends something. */
  static String printOneLine(MessageOrBuilder message) {
    return print(ONE_LINE, message);
  }

  private static String print(JsonFormat.Printer printer, MessageOrBuilder message) {
    try {
      return printer.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("a message of ours has no JSON form", e);
    }
  }

  /**
   * Reads JSON into a message.
   *
   * @param where what it came from, for the violation
   * @throws JudgeException INVALID_FIELD if it does not fit
   */
  static void parse(String where, String json, Message.Builder into) {
    try {
      PARSER.merge(json, into);
    } catch (InvalidProtocolBufferException e) {
      throw JudgeException.invalidField(
          where,
          String.valueOf(e.getMessage()),
          into.getDescriptorForType().getName() + " as JSON, see /openapi.json");
    }
  }
}
