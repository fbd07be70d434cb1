package io.canaryjudge.server.ingest.series;

import org.jspecify.annotations.Nullable;

/**
 * What the names of series mean in Prometheus. A sample's value does not tell a counter from a
 * gauge; by convention its name does.
 */
public final class PrometheusNames {

  /** The label that holds the name of a series. */
  public static final String NAME = "__name__";

  /** The label of a bucket's upper bound. */
  public static final String UPPER_BOUND = "le";

  private static final String BUCKET = "_bucket";

  private PrometheusNames() {}

  /** Whether a series is one bucket of a classic histogram. */
  public static boolean isBucket(String name) {
    return name.endsWith(BUCKET);
  }

  /** Whether a series is a counter. */
  public static boolean isCounter(String name) {
    return name.endsWith("_total") || name.endsWith("_count");
  }

  /** The name that {@link SeriesIntake#wants} is asked for: in one spelling, of no bucket. */
  public static String wanted(String name) {
    String normal = LabelNames.normal(name);
    return isBucket(normal) ? normal.substring(0, normal.length() - BUCKET.length()) : normal;
  }

  /**
   * The upper bound of a bucket.
   *
   * @return above -Infinity; NaN if there is none
   */
  public static double upperBound(@Nullable String le) {
    return le == null || le.equals("-Inf") ? Double.NaN : number(le);
  }

  /**
   * A number as Prometheus writes it.
   *
   * @return may be infinite; NaN if it is none, or too large for a double. Java would read more
   *     than Prometheus writes, such as "1d"
   */
  public static double number(String text) {
    switch (text) {
      case "+Inf", "Inf" -> {
        return Double.POSITIVE_INFINITY;
      }
      case "-Inf" -> {
        return Double.NEGATIVE_INFINITY;
      }
      default -> {}
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9') && "+-.eE".indexOf(c) < 0) {
        return Double.NaN;
      }
    }
    try {
      double value = Double.parseDouble(text) + 0.0; // -0 is 0
      return Double.isInfinite(value) ? Double.NaN : value;
    } catch (NumberFormatException _) {
      return Double.NaN;
    }
  }
}
