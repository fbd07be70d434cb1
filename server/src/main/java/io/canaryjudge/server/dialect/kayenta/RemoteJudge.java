package io.canaryjudge.server.dialect.kayenta;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.server.dialect.JsonTree;
import io.canaryjudge.server.dialect.kayenta.JudgedMetric.Label;
import io.canaryjudge.server.error.JudgeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Judges series that a Kayenta fetched: what {@code RemoteJudge-v1.0} is asked, and a {@code
 * CanaryJudgeResult}. Keeps nothing, and knows only what is in the request.
 */
final class RemoteJudge {

  private static final String NAME = "canary-judge";

  private RemoteJudge() {}

  /**
   * Judges.
   *
   * @param request {@code canaryConfig}, {@code scoreThresholds}, {@code metricSetPairList}
   * @throws JudgeException {@code INVALID_FIELD} with everything that is wrong with it
   */
  static ObjectNode judge(JsonTree request) {
    CanaryConfig config = CanaryConfig.read(request.object("canaryConfig"));
    ScoreThresholds thresholds = ScoreThresholds.read(request.object("scoreThresholds"));
    List<JudgedMetric> judged = new ArrayList<>();
    List<ObjectNode> results = new ArrayList<>();
    Map<String, CanaryMetric> metrics =
        config.metrics().stream()
            .collect(Collectors.toMap(CanaryMetric::name, Function.identity(), (a, _) -> a));
    long counted = Math.max(1, metrics.values().stream().filter(m -> !m.muted()).count());
    PairedMetrics paired = new PairedMetrics(config.settings(), counted);
    for (JsonTree pair : request.objects("metricSetPairList", CanaryConfig.MAX_METRICS)) {
      CanaryMetric metric = metrics.get(pair.text("name", ""));
      if (metric == null) {
        pair.refuse("name", pair.text("name", "missing"), "the name of a metric of the config");
        continue;
      }
      JudgedMetric result = paired.judge(metric, pair.text("id", ""), PairedPoints.read(pair));
      judged.add(result);
      results.add(json(result, pair));
    }
    request.orThrow();
    return json(Score.of(config, thresholds, judged), thresholds, results);
  }

  private static ObjectNode json(
      Score score, ScoreThresholds thresholds, List<ObjectNode> results) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("judgeName", NAME);
    json.putArray("results").addAll(results);
    ArrayNode groups = json.putArray("groupScores");
    score
        .groups()
        .forEach(
            (group, value) ->
                groups
                    .addObject()
                    .put("name", group)
                    .put("score", value)
                    .put("classification", "")
                    .put("classificationReason", ""));
    json.putObject("score")
        .put("score", score.score())
        .put("classification", thresholds.word(score.score()))
        .put("classificationReason", score.reason());
    return json;
  }

  private static ObjectNode json(JudgedMetric judged, JsonTree pair) {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("name", judged.metric().name())
            .put("id", judged.id());
    json.set("tags", pair.object("tags").node().deepCopy());
    if (!pair.has("tags")) {
      json.putObject("tags");
    }
    json.put("classification", judged.label().word())
        .put("classificationReason", judged.reason())
        .put("critical", judged.fatal())
        .put("muted", judged.metric().muted());
    judged.metric().groups().forEach(json.withArray("/groups")::add);
    json.putObject("experimentMetadata").set("stats", stats(judged.points().experiment()));
    json.putObject("controlMetadata").set("stats", stats(judged.points().control()));
    ObjectNode result = json.putObject("resultMetadata");
    double ratio = judged.points().meanRatio();
    result.put("ratio", Double.isNaN(ratio) || judged.label() == Label.NODATA ? 1 : ratio);
    return json;
  }

  /** With {@code count} always: Orca reads it of every metric. */
  private static ObjectNode stats(double[] points) {
    ObjectNode stats = JsonNodeFactory.instance.objectNode().put("count", points.length);
    if (points.length == 0) {
      return stats;
    }
    DoubleSummaryStatistics summary = Arrays.stream(points).summaryStatistics();
    double mean = summary.getAverage();
    double squares = Arrays.stream(points).map(p -> (p - mean) * (p - mean)).sum();
    double[] sorted = Arrays.stream(points).sorted().toArray();
    double middle = (sorted[(points.length - 1) / 2] + sorted[points.length / 2]) / 2;
    put(stats, "mean", mean);
    put(stats, "min", summary.getMin());
    put(stats, "max", summary.getMax());
    put(stats, "median", middle);
    put(stats, "std", points.length < 2 ? 0 : Math.sqrt(squares / (points.length - 1)));
    return stats;
  }

  /** JSON has no infinities, which sums of the largest numbers are. */
  private static void put(ObjectNode stats, String key, double value) {
    if (Double.isFinite(value)) {
      stats.put(key, value);
    }
  }
}
