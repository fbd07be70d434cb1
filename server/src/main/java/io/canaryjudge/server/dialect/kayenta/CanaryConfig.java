package io.canaryjudge.server.dialect.kayenta;

import io.canaryjudge.server.dialect.JsonTree;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A canary config of Kayenta.
 *
 * @param name name for people; not empty
 * @param description may be empty
 * @param applications what it is for
 * @param judge name of the judge that it asks for; may be empty
 * @param settings of this judge
 * @param metrics at least one, with distinct names
 * @param groupWeights percent of the score by group; groups that are missing share the rest
 * @param pass score from which it passes; empty if the request says so instead
 * @param marginal score from which it is marginal; likewise
 */
record CanaryConfig(
    String name,
    String description,
    List<String> applications,
    String judge,
    PairedSettings settings,
    List<CanaryMetric> metrics,
    SortedMap<String, Double> groupWeights,
    OptionalDouble pass,
    OptionalDouble marginal) {

  /** More metrics than any config in use has. */
  static final int MAX_METRICS = 500;

  /** Copies the collections. */
  CanaryConfig {
    applications = List.copyOf(applications);
    metrics = List.copyOf(metrics);
    groupWeights = Collections.unmodifiableSortedMap(new TreeMap<>(groupWeights));
  }

  /** Reads one; what is wrong with it is noted in the tree. */
  static CanaryConfig read(JsonTree tree) {
    String name = tree.text("name", "");
    if (name.isBlank()) {
      tree.refuse("name", "missing", "a name");
    }
    List<CanaryMetric> metrics = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (JsonTree metric : tree.objects("metrics", MAX_METRICS)) {
      CanaryMetric read = CanaryMetric.read(metric);
      if (names.contains(read.name())) {
        metric.refuse("name", read.name(), "a name that no other metric has");
      }
      names.add(read.name());
      metrics.add(read);
    }
    if (metrics.isEmpty()) {
      tree.refuse("metrics", "none", "at least one");
    }
    JsonTree classifier = tree.object("classifier");
    JsonTree thresholds = classifier.object("scoreThresholds");
    JsonTree judge = tree.object("judge");
    return new CanaryConfig(
        name,
        tree.text("description", ""),
        tree.texts("applications", MAX_METRICS),
        judge.text("name", ""),
        PairedSettings.read(judge.object("judgeConfigurations")),
        metrics,
        weights(classifier.object("groupWeights")),
        thresholds.number("pass"),
        thresholds.number("marginal"));
  }

  private static SortedMap<String, Double> weights(JsonTree tree) {
    SortedMap<String, Double> weights = new TreeMap<>();
    tree.node()
        .fieldNames()
        .forEachRemaining(
            group -> {
              double weight = tree.number(group).orElse(0);
              if (!(weight >= 0 && weight <= 100)) {
                tree.refuse(group, weight, "percent, in [0, 100]");
              }
              weights.put(group, weight);
            });
    double sum = weights.values().stream().mapToDouble(Double::doubleValue).sum();
    if (!(sum <= 100.01)) {
      tree.refuse("", "weights of " + sum + " together", "at most 100");
    }
    return weights;
  }
}
