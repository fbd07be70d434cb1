package io.canaryjudge.server.error;

import java.util.Collection;
import java.util.Comparator;

/** Finds what somebody who mistyped a key most likely meant, for the text of an error. */
public final class NearestKey {

  private NearestKey() {}

  /**
   * The key of smallest edit distance; of several, the first in the alphabet.
   *
   * @param known at least one
   */
  public static String of(String key, Collection<String> known) {
    return known.stream()
        .min(
            Comparator.comparingInt((String candidate) -> distance(key, candidate))
                .thenComparing(Comparator.naturalOrder()))
        .orElseThrow();
  }

  /** Levenshtein distance: insertions, deletions and replacements. */
  public static int distance(String from, String to) {
    int[] previous = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int[] current = new int[to.length() + 1];
      current[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = previous[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[to.length()];
  }
}
