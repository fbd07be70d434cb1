package io.canaryjudge.analysis.policy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Policies with one value that is wrong, and what is to be said of it. */
final class WrongPolicies {

  private static final double NAN = Double.NaN;
  private static final double INFINITY = Double.POSITIVE_INFINITY;
  private static final String RATE = "in (0, 0.5]";
  private static final String SPAN = "0s to 744h";
  private static final String NAME = "[a-z][a-z0-9-]{0,62}";
  private static final String METRIC_NAME = "[a-z][a-z0-9_.]{0,62}";
  private static final String UNIT =
      "a UCUM unit such as s, By or 1: 1 to 32 printable ASCII characters without spaces";
  private static final String QUANTILE =
      "in (0, 1), such as 0.95: a distribution is compared at a quantile";
  private static final String SHARE_LIMIT = "a share in (0, 1): 1 % is 0.01";
  private static final String VALUE_LIMIT = "above 0, in the metric's unit";
  private static final String RELATIVE = "a fraction of at least 0: 50 % is 0.5";
  private static final String SHARE = "a share in [0, 1): half a percentage point is 0.005";
  private static final String VALUE = "at least 0, in the metric's unit";
  private static final String FLOOR =
      "a share above 0 beside relative: with no event in either arm a ratio says nothing, and a"
          + " service without errors could never be promoted";

  private WrongPolicies() {}

  /**
   * One wrong value.
   *
   * @param edit path in the records
   * @param value what is put there
   * @param violations the only ones expected
   */
  record Row(String edit, Object value, List<PolicyViolation> violations) {

    @Override
    public String toString() {
      return edit + " = " + value;
    }
  }

  private static Row row(String edit, Object value, String path, String came, String expected) {
    return new Row(edit, value, List.of(new PolicyViolation(path, came, expected)));
  }

  /** For values whose path in the records is the path in a file. */
  private static Row row(String path, Object value, String came, String expected) {
    return row(path, value, path, came, expected);
  }

  /** All of them. */
  static Stream<Row> rows() {
    return Stream.of(policyRows(), metricRows(), thresholdRows(), sourceRows(), otherRows())
        .flatMap(List::stream);
  }

  private static List<Row> policyRows() {
    List<Row> rows = new ArrayList<>();
    for (String name : List.of("", "Checkout", "1st", "check_out", "x".repeat(64), "é")) {
      rows.add(row("name", name, '"' + name + '"', NAME));
    }
    rows.add(row("description", "x".repeat(1_001), "1001 characters", "at most 1000 characters"));
    for (String text : List.of("\0", "\u001b[31m", "\r\n", "\uD800")) {
      rows.add(
          row(
              "description",
              text,
              "a control character or half of a surrogate pair",
              "text, tabs and line feeds"));
    }
    for (String rate : List.of("alpha", "beta")) {
      rows.add(row(rate, 0.0, "0", RATE));
      rows.add(row(rate, 0.7, "0.7", RATE));
      rows.add(row(rate, -0.01, "-0.01", RATE));
      rows.add(row(rate, NAN, "NaN", RATE));
      rows.add(row(rate, INFINITY, "Infinity", RATE));
    }
    for (long window : new long[] {0, -5_000, 500, 1_500}) {
      rows.add(
          row(
              "windowMillis",
              window,
              "window",
              DurationText.format(window),
              "1s to 1h, whole seconds"));
    }
    rows.add(row("latenessMillis", -1L, "lateness", "-1ms", "0s to 1h"));
    rows.add(row("latenessMillis", 3_600_001L, "lateness", "1h1ms", "0s to 1h"));
    List<List<String>> spans =
        List.of(
            List.of("warmUpMillis", "warm_up"),
            List.of("minimumStepMillis", "minimum_step_time"),
            List.of("deadlineMillis", "deadline"),
            List.of("watchAfterGoMillis", "watch_after_go"));
    for (List<String> span : spans) {
      rows.add(row(span.get(0), -1_000L, span.get(1), "-1s", SPAN));
      rows.add(row(span.get(0), Long.MAX_VALUE, span.get(1), "2562047788015h12m55s807ms", SPAN));
    }
    String guard = "at least one window (5s) and at most 744h";
    rows.add(row("burstGuardMillis", 4_000L, "burst_guard", "4s", guard));
    rows.add(row("burstGuardMillis", -1_000L, "burst_guard", "-1s", guard));
    rows.add(row("burstGuardMillis", 2_678_400_001L, "burst_guard", "744h1ms", guard));
    for (double coverage : new double[] {-0.1, 1.1, NAN}) {
      rows.add(
          row(
              "minimumCoverage",
              coverage,
              "minimum_coverage",
              Double.toString(coverage),
              "in [0, 1]"));
    }
    for (double variation : new double[] {-0.3, INFINITY, NAN}) {
      rows.add(
          row(
              "instanceCoefficientOfVariation",
              variation,
              "instance_coefficient_of_variation",
              Double.toString(variation),
              "a number of at least 0"));
    }
    return rows;
  }

