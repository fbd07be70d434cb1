package io.canaryjudge.server.config;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations and sizes as people write them: {@code 250ms}, {@code 10m}, {@code 4MiB}. */
final class Quantities {

  private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,15})([a-zA-Z]*)");
  private static final Map<String, Long> MILLIS =
      Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);
  private static final Map<String, Long> BYTES =
      Map.of("", 1L, "B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);

  private Quantities() {}

  /** Empty if the text is not a number and one of ms, s, m, h. */
  static Optional<Duration> duration(String text) {
    return scaled(text, MILLIS).map(Duration::ofMillis);
  }

  /** Empty if the text is not a number and one of nothing, B, KiB, MiB, GiB. */
  static Optional<Long> bytes(String text) {
    return scaled(text, BYTES);
  }

  private static Optional<Long> scaled(String text, Map<String, Long> units) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(text.trim());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Long unit = units.get(matcher.group(2));
    if (unit == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit));
    } catch (ArithmeticException _) {
      return Optional.empty();
    }
  }

  /** The shortest form that reads back as the same duration. */
  static String print(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 3_600_000 == 0 && millis > 0) {
      return millis / 3_600_000 + "h";
    }
    if (millis % 60_000 == 0 && millis > 0) {
      return millis / 60_000 + "m";
    }
    return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
  }

  /** The shortest form that reads back as the same size. */
  static String print(long bytes) {
    if (bytes % (1L << 20) == 0 && bytes > 0) {
      return (bytes >> 20) + "MiB";
    }
    return bytes % (1L << 10) == 0 && bytes > 0 ? (bytes >> 10) + "KiB" : bytes + "B";
  }
}
