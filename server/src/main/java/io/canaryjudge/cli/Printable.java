package io.canaryjudge.cli;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Map;

/**
 * Makes text that others wrote (names of services and instances, reasons, explanations) harmless
 * for a terminal and for a build log.
 *
 * <p>A terminal obeys escape sequences; a build system obeys lines that begin with "::" (GitHub) or
 * contain "##[", "##vso[" or "##teamcity[" (older GitHub runners, Azure, TeamCity), and sections of
 * GitLab begin with a carriage return and an escape. So control characters and the characters that
 * turn the direction of writing become blanks, and both marks are pulled apart.
 */
final class Printable {

  private static final int MAX_LENGTH = 4_000;

  private Printable() {}

  /** One line of harmless text. */
  static String text(String text) {
    StringBuilder clean = new StringBuilder(Math.min(text.length(), MAX_LENGTH) + 8);
    text.codePoints()
        .limit(MAX_LENGTH)
        .map(c -> isPlain(c) ? c : ' ')
        .forEach(clean::appendCodePoint);
    String pulled = clean.toString().replace("##", "# #").replace("##", "# #");
    String trimmed = pulled.stripLeading();
    return trimmed.startsWith("::") ? ": :" + trimmed.substring(2) : pulled;
  }

  /** The same message with all of its text harmless. */
  @SuppressWarnings("unchecked") // a copy of a message is of the same type
  static <M extends Message> M message(M message) {
    Message.Builder copy = message.toBuilder();
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      if (entry.getValue() instanceof List<?> list) {
        for (int i = 0; i < list.size(); i++) {
          copy.setRepeatedField(field, i, clean(list.get(i)));
        }
      } else {
        copy.setField(field, clean(entry.getValue()));
      }
    }
    return (M) copy.build();
  }

  private static Object clean(Object value) {
    return switch (value) {
      case String text -> text(text);
      case Message message -> message(message);
      default -> value;
    };
  }

  private static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
