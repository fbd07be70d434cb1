package io.canaryjudge.server.dialect.kayenta;

import com.fasterxml.jackson.databind.JsonNode;
import io.canaryjudge.server.dialect.JsonTree;
import java.util.List;
import java.util.OptionalDouble;

/**
 * One metric of a canary config.
 *
 * @param name name; not empty
 * @param groups what it counts for
 * @param query where Kayenta gets it
 * @param direction which change does harm
 * @param replaceMissing whether a missing point is a zero ({@code nanStrategy: replace}) or none
 * @param mustHaveData whether no data at all is a failure
 * @param critical whether its failure fails the canary
 * @param muted whether it is only shown
 * @param shares whether the effect sizes are shares of pairs (CLES) and not ratios
 * @param allowedIncrease effect up to which an increase is no failure; empty for the default
 * @param allowedDecrease the same for a decrease
 * @param criticalIncrease effect from which the failure of a critical metric fails the canary
 * @param criticalDecrease the same for a decrease
 * @param outlierFactor interquartile ranges beyond which points are left out; empty to keep all
 */
record CanaryMetric(
    String name,
    List<String> groups,
    JsonNode query,
    Direction direction,
    boolean replaceMissing,
    boolean mustHaveData,
    boolean critical,
    boolean muted,
    boolean shares,
    OptionalDouble allowedIncrease,
    OptionalDouble allowedDecrease,
    OptionalDouble criticalIncrease,
    OptionalDouble criticalDecrease,
    OptionalDouble outlierFactor) {

  /** Group of the metrics that name none. */
  static final String UNGROUPED = "ungrouped";

  private static final int MAX_GROUPS = 32;
  private static final double OUTLIER_FACTOR = 3;

  /** Which change does harm. */
  enum Direction {
    INCREASE,
    DECREASE,
    EITHER
  }

  /** Copies the groups. */
  CanaryMetric {
    groups = groups.isEmpty() ? List.of(UNGROUPED) : List.copyOf(groups);
  }

  static CanaryMetric read(JsonTree tree) {
    String name = tree.text("name", "");
    if (name.isBlank()) {
      tree.refuse("name", "missing", "a name");
    }
    JsonTree canary = tree.object("analysisConfigurations").object("canary");
    JsonTree effect = canary.object("effectSize");
    boolean shares = effect.choice("measure", "meanratio", "cles").equals("cles");
    JsonTree outliers = canary.object("outliers");
    boolean removes = outliers.choice("strategy", "none", "keep", "remove").equals("remove");
    double factor = outliers.number("outlierFactor", OUTLIER_FACTOR, 0, 1e6);
    return new CanaryMetric(
        name,
        tree.texts("groups", MAX_GROUPS),
        tree.node().path("query"),
        direction(canary.choice("direction", "either", "increase", "decrease")),
        canary.choice("nanStrategy", "none", "remove", "replace").equals("replace"),
        canary.flag("mustHaveData"),
        canary.flag("critical"),
        canary.flag("muted"),
        shares,
        effect(effect, "allowedIncrease", shares ? 0 : 1, shares),
        effect(effect, "allowedDecrease", 0, true),
        effect(effect, "criticalIncrease", shares ? 0 : 1, shares),
        effect(effect, "criticalDecrease", 0, true),
        removes ? OptionalDouble.of(factor) : OptionalDouble.empty());
  }

  private static Direction direction(String text) {
    return switch (text) {
      case "increase" -> Direction.INCREASE;
      case "decrease" -> Direction.DECREASE;
      default -> Direction.EITHER;
    };
  }

  /** An increase is a ratio of at least 1; a decrease one of at most 1; a share is below 1. */
  private static OptionalDouble effect(JsonTree tree, String key, double least, boolean atMostOne) {
    OptionalDouble effect = tree.number(key);
    if (effect.isPresent()
        && !(effect.getAsDouble() >= least && effect.getAsDouble() <= (atMostOne ? 1 : 1e6))) {
      tree.refuse(key, effect.getAsDouble(), "in [" + least + ", " + (atMostOne ? 1 : 1e6) + "]");
      return OptionalDouble.empty();
    }
    return effect;
  }

  /** Whether an increase does harm. */
  boolean harmfulUp() {
    return direction != Direction.DECREASE;
  }

  /** Whether a decrease does harm. */
  boolean harmfulDown() {
    return direction != Direction.INCREASE;
  }
}
