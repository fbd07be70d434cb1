package io.canaryjudge.analysis.verdict;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.OptionalLong;

/** Numbers for people: three digits, the same on every machine. */
final class Words {
  private static final MathContext DIGITS = new MathContext(3);

  private Words() {}

  /** 1,234,567. */
  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** Three significant digits without trailing zeros: 0.0231, 4.83, 1,270. */
  static String number(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Double.isNaN(value) ? "unknown" : value > 0 ? "infinite" : "-infinite";
    }
    if (value == 0) {
      return "0";
    }
    BigDecimal rounded = new BigDecimal(value).round(DIGITS).stripTrailingZeros();
    double size = Math.abs(rounded.doubleValue());
    if (size >= 1e15 || size < 1e-6) {
      return String.format(Locale.ROOT, "%.2e", value);
    }
    return size >= 1000
        ? String.format(Locale.ROOT, "%,d", rounded.longValue())
        : rounded.toPlainString();
  }

  /** A share as 2.31 %. */
  static String percent(double share) {
    return number(100 * share) + " %";
  }

  /** A difference of shares as 0.5 pp. */
  static String points(double difference) {
    return number(100 * difference) + " pp";
  }

  /** A value with its UCUM unit: 812 ms, 1.5 MiB, 42. */
  static String value(double value, String unit) {
    return switch (unit) {
      case "s" -> seconds(value);
      case "By" -> bytes(value);
      case "1", "" -> number(value);
      default -> number(value) + " " + unit;
    };
  }

  /** Roughly how long: 40 s, 3 min, 2 h. */
  static String duration(long millis) {
    long seconds = Math.ceilDiv(millis, 1000);
    if (seconds < 100) {
      return seconds + " s";
    }
    long minutes = Math.round(seconds / 60.0);
    return minutes < 100 ? minutes + " min" : Math.round(minutes / 60.0) + " h";
  }

  /** How long to wait, as a clause; nothing if that is unknown. */
  static String waiting(OptionalLong millis) {
    return millis.isPresent() && millis.getAsLong() > 0
        ? ", about " + duration(millis.getAsLong()) + " to go at this rate"
        : "";
  }

  /** P95, P99.9. */
  static String quantile(double q) {
    return "P"
        + new BigDecimal(100 * q).round(new MathContext(6)).stripTrailingZeros().toPlainString();
  }

  private static String seconds(double seconds) {
    double size = Math.abs(seconds);
    if (size >= 1 || size == 0 || !(size < Double.POSITIVE_INFINITY)) {
      return number(seconds) + " s";
    }
    return size >= 1e-3 ? number(seconds * 1e3) + " ms" : number(seconds * 1e6) + " us";
  }

  private static String bytes(double bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    double rest = bytes;
    int unit = 0;
    while (Math.abs(rest) >= 1024 && unit < units.length - 1) {
      rest /= 1024;
      unit++;
    }
    return number(rest) + " " + units[unit];
  }
}
