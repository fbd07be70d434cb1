package io.canaryjudge.server.dialect.kayenta;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.server.dialect.JsonTree;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.policy.PolicyFindings;
import io.canaryjudge.server.policy.PolicyReader;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Makes a policy of a canary config, and says what could not be carried over.
 *
 * <p>The two judge by different things, so much of it is a translation: a metric that fails the
 * canary by its weight decides, one that never could do so alone warns, and its share of the
 * weights becomes its share of alpha. What a query says is carried over as far as it names a series
 * that we can be given; counters of failures become proportions of all requests.
 *
 * @param policy tree of a policy, for {@link PolicyReader#read}
 * @param notes what could not be carried over, in the order of the config
 * @param ofView whether the config is a view of a policy of ours, and not one of Kayenta
 */
public record PolicyImport(ObjectNode policy, List<ImportNote> notes, boolean ofView) {

  private static final double PASS = 95;
  private static final double ALPHA = 0.01;
  private static final double BETA = 0.05;
  private static final int MAX_NAME = 63;
  private static final int MAX_DESCRIPTION = 1_000;

  /** Copies the notes. */
  public PolicyImport {
    notes = List.copyOf(notes);
  }

  /**
   * Reads the text of a canary config, as Kayenta stores and Spinnaker exports it.
   *
   * @throws JudgeException {@code INVALID_FIELD} with everything that is wrong with it
   */
  public static PolicyImport of(String text) {
    return of(JsonTree.parse(text));
  }

  static PolicyImport of(JsonTree tree) {
    CanaryConfig config = CanaryConfig.read(tree);
    tree.orThrow();
    return new Work(config).run();
  }

  /** What is wrong with the policy, and what it would probably not do as it was meant. */
  public PolicyFindings findings() {
    return PolicyFindings.of(PolicyReader.read(policy));
  }

  private static final class Work {

    private final CanaryConfig config;
    private final List<ImportNote> notes = new ArrayList<>();
    private final Set<String> names = new LinkedHashSet<>();

    Work(CanaryConfig config) {
      this.config = config;
    }

    PolicyImport run() {
      ObjectNode policy = JsonNodeFactory.instance.objectNode();
      policy.put("name", name(config.name()));
      policy.put("description", description());
      policy.put("alpha", ALPHA).put("beta", BETA);
      // Points of a minute are the usual step of Kayenta's queries.
      policy.put("window", "60s").put("lateness", "120s");
      policy.put("deadline", "60m");
      boolean mustHaveData =
          config.metrics().stream().anyMatch(m -> m.critical() || m.mustHaveData());
      policy.put("on_missing_data", mustHaveData ? "no_go" : "inconclusive");
      policy.put("on_inconclusive", "hold");
      ofTheWhole();
      metrics(policy.putArray("metrics"));
      ArrayNode overridable = policy.putArray("overridable");
      List.of("deadline", "warm_up", "minimum_step_time", "traffic_plan", "window", "lateness")
          .forEach(overridable::add);
      return new PolicyImport(policy, notes, config.judge().equals(ConfigJson.JUDGE));
    }

    private void ofTheWhole() {
      if (!config.judge().isEmpty()) {
        note(
            "judge",
            config.judge()
                + " compares averages of points; here counts and distributions of requests are"
                + " compared, at any time, with alpha and beta as chances of being wrong");
      }
      note(
          "classifier.scoreThresholds",
          "there is no score: each metric that decides is NO_GO or has to be proven; what is"
              + " between pass and marginal is INCONCLUSIVE");
      note(
          "lifetime and interval",
          "are not in a canary config; the policy has a deadline of 60m and windows of 60s, which a"
              + " run may set differently");
    }

    private void metrics(ArrayNode metrics) {
      boolean decides = config.metrics().stream().anyMatch(this::decides);
      if (!decides) {
        note("metrics", "no metric could fail the canary alone by its weight: all of them decide");
      }
      for (int i = 0; i < config.metrics().size(); i++) {
        CanaryMetric metric = config.metrics().get(i);
        boolean role = decides ? decides(metric) : !metric.muted();
        MetricImport imported =
            new MetricImport(metric, "metrics[" + i + "]", role, share(metric), notes);
        imported.addTo(metrics, base -> unique(base));
      }
    }

    /** Whether its failure alone leaves less than a pass. */
    private boolean decides(CanaryMetric metric) {
      double pass = config.pass().orElse(PASS);
      return !metric.muted() && (metric.critical() || 100 - share(metric) < pass);
    }

    /** Percent of the score that it can take, with every other metric there. */
    private double share(CanaryMetric metric) {
      if (metric.muted()) {
        return 0;
      }
      SortedSet<String> groups = new TreeSet<>();
      config.metrics().stream().filter(m -> !m.muted()).forEach(m -> groups.addAll(m.groups()));
      SortedMap<String, Double> weights = Score.weights(config, groups);
      double share = 0;
      for (String group : metric.groups()) {
        long members =
            config.metrics().stream().filter(m -> !m.muted() && m.groups().contains(group)).count();
        share += weights.getOrDefault(group, 0.0) / members;
      }
      return share;
    }

    private String description() {
      String text =
          "Imported from the canary config "
              + config.name()
              + (config.description().isEmpty() ? "" : ": " + config.description());
      String clean = text.replaceAll("[^\\P{C}\\n\\t]", " ");
      return clean.length() <= MAX_DESCRIPTION ? clean : clean.substring(0, MAX_DESCRIPTION - 1);
    }

    private String unique(String base) {
      String name = base;
      for (int i = 2; !names.add(name); i++) {
        String ending = "." + i;
        name = base.substring(0, Math.min(base.length(), MAX_NAME - ending.length())) + ending;
      }
      return name;
    }

    private void note(String field, String what) {
      notes.add(new ImportNote(field, what));
    }
  }

  /** A name of a policy that reminds of a name for people. */
  static String name(String text) {
    return normal(text, "[^a-z0-9]+", "-", "config-");
  }

  /** The same for a metric. */
  static String metricName(String text) {
    return normal(text, "[^a-z0-9_.]+", "_", "m_");
  }

  private static String normal(String text, String others, String between, String before) {
    String spaced = text.replaceAll("([a-z0-9])([A-Z])", "$1" + between + "$2");
    String name = spaced.toLowerCase(Locale.ROOT).replaceAll(others, between);
    name = name.replaceAll("^[" + between + ".]+|[" + between + ".]+$", "");
    if (name.isEmpty() || !Character.isLetter(name.charAt(0))) {
      name = before + name;
    }
    return name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME);
  }
}
