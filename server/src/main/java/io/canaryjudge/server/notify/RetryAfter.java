package io.canaryjudge.server.notify;

import java.time.DateTimeException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.OptionalLong;

/** The header Retry-After (RFC 9110, section 10.2.3): seconds, or a date. */
final class RetryAfter {

  /** Longer than this nobody is left alone. */
  static final long MOST_MILLIS = 3_600_000;

  private RetryAfter() {}

  /** How long to wait, in [0, 1 h]; empty if it is neither. */
  static OptionalLong millis(String value, long nowMillis) {
    String text = value.strip();
    if (text.matches("\\d+")) {
      return OptionalLong.of(
          text.length() > 6 ? MOST_MILLIS : Math.min(MOST_MILLIS, Long.parseLong(text) * 1_000));
    }
    try {
      long at =
          ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
              .toInstant()
              .toEpochMilli();
      return OptionalLong.of(Math.clamp(at - nowMillis, 0, MOST_MILLIS));
    } catch (DateTimeException _) {
      return OptionalLong.empty();
    }
  }
}
