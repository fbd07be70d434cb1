package io.canaryjudge.server.dialect.kayenta;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.server.dialect.kayenta.CanaryMetric.Direction;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.function.UnaryOperator;

/** One metric of a canary config as metrics of a policy: two if both directions do harm. */
final class MetricImport {

  private static final double TOLERANCE = 0.1;
  private static final double RATE_TOLERANCE = 0.5;
  private static final double RATE_FLOOR = 0.005;
  private static final double GO_AT_MEDIAN = 0.25;
  private static final double GO_AT_P95 = 0.5;
  private static final double MEDIAN = 0.5;
  private static final double P95 = 0.95;

  private final CanaryMetric metric;
  private final String path;
  private final boolean decides;
  private final double share;
  private final List<ImportNote> notes;

  /**
   * Imports one.
   *
   * @param path of it in the config
   * @param decides whether it decides
   * @param share percent of the score that it can take
   * @param notes where to say what cannot be carried over
   */
  MetricImport(
      CanaryMetric metric, String path, boolean decides, double share, List<ImportNote> notes) {
    this.metric = metric;
    this.path = path;
    this.decides = decides;
    this.share = share;
    this.notes = notes;
  }

  void addTo(ArrayNode metrics, UnaryOperator<String> unique) {
    QueryImport query = QueryImport.of(metric.query());
    switch (query.kind()) {
      case RATE -> {
        note("query", query.remark());
        return;
      }
      case FAILURES, VALUES, TIMES, UNKNOWN -> {
        if (!query.remark().isEmpty()) {
          note("query", query.remark());
        }
      }
    }
    settings();
    if (query.kind() == QueryImport.Kind.FAILURES) {
      if (metric.direction() != Direction.INCREASE) {
        note("analysisConfigurations.canary.direction", "fewer failures are no harm: increase");
      }
      add(metrics, unique.apply(PolicyImport.metricName(metric.name())), query, true);
      return;
    }
    if (metric.harmfulUp()) {
      add(metrics, unique.apply(PolicyImport.metricName(metric.name())), query, true);
    }
    if (metric.harmfulDown()) {
      String name = metric.harmfulUp() ? metric.name() + ".low" : metric.name();
      add(metrics, unique.apply(PolicyImport.metricName(name)), query, false);
    }
  }

  private void add(ArrayNode metrics, String name, QueryImport query, boolean increase) {
    ObjectNode json = metrics.addObject().put("name", name);
    boolean proportion = query.kind() == QueryImport.Kind.FAILURES;
    json.put("kind", proportion ? "proportion" : "distribution").put("unit", query.unit());
    json.put("harmful_direction", increase ? "increase" : "decrease");
    json.put("role", decides ? "decides" : "warns");
    if (decides && share > 0) {
      json.put("weight", round(share));
    }
    ObjectNode threshold = json.putArray("thresholds").addObject();
    double relative = relative(proportion, increase);
    if (!proportion) {
      threshold.put("quantile", quantile(query));
    }
    threshold.put("relative", relative);
    if (proportion) {
      threshold.put("floor", RATE_FLOOR);
    } else {
      double go = query.kind() == QueryImport.Kind.TIMES ? GO_AT_P95 : GO_AT_MEDIAN;
      if (go > relative) {
        threshold.putObject("go").put("relative", go);
      }
    }
    query.sources(json);
  }

  private static double quantile(QueryImport query) {
    return query.kind() == QueryImport.Kind.TIMES ? P95 : MEDIAN;
  }

  private double relative(boolean proportion, boolean increase) {
    double unset = proportion ? RATE_TOLERANCE : TOLERANCE;
    if (metric.shares()) {
      return unset;
    }
    double relative =
        increase
            ? metric.allowedIncrease().orElse(1 + unset) - 1
            : 1 - metric.allowedDecrease().orElse(1 - unset);
    // No change at all is nothing that a canary could be proven to keep to.
    return relative > 0 && relative < (increase ? 1e6 : 1) ? round(relative) : unset;
  }

  /** What is said of a metric and has no counterpart. */
  private void settings() {
    String canary = "analysisConfigurations.canary";
    if (metric.replaceMissing()) {
      note(
          canary + ".nanStrategy",
          "replace: a missing reading stays missing here, since it is not known to be zero; no"
              + " failures among requests that are counted is zero");
    }
    if (metric.outlierFactor().isPresent()) {
      note(
          canary + ".outliers",
          "nothing is removed: quantiles and shares do not move with single wild values");
    }
    if (metric.shares()) {
      note(
          canary + ".effectSize",
          "CLES is a share of pairs of points; the tolerance is the default, of the typical value");
    } else if (metric.allowedIncrease().isEmpty() && metric.allowedDecrease().isEmpty()) {
      note(
          canary + ".effectSize",
          "none, so any significant change fails there; here the tolerance is the default: edit"
              + " it");
    }
    if (metric.criticalIncrease().isPresent() || metric.criticalDecrease().isPresent()) {
      note(
          canary + ".effectSize",
          "critical effects are not told from others: beyond tolerance is NO_GO");
    }
    if (metric.muted()) {
      note(canary + ".muted", "judged and shown, and decides nothing (role warns)");
    } else if (!decides) {
      note(
          "groups",
          "its weight alone could never fail the canary, so it warns; several that fail together"
              + " did there, and do not here");
    } else if (!metric.critical()) {
      note(
          "groups",
          "its weight of "
              + round(share)
              + " % is its share of alpha; its failure alone is NO_GO, where it may have been"
              + " marginal");
    }
    if (metric.mustHaveData()) {
      note(
          canary + ".mustHaveData",
          "for the whole policy: a canary that falls silent is NO_GO, and no metric is GO without"
              + " data");
    }
  }

  private void note(String field, String what) {
    notes.add(new ImportNote(path + "." + field + " (" + metric.name() + ")", what));
  }

  private static double round(double number) {
    return BigDecimal.valueOf(number).setScale(4, RoundingMode.HALF_UP).doubleValue();
  }
}
