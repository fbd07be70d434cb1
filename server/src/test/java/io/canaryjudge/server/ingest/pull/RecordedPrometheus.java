package io.canaryjudge.server.ingest.pull;

import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Answers what it was given as a Prometheus would: range selectors by service, where the series of
 * a service have its name under {@code service}.
 */
public final class RecordedPrometheus implements AutoCloseable {

  private static final Pattern RANGE = Pattern.compile("\\[(\\d+)ms]");
  private static final Pattern SERVICE = Pattern.compile(",service=\"([^\"]*)\"");

  private final FakePrometheus http = new FakePrometheus();
  private final Map<Map<String, String>, TreeMap<Long, String>> series = new LinkedHashMap<>();
  private UnaryOperator<FakePrometheus.Answer> trouble = UnaryOperator.identity();

  public RecordedPrometheus() throws IOException {
    http.answerWith(this::answer);
  }

  public URI url() {
    return http.url();
  }

  /** A sample as JSON has it: a number as text, or NaN. */
  public synchronized void add(Map<String, String> labels, long millis, String value) {
    series.computeIfAbsent(labels, _ -> new TreeMap<>()).put(millis, value);
  }

  /** What becomes of each answer from now on. */
  synchronized void trouble(UnaryOperator<FakePrometheus.Answer> with) {
    trouble = with;
  }

  private synchronized FakePrometheus.Answer answer(FakePrometheus.Asked asked) {
    Matcher service = SERVICE.matcher(asked.query());
    Matcher range = RANGE.matcher(asked.query());
    if (!service.find() || !range.find()) {
      return new FakePrometheus.Answer(400, "not a query of a service's range");
    }
    long to = Math.round(Double.parseDouble(asked.time()) * 1_000);
    long from = to - Long.parseLong(range.group(1));
    String result =
        asked.isDiscovery()
            ? "{\"metric\":{\"service\":\"" + service.group(1) + "\"},\"value\":[1,\"1\"]}"
            : matrix(service.group(1), from, to);
    return trouble.apply(
        new FakePrometheus.Answer(
            200,
            "{\"status\":\"success\",\"data\":{\"resultType\":\""
                + (asked.isDiscovery() ? "vector" : "matrix")
                + "\",\"result\":["
                + result
                + "]}}"));
  }

  private String matrix(String service, long from, long to) {
    return series.entrySet().stream()
        .filter(each -> service.equals(each.getKey().get("service")))
        .filter(each -> !each.getValue().subMap(from, false, to, true).isEmpty())
        .map(
            each ->
                "{\"metric\":{"
                    + each.getKey().entrySet().stream()
                        .map(label -> "\"" + label.getKey() + "\":\"" + label.getValue() + "\"")
                        .collect(Collectors.joining(","))
                    + "},\"values\":["
                    + each.getValue().subMap(from, false, to, true).entrySet().stream()
                        .map(sample -> value(sample.getKey(), sample.getValue()))
                        .collect(Collectors.joining(","))
                    + "]}")
        .collect(Collectors.joining(","));
  }

  private static String value(long millis, String value) {
    return "["
        + millis / 1_000
        + "."
        + String.format("%03d", millis % 1_000)
        + ",\""
        + value
        + "\"]";
  }

  @Override
  public void close() {
    http.close();
  }
}