  private static List<Row> metricRows() {
    MetricPolicy metric = SamplePolicies.valid().metrics().getFirst();
    List<Row> rows = new ArrayList<>();
    rows.add(row("metrics", List.of(), "0 metrics", "1 to 32"));
    List<MetricPolicy> many =
        IntStream.range(0, 33).mapToObj(i -> renamed(metric, "m" + i)).toList();
    rows.add(row("metrics", many, "33 metrics", "1 to 32"));
    rows.add(
        row(
            "metrics",
            List.of(renamed(metric, "a"), renamed(metric, "b"), renamed(metric, "a")),
            "metrics[2].name",
            "\"a\"",
            "distinct names"));
    rows.add(
        row(
            "metrics",
            List.of(warning(metric)),
            "only metrics with role warns",
            "at least one with role decides"));
    for (String name : List.of("", "Error", "error-rate", "a b", "x".repeat(64))) {
      rows.add(row("metrics[0].name", name, '"' + name + '"', METRIC_NAME));
    }
    for (String unit : List.of("", "a b", "µs", "x".repeat(33))) {
      rows.add(row("metrics[0].unit", unit, '"' + unit + '"', UNIT));
    }
    rows.add(row("metrics[0].weight", 0.0, "0", "a number above 0"));
    rows.add(row("metrics[0].weight", -1.0, "-1", "a number above 0"));
    rows.add(row("metrics[0].weight", NAN, "NaN", "a number above 0"));
    rows.add(row("metrics[0].weight", INFINITY, "Infinity", "a number above 0"));
    rows.add(
        row(
            "metrics[0].minimumEvents",
            -1,
            "metrics[0].minimum_events",
            "-1",
            "a whole number of at least 0"));
    rows.add(row("metrics[0].thresholds", List.of(), "0 thresholds", "1 to 8"));
    rows.add(
        row(
            "metrics[0].thresholds",
            Collections.nCopies(9, metric.thresholds().getFirst()),
            "9 thresholds",
            "1 to 8"));
    return rows;
  }

  private static List<Row> thresholdRows() {
    List<Row> rows = new ArrayList<>();
    rows.add(
        row(
            "metrics[0].thresholds[0].quantile",
            OptionalDouble.of(0.95),
            "0.95",
            "none, since a proportion has no quantiles"));
    String quantile = "metrics[1].thresholds[0].quantile";
    rows.add(row(quantile, OptionalDouble.empty(), "missing", QUANTILE));
    for (double wrong : new double[] {-0.5, 95.5, NAN}) {
      rows.add(row(quantile, OptionalDouble.of(wrong), Double.toString(wrong), QUANTILE));
    }
    rows.add(row(quantile, OptionalDouble.of(0), "0", QUANTILE));
    rows.add(row(quantile, OptionalDouble.of(1), "1", QUANTILE));
    for (long sustained : new long[] {-60_000, 30_000, 90_000, 3_660_000}) {
      rows.add(
          row(
              "metrics[0].thresholds[0].sustainedMillis",
              sustained,
              "metrics[0].thresholds[0].sustained",
              DurationText.format(sustained),
              "1m to 1h, whole minutes"));
    }
    rows.add(
        row(
            "metrics[0].thresholds[1].sustainedMillis",
            300_000L,
            "metrics[0].thresholds[1].sustained",
            "5m",
            "none, since only a limit can be exceeded for a time"));
    for (double limit : new double[] {0, 1, -0.01, NAN, 5}) {
      rows.add(tolerance(0, 0, new Tolerance.Limit(limit), "limit", limit, SHARE_LIMIT));
    }
    for (double limit : new double[] {0, -5, NAN, INFINITY}) {
      rows.add(tolerance(1, 0, new Tolerance.Limit(limit), "limit", limit, VALUE_LIMIT));
    }
    for (double wrong : new double[] {-0.5, NAN, INFINITY}) {
      rows.add(change(0, wrong, 0, 0.005, "relative", wrong, RELATIVE));
      rows.add(change(1, wrong, 0, 0, "relative", wrong, RELATIVE));
      rows.add(change(1, 0.1, wrong, 0, "absolute", wrong, VALUE));
      rows.add(change(1, 0.1, 0, wrong, "floor", wrong, VALUE));
    }
    for (double wrong : new double[] {-0.5, NAN, 1, 5}) {
      rows.add(change(0, 0, wrong, 0, "absolute", wrong, SHARE));
      rows.add(change(0, 0.5, 0, wrong, "floor", wrong, SHARE));
    }
    for (double[] unidentified : new double[][] {{0.5, 0}, {0.5, 0.001}, {0, 0}}) {
      Tolerance none = new Tolerance.Change(unidentified[0], unidentified[1], 0);
      rows.add(tolerance(0, 1, none, "floor", "none", FLOOR));
    }
    return rows;
  }

