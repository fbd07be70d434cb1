package io.canaryjudge.server.log;

import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** {@code time=… level=INFO logger=… message="…" error="…"}, always on one line. */
final class TextLine extends Formatter {

  @Override
  public String format(LogRecord record) {
    StringBuilder line = new StringBuilder(200);
    LogFields.of(this, record)
        .forEach(
            (name, value) -> {
              if (!line.isEmpty()) {
                line.append(' ');
              }
              line.append(name).append('=');
              append(line, value);
            });
    return line.append('\n').toString();
  }

  private static void append(StringBuilder line, String value) {
    boolean plain = !value.isEmpty() && value.chars().allMatch(TextLine::isPlain);
    if (plain) {
      line.append(value);
      return;
    }
    line.append('"');
    value
        .chars()
        .forEach(
            c -> {
              switch (c) {
                case '"' -> line.append("\\\"");
                case '\\' -> line.append("\\\\");
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> line.append(Character.isISOControl(c) ? '?' : (char) c);
              }
            });
    line.append('"');
  }

  private static boolean isPlain(int c) {
    return c < 128 && (Character.isLetterOrDigit(c) || ".:/_-+$".indexOf(c) >= 0);
  }
}
