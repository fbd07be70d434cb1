package io.canaryjudge.server.dialect.kayenta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.server.dialect.JsonTree;
import io.canaryjudge.server.error.JudgeException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an existing Kayenta gets for the series that it fetched. */
class RemoteJudgeTest {

  private static final int POINTS = 60;

  /** The first of the cases that Kayenta's own tests label: 40..45 against 39..46 passes. */
  @RepeatedTest(20)
  void aCanaryLikeItsBaselinePasses(RepetitionInfo repetition) {
    Request request = new Request();
    int seed = repetition.getCurrentRepetition();
    request.metric("cpu", "system", "{}", uniform(40, 45, seed), uniform(39, 46, seed + 1_000));

    JsonNode result = request.judge();

    assertThat(label(result, 0)).isEqualTo("Pass");
    assertThat(result.at("/score/score").asDouble()).isEqualTo(100);
    assertThat(result.at("/score/classification").asText()).isEqualTo("Pass");
  }

  /** The second: 10..20 against 20..23, critical, scores 0. */
  @RepeatedTest(20)
  void aCriticalMetricThatFailsMakesTheScoreZero(RepetitionInfo repetition) {
    Request request = new Request();
    int seed = repetition.getCurrentRepetition();
    request.metric("fine", "system", "{}", uniform(40, 45, seed), uniform(39, 46, seed + 1_000));
    request.metric(
        "bad",
        "system",
        "{\"critical\": true, \"direction\": \"increase\"}",
        uniform(10, 20, seed + 2_000),
        uniform(20, 23, seed + 3_000));

    JsonNode result = request.judge();

    assertThat(label(result, 1)).isEqualTo("High");
    assertThat(result.at("/results/1/critical").asBoolean()).isTrue();
    assertThat(result.at("/score/score").asDouble()).isZero();
    assertThat(result.at("/score/classification").asText()).isEqualTo("Fail");
    assertThat(result.at("/score/classificationReason").asText()).contains("bad");
  }

  /** The third: a muted metric that fails does not count, whatever its group weighs. */
  @Test
  void aMutedMetricThatFailsDoesNotCount() {
    Request request = new Request();
    request.weights.put("system", 60).put("latency", 40);
    request.metric("fine", "system", "{}", uniform(40, 45, 1), uniform(39, 46, 2));
    request.metric(
        "bad",
        "latency",
        "{\"muted\": true, \"critical\": true}",
        uniform(10, 20, 3),
        uniform(20, 23, 4));

    JsonNode result = request.judge();

    assertThat(label(result, 1)).isEqualTo("High");
    assertThat(result.at("/results/1/muted").asBoolean()).isTrue();
    assertThat(result.at("/score/score").asDouble()).isEqualTo(100);
  }

  @Test
  void theAnswerHasTheShapeThatKayentaAndOrcaRead() {
    Request request = new Request();
    request.metric("cpu", "system", "{}", uniform(40, 45, 1), uniform(39, 46, 2));
    request.metric("none", "system", "{}", new double[0], new double[0]);
    request.metric("mem", "memory", "{}", uniform(5, 6, 5), uniform(5, 6, 6));

    JsonNode result = request.judge();

    assertThat(result.fieldNames())
        .toIterable()
        .containsExactly("judgeName", "results", "groupScores", "score");
    assertThat(result.at("/results").findValuesAsText("id"))
        .containsExactly("id-cpu", "id-none", "id-mem");
    for (JsonNode each : result.at("/results")) {
      assertThat(each.at("/controlMetadata/stats/count").isInt()).isTrue();
      assertThat(each.at("/experimentMetadata/stats/count").isInt()).isTrue();
      assertThat(each.at("/resultMetadata/ratio").isNumber()).isTrue();
      assertThat(each.at("/groups").size()).isEqualTo(1);
      assertThat(each.at("/tags/zone").asText()).isEqualTo("a");
    }
    assertThat(result.at("/results/0/controlMetadata/stats/count").asInt()).isEqualTo(POINTS);
    assertThat(result.at("/results/0/controlMetadata/stats/mean").asDouble()).isBetween(42.0, 43.0);
    assertThat(result.at("/results/0/controlMetadata/stats/std").asDouble()).isBetween(1.0, 2.0);
    assertThat(result.at("/results/0/classificationReason").asText())
        .contains("counts would have said more");
    assertThat(result.at("/groupScores").findValuesAsText("name"))
        .containsExactly("memory", "system");
    assertThat(result.at("/score/classificationReason").isTextual()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "increase, 1, 2, High",
    "increase, 2, 1, Pass",
    "decrease, 1, 2, Pass",
    "decrease, 2, 1, Low",
    "either, 1, 2, High",
    "either, 2, 1, Low",
    "either, 2, 2, Pass"
  })
  void onlyTheHarmfulDirectionFails(String direction, int control, int canary, String label) {
    Request request = new Request();
    request.metric(
        "m",
        "g",
        "{\"direction\": \"" + direction + "\"}",
        uniform(control, control * 1.05, 1),
        uniform(canary, canary * 1.05, 2));

    assertThat(label(request.judge(), 0)).isEqualTo(label);
  }

