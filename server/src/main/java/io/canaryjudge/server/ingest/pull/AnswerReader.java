package io.canaryjudge.server.ingest.pull;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.canaryjudge.server.ingest.series.PrometheusNames;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads answers of the query API: <code>{"status": "success", "data": {"resultType": …, "result":
 * [{"metric": {…}, "values": [[seconds, "value"], …]}, …]}, "warnings": […]}</code>.
 */
final class AnswerReader {

  /** Most samples in one answer. */
  static final int MAX_POINTS = 200_000;

  private static final int MAX_WARNINGS = 10;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(32).maxStringLength(65_536).build())
          .build();

  private final Predicate<String> wanted;
  private final int maxSeries;
  private final Reading reading;
  private final Set<String> labels = new HashSet<>();
  private int series;
  private int samples;
  private @Nullable String type;
  private boolean hasResult;

  private AnswerReader(Predicate<String> wanted, int maxSeries, Reading reading) {
    this.wanted = wanted;
    this.maxSeries = maxSeries;
    this.reading = reading;
  }

  /**
   * The samples of the series that a range selector selected.
   *
   * @param wanted whether somebody wants series of a name, in one spelling
   */
  static Reading matrix(byte[] body, Predicate<String> wanted, int maxSeries) throws PullException {
    Reading reading = new Reading();
    matrix(body, wanted, maxSeries, reading);
    return reading;
  }

  /** The same, added to what other answers said of the same time. */
  static void matrix(byte[] body, Predicate<String> wanted, int maxSeries, Reading into)
      throws PullException {
    AnswerReader reader = new AnswerReader(wanted, maxSeries, into);
    reader.samples = into.points();
    reader.read(body, "matrix");
  }

  /** The names of all labels in a vector. */
  static Set<String> labels(byte[] body, int maxSeries) throws PullException {
    AnswerReader reader = new AnswerReader(_ -> false, maxSeries, new Reading());
    reader.read(body, "vector");
    return reader.labels;
  }

  private void read(byte[] body, String expectedType) throws PullException {
    try (JsonParser json = JSON.createParser(body)) {
      expect(json.nextToken(), JsonToken.START_OBJECT, "answer");
      String status = "";
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String key = json.currentName();
        json.nextToken();
        switch (key) {
          case "status" -> status = json.getValueAsString("");
          case "data" -> readData(json);
          case "warnings" -> readWarnings(json);
          default -> json.skipChildren();
        }
      }
      if (!status.equals("success")) {
        throw malformed("status: " + status + " (expected: success)");
      }
      if (!expectedType.equals(type) || !hasResult) {
        throw malformed("data: a " + type + " (expected: a " + expectedType + ")");
      }
      if (json.nextToken() != null) {
        throw malformed("more after the answer (expected: its end)");
      }
    } catch (IOException e) {
      throw new PullException(
          PullOutcome.MALFORMED, "no answer of this API: " + firstLine(e.getMessage()), e);
    }
  }

  private void readData(JsonParser json) throws IOException, PullException {
    expect(json.currentToken(), JsonToken.START_OBJECT, "data");
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      JsonToken token = json.nextToken();
      switch (key) {
        case "resultType" -> type = json.getValueAsString("");
        case "result" -> {
          expect(token, JsonToken.START_ARRAY, "result");
          hasResult = true;
          while (json.nextToken() != JsonToken.END_ARRAY) {
            readSeries(json);
          }
        }
        default -> json.skipChildren();
      }
    }
  }

  private void readSeries(JsonParser json) throws IOException, PullException {
    expect(json.currentToken(), JsonToken.START_OBJECT, "result");
    if (++series > maxSeries) {
      throw new PullException(
          PullOutcome.LIMIT, "an answer of more series (expected: at most " + maxSeries + ")");
    }
    SeriesForm form = null;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      JsonToken token = json.nextToken();
      switch (key) {
        case "metric" -> {
          Map<String, String> metric = readMetric(json);
          labels.addAll(metric.keySet());
          form = SeriesForm.of(metric);
        }
        case "values" -> {
          expect(token, JsonToken.START_ARRAY, "values");
          if (form == null) {
            throw malformed("values without a metric before (expected: metric, then values)");
          }
          readValues(json, form);
        }
        case "histograms" -> {
          expect(token, JsonToken.START_ARRAY, "histograms");
          while (json.nextToken() != JsonToken.END_ARRAY) {
            json.skipChildren();
            countSample();
            reading.unwanted(1);
          }
        }
        default -> json.skipChildren();
      }
    }
  }

  private static Map<String, String> readMetric(JsonParser json) throws IOException, PullException {
    expect(json.currentToken(), JsonToken.START_OBJECT, "metric");
    Map<String, String> metric = new HashMap<>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      expect(json.nextToken(), JsonToken.VALUE_STRING, key);
      metric.put(key, json.getText());
    }
    return metric;
  }

  private void readValues(JsonParser json, SeriesForm form) throws IOException, PullException {
    boolean use = wanted.test(form.name());
    SeriesForm.Problem bad = use ? form.check() : null;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      expect(json.currentToken(), JsonToken.START_ARRAY, "value");
      JsonToken time = json.nextToken();
      if (time != JsonToken.VALUE_NUMBER_FLOAT && time != JsonToken.VALUE_NUMBER_INT) {
        throw malformed("time: " + time + " (expected: seconds)");
      }
      double seconds = json.getDoubleValue();
      expect(json.nextToken(), JsonToken.VALUE_STRING, "value");
      double value = number(json.getText());
      expect(json.nextToken(), JsonToken.END_ARRAY, "value");
      countSample();
      SeriesForm.Problem problem = bad == null && use ? form.check(seconds, value) : bad;
      if (problem != null) {
        reading.refuse(problem.reason(), problem::text);
      } else if (use && !form.isEmpty()) {
        reading.add(form.point(seconds, value));
      } else {
        reading.unwanted(1);
      }
    }
  }

  private void countSample() throws PullException {
    if (++samples > MAX_POINTS) {
      throw new PullException(
          PullOutcome.LIMIT, "an answer of more samples (expected: at most " + MAX_POINTS + ")");
    }
  }

  private void readWarnings(JsonParser json) throws IOException, PullException {
    expect(json.currentToken(), JsonToken.START_ARRAY, "warnings");
    int count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (count++ < MAX_WARNINGS) {
        reading.warn(json.getValueAsString(""));
      }
      json.skipChildren();
    }
  }

  /** As Prometheus writes numbers. */
  private static double number(String text) throws PullException {
    double value = PrometheusNames.number(text);
    if (Double.isNaN(value) && !text.equals("NaN")) {
      throw malformed("value: " + firstLine(text) + " (expected: a number)");
    }
    return value;
  }

  private static void expect(@Nullable JsonToken came, JsonToken expected, String field)
      throws PullException {
    if (came != expected) {
      throw malformed(field + ": " + came + " (expected: " + expected + ")");
    }
  }

  private static PullException malformed(String message) {
    return new PullException(PullOutcome.MALFORMED, message);
  }

  private static String firstLine(@Nullable String text) {
    String line = String.valueOf(text).lines().findFirst().orElse("");
    return line.length() <= 200 ? line : line.substring(0, 200) + "…";
  }
}
