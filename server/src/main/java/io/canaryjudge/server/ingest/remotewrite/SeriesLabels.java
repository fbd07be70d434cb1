package io.canaryjudge.server.ingest.remotewrite;

import io.canaryjudge.server.ingest.series.Labels;
import io.canaryjudge.server.ingest.series.Memo;
import io.canaryjudge.server.run.Refusal;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The labels of one series after the other, as they came: first collected, then checked. Used by
 * one thread.
 */
final class SeriesLabels {

  /** The label that holds the name of a series. */
  static final String NAME = "__name__";

  /** Most labels of a series, its name included. */
  static final int MAX_LABELS = 64;

  /** Most characters of a label's name. */
  static final int MAX_NAME_LENGTH = 1_024;

  /** Most characters of a label's value. */
  static final int MAX_VALUE_LENGTH = 2_048;

  private final String[] names = new String[MAX_LABELS];
  private final String[] values = new String[MAX_LABELS];
  private int count;

  /** Forgets the series before. */
  void clear() {
    count = 0;
  }

  /** Adds a label; those beyond the limit are only counted. */
  void add(String name, String value) {
    if (count < MAX_LABELS) {
      names[count] = name;
      values[count] = value;
    }
    count++;
  }

  /**
   * What is wrong with the labels; null if nothing is.
   *
   * @param strict whether order and empty values matter: version 2.0 forbids what version 1.0 left
   *     to the receiver
   */
  @Nullable Problem check(boolean strict) {
    if (count > MAX_LABELS) {
      return Problem.of(Refusal.LIMIT, "labels", count, "at most " + MAX_LABELS);
    }
    String name = value(NAME);
    if (name == null || name.isEmpty()) {
      return Problem.of(Refusal.BAD_SERIES, NAME, "nothing", "the name of the series");
    }
    for (int i = 0; i < count; i++) {
      if (names[i].isEmpty()) {
        return Problem.of(Refusal.BAD_SERIES, "labels", "an empty name", "a name for each");
      }
      if (names[i].length() > MAX_NAME_LENGTH || values[i].length() > MAX_VALUE_LENGTH) {
        return Problem.of(
            Refusal.LIMIT,
            "labels",
            names[i].length() + " characters of name, " + values[i].length() + " of value",
            "at most " + MAX_NAME_LENGTH + " and " + MAX_VALUE_LENGTH);
      }
      if (strict && values[i].isEmpty()) {
        return Problem.of(Refusal.BAD_SERIES, names[i], "an empty value", "a value, or no label");
      }
    }
    return checkOrder(strict);
  }

  private @Nullable Problem checkOrder(boolean strict) {
    for (int i = 1; i < count; i++) {
      int order = compare(names[i - 1], names[i]);
      if (order == 0 || (order > 0 && !strict && hasRepeats())) {
        return Problem.of(
            Refusal.BAD_SERIES, "labels", "a name twice, near " + names[i], "each name once");
      }
      if (order > 0 && strict) {
        return Problem.of(
            Refusal.BAD_SERIES, "labels", names[i] + " after " + names[i - 1], "sorted by name");
      }
    }
    return null;
  }

  private boolean hasRepeats() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < count; i++) {
      if (!seen.add(names[i])) {
        return true;
      }
    }
    return false;
  }

  /** Compares as the bytes of UTF-8 compare, which chars do not where there are surrogates. */
  private static int compare(String a, String b) {
    int shorter = Math.min(a.length(), b.length());
    for (int i = 0; i < shorter; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        return Character.isSurrogate(x) == Character.isSurrogate(y)
            ? Character.compare(x, y)
            : Boolean.compare(Character.isSurrogate(x), Character.isSurrogate(y));
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /** Value of a label; null if there is none. */
  @Nullable String value(String name) {
    for (int i = 0; i < Math.min(count, MAX_LABELS); i++) {
      if (names[i].equals(name)) {
        return values[i];
      }
    }
    return null;
  }

  /** The labels but for the name and one more. */
  Labels without(@Nullable String left) {
    Labels.Builder labels = new Labels.Builder();
    for (int i = 0; i < count; i++) {
      if (!names[i].equals(NAME) && !names[i].equals(left)) {
        labels.add(names[i], values[i]);
      }
    }
    return labels.build();
  }

  /** Asks for them; false if they are too many to be of any series. */
  boolean ask(Memo.Key key) {
    if (count > MAX_LABELS) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      key.add(names[i]);
      key.add(values[i]);
    }
    return true;
  }

  /** For error messages: the labels as far as they are short. */
  String shown() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(count, MAX_LABELS) && text.length() < 200; i++) {
      text.append(i == 0 ? "{" : ", ").append(cut(names[i])).append("=\"").append(cut(values[i]));
      text.append('"');
    }
    return text.append(text.isEmpty() ? "{}" : "}").toString();
  }

  private static String cut(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }
}