  private static List<Row> sourceRows() {
    MetricSource any = new MetricSource("", List.of(), List.of());
    List<Row> rows = new ArrayList<>();
    rows.add(row("metrics[0].sources", Collections.nCopies(9, any), "9 sources", "at most 8"));
    rows.add(
        source(
            new MetricSource("x".repeat(201), List.of(), List.of()),
            "series",
            "201 characters",
            "at most 200 characters"));
    rows.add(
        source(
            new MetricSource("a\nb", List.of(), List.of()),
            "series",
            "a control character or half of a surrogate pair",
            "text"));
    LabelMatcher matcher = new LabelMatcher("job", List.of("checkout"));
    List<LabelMatcher> many = Collections.nCopies(17, matcher);
    rows.add(source(new MetricSource("", many, List.of()), "where", "17 matchers", "at most 16"));
    rows.add(
        source(new MetricSource("", List.of(), many), "failures", "17 matchers", "at most 16"));
    rows.add(separate("", "failures_total", "another name in series"));
    rows.add(separate("a_total", "a_total", "another name in series"));
    rows.add(
        source(
            new MetricSource("a", List.of(), List.of(matcher), "b"),
            "failures",
            "1 matchers",
            "none beside failure_series"));
    rows.add(
        row(
            "metrics[1].sources",
            List.of(new MetricSource("a", List.of(), List.of(), "b")),
            "metrics[1].sources[0].failure_series",
            "\"b\"",
            "none, since values of a distribution do not fail"));
    rows.add(where(new LabelMatcher("", List.of()), "label", "empty", "1 to 200 characters"));
    rows.add(
        where(
            new LabelMatcher("job", Collections.nCopies(65, "a")),
            "values",
            "65 values",
            "at most 64"));
    rows.add(
        where(
            new LabelMatcher("job", List.of("a", "x".repeat(201))),
            "values[1]",
            "201 characters",
            "at most 200 characters"));
    rows.add(
        where(
            new LabelMatcher("job", List.of("\uD800")),
            "values[0]",
            "a control character or half of a surrogate pair",
            "text"));
    for (String pattern : List.of("*out", "a*b", "**")) {
      rows.add(
          where(
              new LabelMatcher("job", List.of(pattern)),
              "values[0]",
              '"' + pattern + '"',
              "a value, or how it begins and then *"));
    }
    rows.add(
        row(
            "metrics[1].sources",
            List.of(new MetricSource("", List.of(), List.of(matcher))),
            "metrics[1].sources[0].failures",
            "1 matchers",
            "none, since values of a distribution do not fail"));
    return rows;
  }

  private static Row separate(String series, String failureSeries, String expected) {
    return source(
        new MetricSource(series, List.of(), List.of(), failureSeries),
        "failure_series",
        '"' + failureSeries + '"',
        expected);
  }

  private static Row source(MetricSource source, String key, String came, String expected) {
    return row(
        "metrics[0].sources", List.of(source), "metrics[0].sources[0]." + key, came, expected);
  }

  private static Row where(LabelMatcher matcher, String key, String came, String expected) {
    MetricSource source = new MetricSource("", List.of(matcher), List.of());
    return source(source, "where[0]." + key, came, expected);
  }