  @Test
  void effectSizesAreTheTolerance() {
    double[] control = uniform(10, 10.5, 1);
    double[] canary = uniform(12, 12.5, 2);
    Request request = new Request();
    request.metric("default", "g", "{}", control, canary);
    request.metric("wide", "g", effect("\"allowedIncrease\": 1.5"), control, canary);
    request.metric(
        "tight",
        "g",
        "{\"critical\": true, \"effectSize\": {\"allowedIncrease\": 1.05, \"criticalIncrease\":"
            + " 2}}",
        control,
        canary);
    request.metric(
        "share", "g", effect("\"measure\": \"cles\", \"allowedIncrease\": 0.8"), control, canary);

    JsonNode result = request.judge();

    assertThat(result.at("/results").findValuesAsText("classification"))
        .containsExactly("High", "Pass", "High", "High");
    assertThat(result.at("/results/2/critical").asBoolean())
        .as("high, but not as high as a critical failure")
        .isFalse();
    assertThat(result.at("/score/score").asDouble()).isEqualTo(25);
  }

  private static String effect(String json) {
    return "{\"direction\": \"increase\", \"effectSize\": {" + json + "}}";
  }

  @Test
  void missingPointsAreLeftOutOrZero() {
    double[] control = uniform(10, 11, 1);
    double[] holes = uniform(10, 11, 2);
    for (int i = 0; i < POINTS; i += 2) {
      holes[i] = Double.NaN;
    }
    double[] none = new double[POINTS];
    Arrays.fill(none, Double.NaN);
    Request request = new Request();
    request.metric("left out", "g", "{\"nanStrategy\": \"remove\"}", control, holes);
    request.metric("zero", "g", "{\"nanStrategy\": \"replace\"}", none, none);
    request.metric(
        "errors",
        "g",
        "{\"nanStrategy\": \"replace\", \"direction\": \"increase\"}",
        none,
        control);
    request.metric("nothing", "h", "{\"mustHaveData\": true}", control, none);
    request.metric("empty", "i", "{}", control, new double[0]);

    JsonNode result = request.judge();

    assertThat(result.at("/results").findValuesAsText("classification"))
        .containsExactly("Pass", "Pass", "High", "NodataFailMetric", "Nodata");
    assertThat(result.at("/results/0/experimentMetadata/stats/count").asInt())
        .isEqualTo(POINTS / 2);
    // Of three groups: two of three passed, none passed, and one without data, which counts as
    // passed.
    assertThat(result.at("/score/score").asDouble()).isEqualTo(55.56);
  }

  @Test
  void halfOfTheMetricsWithoutDataFailTheCanary() {
    Request request = new Request();
    request.metric("cpu", "g", "{}", uniform(40, 45, 1), uniform(39, 46, 2));
    request.metric("gone", "g", "{}", new double[0], new double[0]);

    JsonNode result = request.judge();

    assertThat(result.at("/score/score").asDouble()).isZero();
    assertThat(result.at("/score/classificationReason").asText()).contains("1 of 2 metrics");
  }

