package io.canaryjudge.server.ingest.series;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Brings values to the unit of a policy. */
final class Units {

  private static final Map<String, Double> PER_SECOND =
      Map.of("s", 1.0, "ms", 1e3, "us", 1e6, "ns", 1e9);

  private Units() {}

  /**
   * How to convert.
   *
   * @param from unit of the values; empty if unknown, which is taken for {@code to}
   * @return what to divide by, or to multiply with; null if the units do not fit
   */
  static @Nullable Factor between(String from, String to) {
    if (from.isEmpty() || from.equals(to)) {
      return Factor.NONE;
    }
    Double many = PER_SECOND.get(from);
    Double wanted = PER_SECOND.get(to);
    return many == null || wanted == null ? null : new Factor(many, wanted);
  }

  /**
   * A conversion. Divides by powers of ten instead of multiplying with their inverse, so that 5 ms
   * are exactly the double 0.005.
   */
  record Factor(double divideBy, double multiplyBy) {

    static final Factor NONE = new Factor(1, 1);

    boolean isNone() {
      return divideBy == multiplyBy;
    }

    double of(double value) {
      return divideBy >= multiplyBy
          ? value / (divideBy / multiplyBy)
          : value * (multiplyBy / divideBy);
    }

    double[] of(double[] values) {
      if (isNone()) {
        return values;
      }
      double[] converted = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        converted[i] = of(values[i]);
      }
      return converted;
    }
  }
}
