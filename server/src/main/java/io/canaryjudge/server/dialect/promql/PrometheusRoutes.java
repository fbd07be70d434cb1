package io.canaryjudge.server.dialect.promql;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.server.api.ErrorForm;
import io.canaryjudge.server.api.HttpCall;
import io.canaryjudge.server.api.HttpRoute;
import io.canaryjudge.server.api.RouteGroup;
import io.canaryjudge.server.dialect.promql.Query.Selector;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.run.Runs;
import io.canaryjudge.server.telemetry.VerdictGauges.Gauge;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Prometheus' query API over the gauges of runs. Tools add {@code /api/v1/…} to a base URL, so that
 * everything is below a prefix of its own.
 */
public final class PrometheusRoutes implements RouteGroup {

  private static final String PREFIX = "/prometheus/api/v1";

  /** All that is read is in the verdicts. */
  private static final String OPERATION = "canary.judge.v1.Judge/ListVerdicts";

  private static final String EVERYTHING = "{__name__=~\".+\"}";

  /** As many as Prometheus gives. */
  private static final int MOST_MOMENTS = 11_000;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final VerdictSeries series;
  private final InstantSource clock;

  /** Answers from what is committed. */
  public PrometheusRoutes(Runs runs, InstantSource clock) {
    this.series = new VerdictSeries(runs, clock);
    this.clock = clock;
  }

  @Override
  public List<HttpRoute> routes() {
    List<HttpRoute> routes = new ArrayList<>();
    for (String method : List.of("GET", "POST")) {
      routes.add(route(method, "/query", this::query));
      routes.add(route(method, "/query_range", this::queryRange));
      routes.add(route(method, "/series", this::series));
      routes.add(route(method, "/labels", this::labels));
    }
    routes.add(route("GET", "/label/{label}/values", this::values));
    routes.add(route("GET", "/status/buildinfo", PrometheusRoutes::buildInfo));
    return routes;
  }

  private static HttpRoute route(String method, String path, HttpRoute.Handler handler) {
    return HttpRoute.of(method, PREFIX + path, OPERATION, handler, ErrorForm.PROMETHEUS);
  }

  private void query(HttpCall call) throws IOException {
    Parameters parameters = new Parameters(call.parameters());
    Query query = QueryParser.query(parameters.text("query"));
    long atMillis = parameters.timeMillis("time", clock.millis());
    ObjectNode data = JSON.createObjectNode();
    switch (query) {
      case Query.Scalar(double value) -> {
        data.put("resultType", "scalar");
        addPoint(data.putArray("result"), atMillis, value);
      }
      case Query.Constant(double value) ->
          addVector(data, atMillis, List.of(new Gauge(new TreeMap<>(), value)));
      case Query.Select(Selector selector) ->
          addVector(data, atMillis, series.at(selector, atMillis));
      case Query.Aggregate(Query.Operation operation, Selector selector) -> {
        List<Double> values = series.at(selector, atMillis).stream().map(Gauge::value).toList();
        List<Gauge> one = new ArrayList<>();
        operation.of(values).ifPresent(value -> one.add(new Gauge(new TreeMap<>(), value)));
        addVector(data, atMillis, one);
      }
    }
    answer(call, data);
  }

  private void queryRange(HttpCall call) throws IOException {
    Parameters parameters = new Parameters(call.parameters());
    Query query = QueryParser.query(parameters.text("query"));
    List<Long> moments = moments(parameters);
    Map<SortedMap<String, String>, SortedMap<Long, Double>> all =
        switch (query) {
          case Query.Scalar(double value) -> Map.of(new TreeMap<>(), constant(moments, value));
          case Query.Constant(double value) -> Map.of(new TreeMap<>(), constant(moments, value));
          case Query.Select(Selector selector) -> series.over(selector, moments);
          case Query.Aggregate(Query.Operation operation, Selector selector) ->
              Map.of(new TreeMap<>(), aggregate(operation, series.over(selector, moments)));
        };
    ObjectNode data = JSON.createObjectNode().put("resultType", "matrix");
    ArrayNode result = data.putArray("result");
    all.forEach(
        (labels, points) -> {
          if (!points.isEmpty()) {
            ObjectNode one = result.addObject();
            ObjectNode metric = one.putObject("metric");
            labels.forEach(metric::put);
            ArrayNode values = one.putArray("values");
            points.forEach((moment, value) -> addPoint(values.addArray(), moment, value));
          }
        });
    answer(call, data);
  }

