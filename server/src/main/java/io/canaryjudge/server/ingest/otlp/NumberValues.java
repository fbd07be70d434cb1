package io.canaryjudge.server.ingest.otlp;

import io.canaryjudge.server.run.Refusal;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;

/** Reads the value of a point of a sum or a gauge. */
final class NumberValues {

  private NumberValues() {}

  /** The value: finite, at least 0. */
  static double read(NumberDataPoint point) throws BadPoint {
    return switch (point.getValueCase()) {
      case AS_DOUBLE -> finite("as_double", point.getAsDouble());
      case AS_INT -> {
        if (point.getAsInt() < 0) {
          throw new BadPoint(
              Refusal.NEGATIVE, "as_int", Long.toString(point.getAsInt()), "at least 0");
        }
        yield point.getAsInt();
      }
      case VALUE_NOT_SET ->
          throw new BadPoint(Refusal.MALFORMED, "value", "nothing", "as_double or as_int");
    };
  }

  /** A number that has to be finite and at least 0; -0.0 is 0. */
  static double finite(String field, double value) throws BadPoint {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new BadPoint(
          value < 0 && value > Double.NEGATIVE_INFINITY ? Refusal.NEGATIVE : Refusal.NOT_FINITE,
          field,
          Double.toString(value),
          "finite, at least 0");
    }
    return value + 0.0;
  }
}
