package io.canaryjudge.analysis.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.aggregate.TrailingDistribution;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Agreement with values that were computed with 60 digits; see the README beside the vectors. */
class VectorsTest {
  private static final double TOLERANCE = 1e-9;
  private static final double LOG_100 = StrictMath.log(100);

  @Test
  void everyVectorAgrees() throws IOException {
    Map<String, Integer> checked = new TreeMap<>();
    for (JsonNode vector : vectors()) {
      String kind = vector.get("kind").asText();
      check(
          vector.get("id").asText() + " " + kind, kind, vector.get("input"), vector.get("output"));
      checked.merge(kind, 1, Integer::sum);
    }
    assertThat(checked)
        .isEqualTo(
            Map.ofEntries(
                Map.entry("bernoulli_abs_limit", 19),
                Map.entry("ratio", 18),
                Map.entry("beta_binomial_cs", 18),
                Map.entry("two_sample_exceedance", 16),
                Map.entry("affine", 12),
                Map.entry("ratio_cs", 5),
                Map.entry("dispersion_cumulative", 4),
                Map.entry("end_to_end_error_ratio", 4),
                Map.entry("ratio_capped_tempered", 3),
                Map.entry("quantile_threshold", 3),
                Map.entry("combine", 2),
                Map.entry("grid", 2),
                Map.entry("restart_log_weight", 1)));
    assertThat(checked.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(107);
  }

  private static JsonNode vectors() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(VectorsTest.class.getResourceAsStream("vectors.json"))) {
      return new ObjectMapper().readTree(in).get("vectors");
    }
  }

  private static void check(String name, String kind, JsonNode in, JsonNode out) {
    switch (kind) {
      case "bernoulli_abs_limit" -> limit(name, in, out);
      case "ratio", "ratio_capped_tempered" -> ratio(name, in, out);
      case "affine" -> affine(name, in, out);
      case "two_sample_exceedance" -> exceedance(name, in, out);
      case "beta_binomial_cs" -> proportion(name, in, out);
      case "ratio_cs" -> ratioInterval(name, in, out);
      case "dispersion_cumulative" -> dispersion(name, in, out);
      case "end_to_end_error_ratio" -> endToEnd(name, in, out);
      case "quantile_threshold" -> quantileThreshold(name, in, out);
      case "combine" -> combine(name, in, out);
      case "grid" -> grid(name, in, out);
      case "restart_log_weight" -> restartLogWeight(name, in, out);
      default -> throw new AssertionError("a vector of unknown kind: " + kind);
    }
  }

  private static void limit(String name, JsonNode in, JsonNode out) {
    double[] sums = new double[Alternatives.SIZE];
    LogFactors.limit(
        alternatives(in),
        number(in, "n"),
        number(in, "k"),
        number(in, "limit"),
        Double.POSITIVE_INFINITY,
        sums);
    evidence(name, Mixture.logE(sums, 1), out);
  }

  private static void ratio(String name, JsonNode in, JsonNode out) {
    double[] sums = new double[Alternatives.SIZE];
    double cap = in.has("cap") ? number(in, "cap") : Double.POSITIVE_INFINITY;
    for (JsonNode bucket : in.get("buckets")) {
      double[] c = numbers(bucket);
      LogFactors.ratio(alternatives(in), c[0], c[1], c[2], c[3], number(in, "rho"), cap, sums);
    }
    evidence(name, Mixture.logE(sums, in.has("phi") ? number(in, "phi") : 1), out);
  }

  private static void affine(String name, JsonNode in, JsonNode out) {
    double[] c = numbers(in.get("bucket"));
    double rho = number(in, "rho");
    double delta = number(in, "delta");
    double plugIn = number(in, "pBhat");
    double[] sums = new double[Alternatives.SIZE];
    LogFactors.affine(
        alternatives(in),
        c[0],
        c[1],
        c[2],
        c[3],
        rho,
        delta,
        plugIn,
        Double.POSITIVE_INFINITY,
        sums);
    evidence(name, Mixture.logE(sums, 1), out);

    double excess = alternatives(in).excess(8);
    double s = c[0] / c[2];
    double x = LogFactors.excessCanaryWeight(excess, rho, delta, s, plugIn);
    close(name + " a", 1 + x, number(out, "a_j8"));
    double rate = (1 + excess) * (rho * plugIn + delta);
    double b =
        rho == 0 ? 1 : StrictMath.exp(LogFactors.logBaselineWeight(x, rate, rho, delta, s, plugIn));
    close(name + " b", b, number(out, "b_j8"));
  }

  private static void exceedance(String name, JsonNode in, JsonNode out) {
    double[] sums = new double[Alternatives.SIZE];
    for (JsonNode bucket : in.get("buckets")) {
      double[] c = numbers(bucket);
      LogFactors.exceedance(
          alternatives(in),
          c[0],
          c[1],
          c[2],
          c[3],
          number(in, "p2"),
          Double.POSITIVE_INFINITY,
          sums);
    }
    evidence(name, Mixture.logE(sums, 1), out);
  }

  private static void proportion(String name, JsonNode in, JsonNode out) {
    double n = number(in, "n");
    double k = number(in, "k");
    Bounds bounds = Intervals.proportion(n, k, number(in, "alpha"));
    relativelyClose(name + " lower", bounds.lower(), number(out, "lower"));
    relativelyClose(name + " upper", bounds.upper(), number(out, "upper"));
    close(name, Intervals.proportionLogE(n, k, 0.01), number(out, "logE_at_0_01"));
  }

  private static void ratioInterval(String name, JsonNode in, JsonNode out) {
    RatioInterval interval = new RatioInterval();
    for (JsonNode bucket : in.get("buckets")) {
      double[] c = numbers(bucket);
      interval.add(c[0], c[1], c[2], c[3]);
    }
    Bounds bounds = interval.bounds(number(in, "alpha"), 1);
    relativelyClose(name + " lower", bounds.lower(), number(out, "lower"));
    relativelyClose(name + " upper", bounds.upper(), number(out, "upper"));
    int first = out.get("first_index").asInt();
    int last = out.get("last_index").asInt();
    double line = -StrictMath.log(number(in, "alpha"));
    for (int i = 0; i < RatioInterval.SIZE; i++) {
      assertThat(interval.logE(i, 1) >= line).as(name).isEqualTo(i < first || i > last);
    }
    close(name, interval.logE(RatioInterval.MIDDLE, 1), number(out, "logE_at_ratio_1"));
  }

  private static void dispersion(String name, JsonNode in, JsonNode out) {
    double[] nC = numbers(in.get("NC"));
    double[] kC = numbers(in.get("KC"));
    double[] nB = numbers(in.get("NB"));
    double[] kB = numbers(in.get("KB"));
    Dispersion dispersion = new Dispersion(0);
    add(dispersion, Arm.CANARY, nC, kC);
    add(dispersion, Arm.BASELINE, nB, kB);
    dispersion.endWindow();
    relativelyClose(name + " phi", dispersion.phi(), number(out, "phi"));

    double[] none = {};
    InstanceSpread c = new InstanceSpread();
    c.compute(nC, kC, nC.length, none, none);
    InstanceSpread b = new InstanceSpread();
    b.compute(nB, kB, nB.length, none, none);
    double numerator = c.numerator + b.numerator;
    double denominator = c.denominator + b.denominator;
    double denominator2 = c.denominator2 + b.denominator2;
    int degrees = c.degreesOfFreedom + b.degreesOfFreedom;
    double effective = Math.min(degrees, denominator);
    relativelyClose(name + " numerator", numerator, number(out, "numerator"));
    relativelyClose(name + " denominator", denominator, number(out, "denominator"));
    relativelyClose(name + " den2", denominator2, number(out, "den2"));
    relativelyClose(name + " degrees", effective, number(out, "dof_eff"));
    relativelyClose(name + " ratio", numerator / denominator, number(out, "ratio"));
    relativelyClose(
        name + " kappa", DispersionFormulas.smallSampleInflation(effective), number(out, "kappa"));
    relativelyClose(
        name + " c2",
        DispersionFormulas.relativeVariance(numerator, denominator, denominator2, degrees),
        number(out, "c2"));
    relativelyClose(
        name + " inv", c.concentration + b.concentration, number(out, "inv_eff_instances"));
  }

  private static void endToEnd(String name, JsonNode in, JsonNode out) {
    double rho = number(in, "rho");
    double alpha = number(in, "alpha");
    double cap = (-StrictMath.log(alpha) + StrictMath.log(Alternatives.SIZE)) / number(in, "nmin");
    double line = StrictMath.log1p(1 / alpha);
    EProcess harm = new EProcess();
    EProcess safe = new EProcess();
    Dispersion dispersion = new Dispersion(0);
    double[] totals = new double[4];
    JsonNode trace = out.get("trace");
    int compared = 0;
    for (int window = 0; window < in.get("NC").size(); window++) {
      double[][] counts = new double[4][];
      double[] sum = new double[4];
      for (int i = 0; i < 4; i++) {
        counts[i] = numbers(in.get(new String[] {"NC", "KC", "NB", "KB"}[i]).get(window));
        for (double count : counts[i]) {
          sum[i] += count;
          totals[i] += count;
        }
      }
      add(dispersion, Arm.CANARY, counts[0], counts[1]);
      add(dispersion, Arm.BASELINE, counts[2], counts[3]);
      dispersion.endWindow();
      LogFactors.ratio(Alternatives.UP, sum[0], sum[1], sum[2], sum[3], rho, cap, harm.sums());
      LogFactors.ratio(
          Alternatives.DN,
          sum[0],
          sum[1],
          sum[2],
          sum[3],
          rho,
          Double.POSITIVE_INFINITY,
          safe.sums());
      JsonNode expected = trace.get(compared);
      if (expected != null && expected.get("after_bucket").asInt() == window + 1) {
        String at = name + " after " + (window + 1);
        assertThat(totals).as(at).containsExactly(numbers(expected.get("totals")));
        relativelyClose(at + " phi", dispersion.phi(), number(expected, "phi"));
        close(at, harm.logE(Tempering.NONE), number(expected, "logE_nogo_raw"));
        close(at, harm.logE(dispersion), number(expected, "logE_nogo"));
        close(at, safe.logE(Tempering.NONE), number(expected, "logE_go_raw"));
        close(at, safe.logE(dispersion), number(expected, "logE_go"));
        assertThat(harm.logE(dispersion) >= line).isEqualTo(expected.get("nogo").asBoolean());
        assertThat(safe.logE(dispersion) >= line).isEqualTo(expected.get("go").asBoolean());
        compared++;
      }
    }
    assertThat(compared).as(name).isEqualTo(trace.size()).isPositive();
  }

  /**
   * The vectors number the edges gamma^i of a histogram whose first bucket, up to edge 0, is no
   * candidate: zeros here. Their histogram ends with the second-last bucket's edge, beyond which a
   * threshold is not pushed.
   */
  private static void quantileThreshold(String name, JsonNode in, JsonNode out) {
    double q = number(in, "q");
    double gamma = number(in, "gamma");
    double[] trailingCounts = numbers(in.get("trailing_baseline"));
    double[] canaryCounts = numbers(in.get("canary_bucket"));
    int buckets = trailingCounts.length;
    double[] edges = new double[buckets + 6];
    for (int i = 0; i < edges.length; i++) {
      edges[i] = StrictMath.pow(gamma, i + 1);
    }
    DistributionAggregate baseline = histogram(edges, trailingCounts);
    DistributionAggregate canary = histogram(edges, canaryCounts);
    TrailingDistribution trailing = new TrailingDistribution(60);
    trailing.add(withLayout(new DistributionAggregate(), edges)); // known from earlier windows
    for (int i = 0; i < 6000; i++) {
      trailing.passWindow();
    }
    trailing.add(baseline);

    double x = ComparisonPoint.nearest(trailing.cut(1 - q), q);
    int edge = index(edges, x);
    assertThat(edge).as(name).isEqualTo(out.get("edge_index").asInt());
    double kB = number(out, "kB");
    assertThat(baseline.atLeastAbove(x)).as(name).isEqualTo((long) kB);
    assertThat(baseline.atMostAbove(x)).as(name).isEqualTo((long) kB);

    double lastEdge = edges[buckets - 3];
    for (double rho : new double[] {1, 1.05, 1.1}) {
      JsonNode expected = out.get("rho=" + (rho == 1 ? "1" : String.valueOf(rho)));
      double up = nextEdge(canary, rho * x * (1 - 1e-9), edges);
      double down = previousEdge(canary, rho * x * (1 + 1e-9), edges);
      assertThat(index(edges, up) - edge).isEqualTo(expected.get("shift_nogo").asInt());
      assertThat(index(edges, down) - edge).isEqualTo(expected.get("shift_go").asInt());
      assertThat(canary.atLeastAbove(Math.min(up, lastEdge)))
          .as(name + " " + rho)
          .isEqualTo(expected.get("kC_nogo").asLong());
      assertThat(canary.atMostAbove(Math.min(down, lastEdge)))
          .as(name + " " + rho)
          .isEqualTo(expected.get("kC_go").asLong());
    }
  }

  private static double nextEdge(DistributionAggregate values, double y, double[] edges) {
    return withLayout(values, edges).nextEdgeAtOrAbove(y);
  }

  private static double previousEdge(DistributionAggregate values, double y, double[] edges) {
    return withLayout(values, edges).edgeAtOrBelow(y);
  }

  /** A histogram of zeros only has no edges of its own. */
  private static DistributionAggregate withLayout(DistributionAggregate values, double[] edges) {
    long[] one = new long[edges.length + 1];
    one[0] = 1;
    DistributionAggregate more = values.copy();
    more.addExplicit(edges, one);
    return more;
  }

  private static DistributionAggregate histogram(double[] edges, double[] counts) {
    DistributionAggregate values = new DistributionAggregate();
    values.addValue(0, (long) counts[0]);
    long[] inBuckets = new long[edges.length + 1];
    for (int i = 1; i < counts.length; i++) {
      inBuckets[i - 1] = (long) counts[i];
    }
    values.addExplicit(edges, inBuckets);
    return values;
  }

  private static int index(double[] edges, double edge) {
    for (int i = 0; i < edges.length; i++) {
      if (edges[i] == edge) {
        return i + 1;
      }
    }
    throw new AssertionError("no edge: " + edge);
  }

  private static void combine(String name, JsonNode in, JsonNode out) {
    double[] logE = numbers(in.get("logE"));
    close(name, LogSpace.logMeanExp(logE), number(out, "average_logE"));
    double[] weights = new double[logE.length];
    Arrays.fill(weights, 1.0 / logE.length);
    close(name, LogSpace.logWeightedSumExp(logE, weights), number(out, "average_logE"));
    assertThat(Arrays.stream(logE).min()).hasValue(number(out, "min_logE"));
    assertThat(Arrays.stream(logE).max()).hasValue(number(out, "max_logE"));
  }

  private static void grid(String name, JsonNode in, JsonNode out) {
    double[] expected = numbers(out.get("m"));
    assertThat(expected).hasSize(Alternatives.SIZE);
    for (int j = 0; j < Alternatives.SIZE; j++) {
      relativelyClose(name, alternatives(in).multiplier(j), expected[j]);
      relativelyClose(name, 1 + alternatives(in).excess(j), expected[j]);
    }
  }

  private static void restartLogWeight(String name, JsonNode in, JsonNode out) {
    double[] k = numbers(in.get("k"));
    double[] expected = numbers(out.get("logw"));
    for (int i = 0; i < k.length; i++) {
      close(name, Epochs.openEndedLogWeight((long) k[i], 1 - number(in, "w0")), expected[i]);
    }
  }

  private static void evidence(String name, double logE, JsonNode out) {
    close(name, logE, number(out, "logE"));
    double relative = TOLERANCE * Math.max(1, Math.abs(number(out, "logE")));
    if (out.get("eValue").asText().equals("overflow: use logE")) {
      assertThat(StrictMath.exp(logE)).isInfinite();
    } else {
      double eValue = number(out, "eValue");
      assertThat(Math.abs(StrictMath.exp(logE) - eValue)).isLessThanOrEqualTo(relative * eValue);
    }
    double p = number(out, "pValueInstant");
    assertThat(Math.abs(Intervals.pValue(logE) - p)).isLessThanOrEqualTo(relative * p);
    assertThat(logE >= LOG_100).isEqualTo(out.get("crosses_log100").asBoolean());
  }

  private static void add(Dispersion dispersion, Arm arm, double[] totals, double[] events) {
    for (int i = 0; i < totals.length; i++) {
      dispersion.add(arm, i, totals[i], events[i]);
    }
  }

  private static Alternatives alternatives(JsonNode in) {
    return switch (in.get("direction").asText()) {
      case "UP" -> Alternatives.UP;
      case "DN" -> Alternatives.DN;
      default -> throw new AssertionError(in.get("direction"));
    };
  }

  private static double number(JsonNode node, String field) {
    JsonNode value = Objects.requireNonNull(node.get(field), field);
    if (value.isTextual()) {
      assertThat(value.asText()).isEqualTo("inf");
      return Double.POSITIVE_INFINITY;
    }
    assertThat(value.isNumber()).as(field).isTrue();
    return value.asDouble();
  }

  private static double[] numbers(JsonNode array) {
    double[] numbers = new double[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = array.get(i).asDouble();
    }
    return numbers;
  }

  /** Within 1e-9, absolutely or relatively. */
  private static void close(String name, double actual, double expected) {
    assertThat(Math.abs(actual - expected))
        .as("%s: %s, expected %s", name, actual, expected)
        .isLessThanOrEqualTo(TOLERANCE * Math.max(1, Math.abs(expected)));
  }

  private static void relativelyClose(String name, double actual, double expected) {
    if (actual != expected) {
      assertThat(Math.abs(actual - expected))
          .as("%s: %s, expected %s", name, actual, expected)
          .isLessThanOrEqualTo(TOLERANCE * Math.abs(expected));
    }
  }
}