  @Test
  void aCriticalMetricWithoutDataFailsTheCanary() {
    Request request = new Request();
    for (int i = 0; i < 3; i++) {
      request.metric("fine " + i, "g", "{}", uniform(40, 45, i), uniform(39, 46, 10 + i));
    }
    request.metric("gone", "g", "{\"critical\": true}", new double[0], new double[0]);

    assertThat(request.judge().at("/score/score").asDouble()).isZero();
  }

  /** What Kayenta's own judge would pass. */
  @Test
  void whatIsNotDecidedIsMarginalAndNoPass() {
    Request request = new Request();
    request.metric("short", "g", "{}", new double[] {1, 1.1, 0.9}, new double[] {1, 1.1, 1});

    JsonNode result = request.judge();

    assertThat(label(result, 0)).isEqualTo("Nodata");
    assertThat(result.at("/results/0/classificationReason").asText())
        .startsWith("Not decided: ")
        .contains("3 pairs");
    assertThat(result.at("/score/classification").asText()).isEqualTo("Marginal");
    assertThat(result.at("/score/score").asDouble()).isEqualTo(85);

    request.thresholds = "{\"pass\": 95, \"marginal\": 95}";
    assertThat(request.judge().at("/score/classification").asText())
        .as("no room for a person between the thresholds")
        .isEqualTo("Fail");
  }

  @Test
  void oneSeriesForBothArmsIsNoPass() {
    double[] same = uniform(40, 45, 1);
    Request request = new Request();
    request.metric("cpu", "g", "{}", same, same);

    JsonNode result = request.judge();

    assertThat(result.at("/results/0/classificationReason").asText()).contains("very same points");
    assertThat(result.at("/score/classification").asText()).isEqualTo("Marginal");
  }

  @Test
  void pointsArePairedByTheirTimes() {
    double[] day = IntStream.range(0, POINTS).mapToDouble(i -> 100 * (1 + i)).toArray();
    double[] noise = uniform(0.99, 1.01, 3);
    double[] later =
        IntStream.range(0, POINTS).mapToDouble(i -> noise[i] * 100 * (11 + i)).toArray();
    Request request = new Request();
    request.metric("load", "g", "{}", day, later);
    ((ObjectNode) request.pairs.get(0).at("/scopes/experiment"))
        .put("startTimeMillis", 1_000_000_000_000L + 10 * 60_000 + 7_000);

    JsonNode result = request.judge();

    assertThat(label(result, 0)).isEqualTo("Pass");
    assertThat(result.at("/results/0/controlMetadata/stats/count").asInt()).isEqualTo(POINTS - 10);
  }

  @Test
  void aBaselineOfLastWeekIsPairedByTheTimeSinceItsStart() {
    Request request = new Request();
    request.metric("cpu", "g", "{}", uniform(40, 45, 1), uniform(39, 46, 2));
    ((ObjectNode) request.pairs.get(0).at("/scopes/control"))
        .put("startTimeMillis", 1_000_000_000_000L - 7L * 24 * 3_600_000);

    assertThat(label(request.judge(), 0)).isEqualTo("Pass");
  }

  @Test
  void stepsThatDifferCannotBePaired() {
    Request request = new Request();
    request.metric("cpu", "g", "{}", uniform(40, 45, 1), uniform(39, 46, 2));
    ((ObjectNode) request.pairs.get(0).at("/scopes/control")).put("stepMillis", 10_000);

    assertThat(label(request.judge(), 0)).isEqualTo("Error");
  }