  private static List<Long> moments(Parameters parameters) {
    long start = parameters.timeMillis("start");
    long end = parameters.timeMillis("end");
    long step = parameters.durationMillis("step");
    if (end < start) {
      throw JudgeException.invalidField("end", "before start", "not before start");
    }
    if ((end - start) / step >= MOST_MOMENTS) {
      throw JudgeException.invalidField(
          "step", step + " ms", "a step of which " + MOST_MOMENTS + " cover the range");
    }
    List<Long> moments = new ArrayList<>();
    for (long moment = start; moment <= end; moment += step) {
      moments.add(moment);
    }
    return moments;
  }

  private static SortedMap<Long, Double> constant(List<Long> moments, double value) {
    SortedMap<Long, Double> points = new TreeMap<>();
    moments.forEach(moment -> points.put(moment, value));
    return points;
  }

  private static SortedMap<Long, Double> aggregate(
      Query.Operation operation, Map<SortedMap<String, String>, SortedMap<Long, Double>> series) {
    SortedMap<Long, List<Double>> byMoment = new TreeMap<>();
    series
        .values()
        .forEach(
            points ->
                points.forEach(
                    (moment, value) ->
                        byMoment.computeIfAbsent(moment, _ -> new ArrayList<>()).add(value)));
    SortedMap<Long, Double> points = new TreeMap<>();
    byMoment.forEach(
        (moment, values) -> operation.of(values).ifPresent(value -> points.put(moment, value)));
    return points;
  }

  private void series(HttpCall call) throws IOException {
    ArrayNode data = JSON.createArrayNode();
    for (Gauge gauge : selected(call, true)) {
      ObjectNode metric = data.addObject();
      gauge.labels().forEach(metric::put);
    }
    answer(call, data);
  }

  private void labels(HttpCall call) throws IOException {
    SortedSet<String> names = new TreeSet<>();
    selected(call, false).forEach(gauge -> names.addAll(gauge.labels().keySet()));
    answer(call, names);
  }

  private void values(HttpCall call) throws IOException {
    SortedSet<String> values = new TreeSet<>();
    for (Gauge gauge : selected(call, false)) {
      String value = gauge.labels().get(call.pathValue("label"));
      if (value != null) {
        values.add(value);
      }
    }
    answer(call, values);
  }

  private List<Gauge> selected(HttpCall call, boolean required) throws IOException {
    List<String> texts = call.parameters().getOrDefault("match[]", List.of());
    if (texts.isEmpty()) {
      if (required) {
        throw JudgeException.invalidField("match[]", "nothing", "at least one selector");
      }
      texts = List.of(EVERYTHING);
    }
    List<Gauge> all = new ArrayList<>();
    for (String text : texts) {
      all.addAll(series.at(QueryParser.selector("match[]", text), clock.millis()));
    }
    return all;
  }

  /** Grafana asks whom it talks to. */
  private static void buildInfo(HttpCall call) {
    answer(call, JSON.createObjectNode().put("application", "Canary Judge").put("version", "0"));
  }

  private static void addVector(ObjectNode data, long atMillis, List<Gauge> gauges) {
    data.put("resultType", "vector");
    ArrayNode result = data.putArray("result");
    for (Gauge gauge : gauges) {
      ObjectNode one = result.addObject();
      ObjectNode metric = one.putObject("metric");
      gauge.labels().forEach(metric::put);
      addPoint(one.putArray("value"), atMillis, gauge.value());
    }
  }

  private static void addPoint(ArrayNode point, long atMillis, double value) {
    point.add(BigDecimal.valueOf(atMillis, 3).stripTrailingZeros());
    point.add(text(value));
  }

  /** As Go prints it, which is what Prometheus' clients read. */
  private static String text(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return Double.isNaN(value)
        ? "NaN"
        : BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  private static void answer(HttpCall call, Object data) {
    ObjectNode answer = JSON.createObjectNode().put("status", "success");
    answer.set("data", JSON.valueToTree(data));
    call.answerJson(answer.toString());
  }
}
