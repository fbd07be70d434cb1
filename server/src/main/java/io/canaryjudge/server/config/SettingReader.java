package io.canaryjudge.server.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads settings from text, one by one. Asking for a setting is also what makes its key known, so
 * that keys, defaults, ranges and meanings stand in one place. Violations are collected, never
 * thrown: a default takes the place of what cannot be read.
 */
final class SettingReader {

  /**
   * One setting, for {@code --print-config} and the documentation.
   *
   * @param value the effective value
   * @param defaultValue what holds if nothing is set; empty if nothing does
   * @param meaning one line
   * @param secret whether the value is never shown
   */
  record Setting(String key, String value, String defaultValue, String meaning, boolean secret) {}

  private final Map<String, String> values;
  private final SequencedMap<String, Setting> settings;
  private final List<String> violations = new ArrayList<>();

  SettingReader(Map<String, String> values, SequencedMap<String, Setting> settings) {
    this.values = values;
    this.settings = settings;
  }

  List<String> violations() {
    return violations;
  }

  String text(String key, String defaultValue, String meaning) {
    return read(key, defaultValue, meaning, false);
  }

  String secret(String key, String meaning) {
    return read(key, "", meaning, true);
  }

  Optional<Path> path(String key, String meaning) {
    String value = read(key, "", meaning, false);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Path.of(value));
    } catch (InvalidPathException _) {
      refuse(key, value, "a path");
      return Optional.empty();
    }
  }

  boolean flag(String key, String meaning) {
    String value = read(key, "false", meaning, false);
    if (!value.equals("true") && !value.equals("false")) {
      refuse(key, value, "true or false");
    }
    return value.equals("true");
  }

  /** Words separated by commas; a list in a file has been made that. */
  List<String> words(String key, String defaultValue, String meaning) {
    return Arrays.stream(read(key, defaultValue, meaning, false).split(",", -1))
        .map(String::strip)
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /** What comes next in the keys that begin with a prefix and a dot, each once, in order. */
  SortedSet<String> names(String prefix) {
    SortedSet<String> names = new TreeSet<>();
    for (String key : values.keySet()) {
      if (key.startsWith(prefix + ".")) {
        names.add(key.substring(prefix.length() + 1).split("\\.", 2)[0]);
      }
    }
    return names;
  }

  int port(String key, int defaultValue, String meaning) {
    return number(key, defaultValue, 0, 65_535, meaning);
  }

  int number(String key, int defaultValue, int least, int most, String meaning) {
    String value = read(key, Integer.toString(defaultValue), meaning, false);
    @Nullable Long number = wholeNumber(value);
    if (number == null || number < least || number > most) {
      refuse(key, value, "a whole number in [" + least + ", " + most + "]");
      return defaultValue;
    }
    return Math.toIntExact(number);
  }

  int bytes(String key, int defaultValue, int least, int most, String meaning) {
    return Math.toIntExact(bytes(key, (long) defaultValue, least, most, meaning));
  }

  long bytes(String key, long defaultValue, long least, long most, String meaning) {
    String value = read(key, Quantities.print(defaultValue), meaning, false);
    long bytes = Quantities.bytes(value).orElse(-1L);
    if (bytes < least || bytes > most) {
      refuse(
          key,
          value,
          "a size such as 512KiB or 4MiB in ["
              + Quantities.print(least)
              + ", "
              + Quantities.print(most)
              + "]");
      return defaultValue;
    }
    return bytes;
  }

  Duration duration(
      String key, Duration defaultValue, Duration least, Duration most, String meaning) {
    String value = read(key, Quantities.print(defaultValue), meaning, false);
    Optional<Duration> duration = Quantities.duration(value);
    if (duration.isEmpty()
        || duration.get().compareTo(least) < 0
        || duration.get().compareTo(most) > 0) {
      refuse(
          key,
          value,
          "a duration such as 250ms, 5s, 10m or 1h in ["
              + Quantities.print(least)
              + ", "
              + Quantities.print(most)
              + "]");
      return defaultValue;
    }
    return duration.get();
  }

  <E extends Enum<E>> E choice(String key, Class<E> type, E defaultValue, String meaning) {
    String value = read(key, lower(defaultValue), meaning, false);
    for (E constant : type.getEnumConstants()) {
      if (lower(constant).equals(value)) {
        return constant;
      }
    }
    refuse(
        key,
        value,
        Arrays.stream(type.getEnumConstants())
            .map(SettingReader::lower)
            .collect(Collectors.joining(", ", "one of ", "")));
    return defaultValue;
  }

  /** Refuses what was read, for a reason that spans settings. */
  void refuse(String key, String came, String expected) {
    violations.add(key + ": " + came + " (expected: " + expected + ")");
  }

  private String read(String key, String defaultValue, String meaning, boolean secret) {
    String value = values.getOrDefault(key, defaultValue);
    Setting setting = new Setting(key, value, defaultValue, meaning, secret);
    if (settings.put(key, setting) != null) {
      throw new IllegalStateException("setting " + key + " is read twice");
    }
    return value;
  }

  private static @Nullable Long wholeNumber(String text) {
    try {
      return Long.valueOf(text.trim());
    } catch (NumberFormatException _) {
      return null;
    }
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
