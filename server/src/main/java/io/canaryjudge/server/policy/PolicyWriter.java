package io.canaryjudge.server.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NumericNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.canaryjudge.analysis.policy.DeploymentWindow;
import io.canaryjudge.analysis.policy.DurationText;
import io.canaryjudge.analysis.policy.Freeze;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.MetricSource;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.PolicySetting;
import io.canaryjudge.analysis.policy.ReleaseRules;
import io.canaryjudge.analysis.policy.RequiredCheck;
import io.canaryjudge.analysis.policy.RequiredGo;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import io.canaryjudge.analysis.policy.TrafficPlan;
import java.time.Instant;
import java.util.Locale;

/**
 * Writes valid policies, so that {@link PolicyReader} reads the equal policy again. Every value is
 * written, also where it is the default: a default that changes must not change a stored policy.
 */
public final class PolicyWriter {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
              .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
              .build());

  // From here on not every whole number is a double.
  private static final double MAX_WHOLE = 1L << 53;

  private PolicyWriter() {}

  /** The canonical form: keys in the order of {@code policy.proto}, numbers exact, no spaces. */
  public static String toJson(Policy policy) {
    return write(JSON, toTree(policy));
  }

  /** For people: the text of a policy file. */
  public static String toYaml(Policy policy) {
    return write(YAML, toTree(policy));
  }

  private static String write(ObjectMapper mapper, ObjectNode tree) {
    try {
      return mapper.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree in memory can be written", e);
    }
  }

  /** The tree that {@link PolicyReader#read(com.fasterxml.jackson.databind.JsonNode)} reads. */
  public static ObjectNode toTree(Policy policy) {
    ObjectNode tree = object();
    tree.put("name", policy.name());
    tree.put("description", policy.description());
    tree.set("alpha", number(policy.alpha()));
    tree.set("beta", number(policy.beta()));
    tree.put("window", DurationText.format(policy.windowMillis()));
    tree.put("lateness", DurationText.format(policy.latenessMillis()));
    tree.put("warm_up", DurationText.format(policy.warmUpMillis()));
    tree.put("minimum_step_time", DurationText.format(policy.minimumStepMillis()));
    tree.put("deadline", DurationText.format(policy.deadlineMillis()));
    tree.put("watch_after_go", DurationText.format(policy.watchAfterGoMillis()));
    tree.put("burst_guard", DurationText.format(policy.burstGuardMillis()));
    tree.set("minimum_coverage", number(policy.minimumCoverage()));
    tree.set("instance_coefficient_of_variation", number(policy.instanceCoefficientOfVariation()));
    tree.put("on_missing_data", lower(policy.onMissingData()));
    tree.put("on_inconclusive", lower(policy.onInconclusive()));
    ArrayNode metrics = tree.putArray("metrics");
    policy.metrics().forEach(metric -> metrics.add(metric(metric)));
    ArrayNode checks = tree.putArray("checks");
    policy.checks().forEach(check -> checks.add(check(check)));
    tree.set("traffic_plan", trafficPlan(policy.trafficPlan()));
    ArrayNode overridable = tree.putArray("overridable");
    for (PolicySetting setting : policy.overridable()) {
      overridable.add(lower(setting));
    }
    releaseRules(tree, policy.releaseRules());
    return tree;
  }

  /** Not written where there are none: what was stored before there were any stays the same. */
  private static void releaseRules(ObjectNode tree, ReleaseRules rules) {
    if (rules.requiredGo().isPresent()) {
      RequiredGo go = rules.requiredGo().get();
      ObjectNode node = tree.putObject("require_go_in");
      node.put("environment", go.environment());
      node.put("max_age", DurationText.format(go.maxAgeMillis()));
      node.put("accept_override", go.acceptOverride());
    }
    if (!rules.windows().isEmpty()) {
      ArrayNode windows = tree.putArray("deployment_windows");
      for (DeploymentWindow window : rules.windows()) {
        ObjectNode node = windows.addObject();
        ArrayNode days = node.putArray("days");
        window.days().forEach(day -> days.add(lower(day)));
        node.put("opens", time(window.opensMinute()));
        node.put("closes", time(window.closesMinute()));
        node.put("time_zone", window.timeZone());
      }
    }
    if (!rules.freezes().isEmpty()) {
      ArrayNode freezes = tree.putArray("freezes");
      for (Freeze freeze : rules.freezes()) {
        ObjectNode node = freezes.addObject();
        node.put("start_time", Instant.ofEpochMilli(freeze.startMillis()).toString());
        node.put("end_time", Instant.ofEpochMilli(freeze.endMillis()).toString());
        node.put("reason", freeze.reason());
      }
    }
  }

  private static String time(int minute) {
    return String.format(Locale.ROOT, "%02d:%02d", minute / 60, minute % 60);
  }

  private static ObjectNode metric(MetricPolicy metric) {
    ObjectNode tree = object();
    tree.put("name", metric.name());
    tree.put("kind", lower(metric.kind()));
    tree.put("unit", metric.unit());
    tree.put("harmful_direction", lower(metric.harmfulDirection()));
    tree.put("role", lower(metric.role()));
    tree.set("weight", number(metric.weight()));
    tree.put("during_warm_up", metric.duringWarmUp());
    tree.put("minimum_events", metric.minimumEvents());
    ArrayNode thresholds = tree.putArray("thresholds");
    metric.thresholds().forEach(threshold -> thresholds.add(threshold(threshold)));
    // Not written where there are none: what was stored before there were any stays the same.
    if (!metric.sources().isEmpty()) {
      ArrayNode sources = tree.putArray("sources");
      metric.sources().forEach(source -> sources.add(source(source)));
    }
    if (metric.strata() != null) {
      tree.putObject("strata")
          .put("label", metric.strata().label())
          .put("limit", metric.strata().limit());
    }
    return tree;
  }

  private static ObjectNode source(MetricSource source) {
    ObjectNode tree = object();
    tree.put("series", source.series());
    LabelMatchers.write(tree, "where", source.where());
    LabelMatchers.write(tree, "failures", source.failures());
    if (!source.failureSeries().isEmpty()) { // what was stored before there were any stays the same
      tree.put("failure_series", source.failureSeries());
    }
    return tree;
  }

  private static ObjectNode threshold(Threshold threshold) {
    ObjectNode tree = object();
    threshold.quantile().ifPresent(quantile -> tree.set("quantile", number(quantile)));
    tolerance(tree, threshold.noGo());
    if (!threshold.go().equals(threshold.noGo())) {
      tolerance(tree.putObject("go"), threshold.go());
    }
    if (threshold.sustainedMillis() != 0) {
      tree.put("sustained", DurationText.format(threshold.sustainedMillis()));
    }
    return tree;
  }

  private static void tolerance(ObjectNode tree, Tolerance tolerance) {
    switch (tolerance) {
      case Tolerance.Limit(double limit) -> tree.set("limit", number(limit));
      case Tolerance.Change(double relative, double absolute, double floor) -> {
        tree.set("relative", number(relative));
        tree.set("absolute", number(absolute));
        tree.set("floor", number(floor));
      }
    }
  }

  private static ObjectNode check(RequiredCheck check) {
    ObjectNode tree = object();
    tree.put("name", check.name());
    tree.put("failure_is_no_go", check.failureIsNoGo());
    // Not written where they are not used: what was stored before there were any stays the same.
    if (check.expiryIsNoGo()) {
      tree.put("expiry_is_no_go", true);
    }
    if (check.beforeStep() != RequiredCheck.NO_STEP) {
      tree.put("before_step", check.beforeStep());
    }
    if (check.deadlineMillis() != 0) {
      tree.put("deadline", DurationText.format(check.deadlineMillis()));
      tree.put("deadline_from", lower(check.deadlineFrom()));
    }
    return tree;
  }

  static ObjectNode trafficPlan(TrafficPlan plan) {
    ObjectNode tree = object();
    ArrayNode weights = tree.putArray("weights");
    plan.weights().forEach(weight -> weights.add(number(weight)));
    tree.put("verify_split", plan.verifySplit());
    return tree;
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** Without {@code .0}, except for the zero that has a sign. */
  private static NumericNode number(double value) {
    boolean whole =
        value == Math.rint(value)
            && Math.abs(value) < MAX_WHOLE
            && Double.compare(value, -0.0) != 0;
    return whole ? LongNode.valueOf((long) value) : DoubleNode.valueOf(value);
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
