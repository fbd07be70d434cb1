package io.canaryjudge.analysis.policy;

import java.math.BigDecimal;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Spans of time as policies write them: {@code 5s}, {@code 250ms}, {@code 10m}, {@code 1h30m}. The
 * JSON form of a protobuf duration, {@code 3600s} or {@code 0.250s}, is one of them.
 */
public final class DurationText {

  /** What is accepted, for error messages. */
  public static final String FORM = "a duration such as 5s, 250ms, 10m or 1h30m";

  // Enough digits for 10,000 years in milliseconds; a bound on the work, not on the range.
  private static final String NUMBER = "(\\d{1,18}(?:\\.\\d{1,9})?)";
  private static final Pattern TEXT =
      Pattern.compile("(-)?(?:%1$sh)?(?:%1$sm)?(?:%1$ss)?(?:%1$sms)?".replace("%1$s", NUMBER));
  private static final long[] UNIT_MILLIS = {3_600_000, 60_000, 1_000, 1};
  private static final String[] UNITS = {"h", "m", "s", "ms"};

  private DurationText() {}

  /**
   * Reads a span.
   *
   * @param text hours, minutes, seconds and milliseconds in this order, at least one of them; each
   *     may have a fraction, as long as the whole is a whole number of milliseconds
   * @return milliseconds, below 0 after a minus sign; empty if it is not a span
   */
  public static OptionalLong parseMillis(String text) {
    if (text.equals("0")) {
      return OptionalLong.of(0);
    }
    Matcher parts = TEXT.matcher(text);
    if (text.isEmpty() || text.equals("-") || !parts.matches()) {
      return OptionalLong.empty();
    }
    BigDecimal millis = BigDecimal.ZERO;
    for (int i = 0; i < UNITS.length; i++) {
      String number = parts.group(i + 2);
      if (number != null) {
        millis = millis.add(new BigDecimal(number).multiply(BigDecimal.valueOf(UNIT_MILLIS[i])));
      }
    }
    try {
      long whole = millis.longValueExact();
      return OptionalLong.of(parts.group(1) == null ? whole : -whole);
    } catch (ArithmeticException notWholeOrTooLong) {
      return OptionalLong.empty();
    }
  }

  /**
   * Writes a span, so that {@link #parseMillis} reads it again.
   *
   * @param millis any number of milliseconds
   */
  public static String format(long millis) {
    if (millis == 0) {
      return "0s";
    }
    StringBuilder text = new StringBuilder(millis < 0 ? "-" : "");
    // Negative throughout: the most negative long has no positive counterpart.
    long rest = millis < 0 ? millis : -millis;
    for (int i = 0; i < UNITS.length; i++) {
      long count = -(rest / UNIT_MILLIS[i]);
      rest %= UNIT_MILLIS[i];
      if (count != 0) {
        text.append(count).append(UNITS[i]);
      }
    }
    return text.toString();
  }
}
