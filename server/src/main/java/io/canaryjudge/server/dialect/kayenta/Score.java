package io.canaryjudge.server.dialect.kayenta;

import io.canaryjudge.server.dialect.kayenta.JudgedMetric.Label;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The score of a canary, as Kayenta documents it: of each group the percentage of its metrics that
 * pass, and of these the sum by the weights of the groups. Muted metrics do not count, a group
 * without data counts as passed, half of the metrics without data and a critical failure make 0.
 *
 * <p>Metrics that are not decided are something that Kayenta's own judge does not know: it passes
 * them. Here they neither pass nor fail: they keep a score from passing, and do not take it below
 * marginal.
 *
 * @param score in [0, 100]
 * @param reason why it is not just the sum; empty if it is
 * @param groups score of each group, by name
 */
record Score(double score, String reason, SortedMap<String, Double> groups) {

  private static final double ALL = 100;

  /** Weighs metrics. */
  static Score of(CanaryConfig config, ScoreThresholds thresholds, List<JudgedMetric> metrics) {
    List<JudgedMetric> counted = metrics.stream().filter(m -> !m.metric().muted()).toList();
    SortedMap<String, Double> groups = groups(counted, false);
    Optional<JudgedMetric> fatal = counted.stream().filter(JudgedMetric::fatal).findFirst();
    if (fatal.isPresent()) {
      JudgedMetric metric = fatal.get();
      return new Score(
          0, "critical metric " + metric.metric().name() + ": " + metric.reason(), groups);
    }
    long without =
        counted.stream().filter(m -> m.label() == Label.NODATA && !m.undecided()).count();
    if (2 * without >= counted.size()) {
      return new Score(
          0,
          without == 0
              ? "no metric counts: all of them are muted, or there are none"
              : without + " of " + counted.size() + " metrics have no data: half of them or more",
          groups);
    }
    double least = sum(config, metrics, groups);
    double most = sum(config, metrics, groups(counted, true));
    long undecided = counted.stream().filter(JudgedMetric::undecided).count();
    double score =
        undecided == 0 || least >= thresholds.marginal()
            ? least
            : most < thresholds.marginal() ? most : Math.min(most, thresholds.inconclusive());
    return new Score(
        round(score),
        undecided == 0
            ? ""
            : undecided
                + " of "
                + counted.size()
                + " metrics are not decided: they do not pass, and do not fail",
        groups);
  }

  private static SortedMap<String, Double> groups(
      List<JudgedMetric> metrics, boolean undecidedPass) {
    SortedMap<String, List<JudgedMetric>> members = new TreeMap<>();
    for (JudgedMetric metric : metrics) {
      for (String group : metric.metric().groups()) {
        List<JudgedMetric> list = members.computeIfAbsent(group, _ -> new ArrayList<>());
        if (metric.counts()) {
          list.add(metric);
        }
      }
    }
    SortedMap<String, Double> scores = new TreeMap<>();
    members.forEach(
        (group, list) -> {
          long passed =
              list.stream()
                  .filter(m -> m.label() == Label.PASS || (undecidedPass && m.undecided()))
                  .count();
          scores.put(group, list.isEmpty() ? ALL : ALL * passed / list.size());
        });
    return scores;
  }

  /** A group whose metrics are all muted is left out, with its weight: it does not count. */
  private static double sum(
      CanaryConfig config, List<JudgedMetric> metrics, SortedMap<String, Double> groups) {
    SortedMap<String, Double> weights = weights(config, metrics);
    double whole = 0;
    double sum = 0;
    for (String group : weights.keySet()) {
      double weight = weights.getOrDefault(group, 0.0);
      boolean muted = onlyMuted(group, metrics);
      whole += muted ? 0 : weight;
      sum += muted ? 0 : weight * groups.getOrDefault(group, ALL);
    }
    return whole > 0 ? sum / whole : 0;
  }

  private static boolean onlyMuted(String group, List<JudgedMetric> metrics) {
    List<JudgedMetric> members =
        metrics.stream().filter(m -> m.metric().groups().contains(group)).toList();
    return members.stream().allMatch(m -> m.metric().muted());
  }

  /** Groups without a weight share what the others leave of 100. */
  static SortedMap<String, Double> weights(CanaryConfig config, List<JudgedMetric> metrics) {
    SortedSet<String> present = new TreeSet<>();
    metrics.forEach(m -> present.addAll(m.metric().groups()));
    return weights(config, present);
  }

  static SortedMap<String, Double> weights(CanaryConfig config, SortedSet<String> present) {
    double given = config.groupWeights().values().stream().mapToDouble(w -> w).sum();
    long without = present.stream().filter(g -> !config.groupWeights().containsKey(g)).count();
    SortedMap<String, Double> weights = new TreeMap<>();
    for (String group : present) {
      weights.put(
          group, config.groupWeights().getOrDefault(group, Math.max(0, ALL - given) / without));
    }
    return weights;
  }

  private static double round(double score) {
    return Math.round(score * ALL) / ALL;
  }
}
