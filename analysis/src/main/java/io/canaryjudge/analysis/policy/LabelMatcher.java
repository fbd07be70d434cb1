package io.canaryjudge.analysis.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which series are meant, by one of their labels. Without regular expressions: matchers come from
 * users and are tried on every new series.
 *
 * @param label key of the label, in the spelling of OpenTelemetry or of Prometheus: {@code
 *     service.version} and {@code service_version} are one. 1 to 200 characters
 * @param values one of them has to be the label's; at most 64. One that ends in {@code *} stands
 *     for every value that begins so; an empty one for a series without the label. No values mean
 *     that the label is there, whatever its value
 */
public record LabelMatcher(String label, List<String> values) {

  /** What a value ends in that stands for every value that begins so. */
  public static final char ANY_ENDING = '*';

  /** Copies the list. */
  public LabelMatcher {
    values = List.copyOf(values);
  }

  /**
   * Whether a series with this value of the label is meant.
   *
   * @param value the value of the series; null or empty if it does not have the label
   */
  public boolean accepts(@Nullable String value) {
    String present = value == null ? "" : value;
    return values.isEmpty()
        ? !present.isEmpty()
        : values.stream().anyMatch(wanted -> accepts(wanted, present));
  }

  private static boolean accepts(String wanted, String value) {
    int last = wanted.length() - 1;
    if (last >= 0 && wanted.charAt(last) == ANY_ENDING) {
      return !value.isEmpty() && value.regionMatches(0, wanted, 0, last);
    }
    return wanted.equals(value);
  }
}