  private static List<Row> otherRows() {
    List<Row> rows = new ArrayList<>();
    List<RequiredCheck> many =
        IntStream.range(0, 33).mapToObj(i -> new RequiredCheck("c" + i, true)).toList();
    rows.add(row("checks", many, "33 checks", "at most 32"));
    rows.add(
        row(
            "checks",
            List.of(new RequiredCheck("a", true), new RequiredCheck("a", false)),
            "checks[1].name",
            "\"a\"",
            "distinct names"));
    rows.add(row("checks[1].name", "Sign_Off", "\"Sign_Off\"", NAME));
    String step = "the index of a step, in [0, 31]";
    rows.add(row("checks[0].beforeStep", 32, "checks[0].before_step", "32", step));
    rows.add(row("checks[0].beforeStep", -2, "checks[0].before_step", "-2", step));
    rows.add(row("checks[0].deadlineMillis", -1L, "checks[0].deadline", "-1ms", "0s to 744h"));
    String ofStep =
        "run, or with before_step of at least 1: the deadline counts from the step before that";
    rows.add(
        row(
            "checks",
            List.of(new RequiredCheck("a", true, true, 0, 1, DeadlineFrom.STEP)),
            "checks[0].deadline_from",
            "step",
            ofStep));
    rows.add(
        row(
            "checks",
            List.of(new RequiredCheck("a", true, true, 1, 0, DeadlineFrom.STEP)),
            "checks[0].deadline",
            "0s",
            "more than 0 with deadline_from"));
    rows.add(
        row(
            "checks[0].expiryIsNoGo",
            true,
            "checks[0].expiry_is_no_go",
            "true",
            "false, or with a deadline or before_step: it never expires otherwise"));
    String above0 = "percent, above 0 and at most 100";
    rows.add(weights("traffic_plan.weights[0]", "0", above0, 0.0, 50.0));
    rows.add(weights("traffic_plan.weights[0]", "NaN", above0, NAN));
    rows.add(
        weights("traffic_plan.weights[1]", "101", "percent, above 5 and at most 100", 5.0, 101.0));
    rows.add(
        weights(
            "traffic_plan.weights[2]",
            "25",
            "percent, above 25 and at most 100",
            5.0,
            25.0,
            25.0,
            50.0));
    Double[] steps = IntStream.rangeClosed(1, 33).mapToObj(i -> (double) i).toArray(Double[]::new);
    rows.add(weights("traffic_plan.weights", "33 weights", "at most 32", steps));
    return rows;
  }

  private static Row weights(String path, String came, String expected, Double... weights) {
    return row("trafficPlan.weights", List.of(weights), path, came, expected);
  }

  private static Row change(
      int metric,
      double relative,
      double absolute,
      double floor,
      String key,
      double came,
      String expected) {
    Tolerance tolerance = new Tolerance.Change(relative, absolute, floor);
    return tolerance(metric, 1, tolerance, key, came, expected);
  }

  private static Row tolerance(
      int metric, int threshold, Tolerance tolerance, String key, double came, String expected) {
    return tolerance(metric, threshold, tolerance, key, Violations.number(came), expected);
  }

  /** Both tolerances alike, so that it is not about one being narrower. */
  private static Row tolerance(
      int metric, int threshold, Tolerance tolerance, String key, String came, String expected) {
    String path = "metrics[" + metric + "].thresholds[" + threshold + "]";
    MetricKind kind = SamplePolicies.valid().metrics().get(metric).kind();
    OptionalDouble quantile =
        kind == MetricKind.PROPORTION ? OptionalDouble.empty() : OptionalDouble.of(0.95);
    Threshold both = new Threshold(quantile, tolerance, tolerance, 0);
    return row(path, both, path + "." + key, came, expected);
  }

  private static MetricPolicy renamed(MetricPolicy metric, String name) {
    return new MetricPolicy(
        name,
        metric.kind(),
        metric.unit(),
        metric.harmfulDirection(),
        metric.role(),
        metric.weight(),
        metric.duringWarmUp(),
        metric.minimumEvents(),
        metric.thresholds(),
        List.of(),
        null);
  }

  private static MetricPolicy warning(MetricPolicy metric) {
    return new MetricPolicy(
        metric.name(),
        metric.kind(),
        metric.unit(),
        metric.harmfulDirection(),
        MetricRole.WARNS,
        metric.weight(),
        metric.duringWarmUp(),
        metric.minimumEvents(),
        metric.thresholds(),
        List.of(),
        null);
  }
}