  @Test
  void outliersAreRemovedWhereTheConfigSaysSo() {
    double[] wild = uniform(39, 46, 2);
    wild[7] = 1e9;
    Request request = new Request();
    String remove = "{\"outliers\": {\"strategy\": \"remove\", \"outlierFactor\": 3.0}}";
    request.metric("kept", "g", "{}", uniform(40, 45, 1), wild);
    request.metric("removed", "g", remove, uniform(40, 45, 1), wild);

    JsonNode result = request.judge();

    assertThat(result.at("/results/0/experimentMetadata/stats/max").asDouble()).isEqualTo(1e9);
    assertThat(result.at("/results/0/classification").asText())
        .as("one wild point counts as one")
        .isEqualTo("Pass");
    // The first and the last percent are never outliers alone, so the largest of 60 points is none.
    assertThat(result.at("/results/1/classification").asText()).isEqualTo("Pass");
  }

  @Test
  void everythingThatIsWrongIsSaidAtOnce() {
    Request request = new Request();
    request.metric("cpu", "g", "{\"direction\": \"up\"}", uniform(40, 45, 1), uniform(39, 46, 2));
    request.thresholds = "{\"pass\": 50, \"marginal\": 75}";
    ((ObjectNode) request.pairs.get(0)).put("name", "gpu");

    assertThatThrownBy(request::judge)
        .isInstanceOf(JudgeException.class)
        .hasMessageContaining("canaryConfig.metrics[0].analysisConfigurations.canary.direction: up")
        .hasMessageContaining("scoreThresholds.pass: 50.0 (expected: at least marginal, 75.0)")
        .hasMessageContaining("metricSetPairList[0].name: gpu");
    assertThatThrownBy(() -> JsonTree.parse("[]")).hasMessageContaining("a JSON object");
    assertThatThrownBy(() -> RemoteJudge.judge(JsonTree.parse("{}")))
        .hasMessageContaining("canaryConfig.metrics: none (expected: at least one)");
  }

  private static String label(JsonNode result, int index) {
    return result.at("/results/" + index + "/classification").asText();
  }

  private static double[] uniform(double low, double high, long seed) {
    Random random = new Random(seed);
    return DoubleStream.generate(() -> low + (high - low) * random.nextDouble())
        .limit(POINTS)
        .toArray();
  }

  /** As Kayenta writes it. */
  private static final class Request {

    private final ArrayNode metrics = JsonNodeFactory.instance.arrayNode();
    private final ArrayNode pairs = JsonNodeFactory.instance.arrayNode();
    private final ObjectNode weights = JsonNodeFactory.instance.objectNode();
    private String thresholds = "{\"pass\": 95.0, \"marginal\": 75.0}";

    void metric(String name, String group, String canary, double[] control, double[] experiment) {
      ObjectNode metric = metrics.addObject().put("name", name);
      metric.putArray("groups").add(group);
      metric.putObject("analysisConfigurations").set("canary", JsonTree.parse(canary).node());
      ObjectNode pair = pairs.addObject().put("name", name).put("id", "id-" + name);
      pair.putObject("tags").put("zone", "a");
      ObjectNode values = pair.putObject("values");
      ObjectNode scopes = pair.putObject("scopes");
      List.of("control", "experiment")
          .forEach(
              arm -> {
                ArrayNode points = values.putArray(arm);
                for (double point : arm.equals("control") ? control : experiment) {
                  if (Double.isNaN(point)) {
                    points.add("NaN");
                  } else {
                    points.add(point);
                  }
                }
                scopes
                    .putObject(arm)
                    .put("startTimeIso", "2001-09-09T01:46:40Z")
                    .put("startTimeMillis", 1_000_000_000_000L)
                    .put("stepMillis", 60_000);
              });
    }

    JsonNode judge() {
      ObjectNode request = JsonNodeFactory.instance.objectNode();
      ObjectNode config = request.putObject("canaryConfig").put("name", "test");
      config.set("metrics", metrics);
      config.putObject("judge").put("name", "RemoteJudge-v1.0").putObject("judgeConfigurations");
      config.putObject("classifier").set("groupWeights", weights);
      request.set("scoreThresholds", JsonTree.parse(thresholds).node());
      request.set("metricSetPairList", pairs);
      return RemoteJudge.judge(JsonTree.parse(request.toString()));
    }
  }
}
