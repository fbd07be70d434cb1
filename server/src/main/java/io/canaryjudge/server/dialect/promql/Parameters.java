package io.canaryjudge.server.dialect.promql;

import io.canaryjudge.analysis.policy.DurationText;
import io.canaryjudge.server.error.JudgeException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The parameters of a request, by name, in the forms in which Prometheus takes them. */
record Parameters(Map<String, List<String>> values) {

  private static final double MILLIS_PER_SECOND = 1e3;

  /** A text. */
  String text(String name) {
    return find(name).orElse("");
  }

  private Optional<String> find(String name) {
    return values.getOrDefault(name, List.of()).stream().findFirst();
  }

  /** A moment, or another one if it is not given; epoch milliseconds. */
  long timeMillis(String name, long unset) {
    return find(name).isPresent() ? timeMillis(name) : unset;
  }

  /** A moment: seconds since the epoch, or RFC 3339. */
  long timeMillis(String name) {
    String text = text(name);
    Optional<Double> seconds = number(text);
    if (seconds.isPresent()) {
      return Math.round(seconds.get() * MILLIS_PER_SECOND);
    }
    try {
      Instant moment = OffsetDateTime.parse(text).toInstant();
      return moment.toEpochMilli();
    } catch (DateTimeException e) {
      throw invalid(name, text, "seconds since 1970, or a time as RFC 3339 writes it");
    }
  }

  /** A duration: seconds, or with a unit; above 0. */
  long durationMillis(String name) {
    String text = text(name);
    long millis =
        number(text)
            .map(seconds -> Math.round(seconds * MILLIS_PER_SECOND))
            .orElseGet(() -> DurationText.parseMillis(text).orElse(0));
    if (millis <= 0) {
      throw invalid(name, text, "seconds, or a duration such as 15s, above 0");
    }
    return millis;
  }

  private static Optional<Double> number(String text) {
    try {
      double number = Double.parseDouble(text);
      return Double.isFinite(number) ? Optional.of(number) : Optional.empty();
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  private static JudgeException invalid(String name, String came, String expected) {
    return JudgeException.invalidField(name, came.isEmpty() ? "nothing" : came, expected);
  }
}
