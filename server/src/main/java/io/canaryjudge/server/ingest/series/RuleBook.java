package io.canaryjudge.server.ingest.series;

import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.MetricSource;
import io.canaryjudge.server.ingest.series.SeriesRule.Counts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which series a policy's metrics are made of, by the name of the series.
 *
 * <p>A metric with sources takes those; {@code error_rate} and {@code latency} without any take
 * what is {@linkplain KnownSeries recognised}.
 */
final class RuleBook {

  private static final String ERROR_RATE = "error_rate";
  private static final String LATENCY = "latency";
  private static final String BUCKET = "_bucket";

  /** Endings that a name gets on its way to Prometheus, by what it is about. */
  private static final List<String> UNIT_ENDINGS =
      List.of("", "_seconds", "_milliseconds", "_bytes", "_ratio");

  private final Map<String, List<SeriesRule>> rules = new HashMap<>();
  private final SortedSet<String> exposedNames = new TreeSet<>();

  private RuleBook() {}

  static RuleBook of(List<MetricPolicy> metrics) {
    RuleBook book = new RuleBook();
    for (int metric = 0; metric < metrics.size(); metric++) {
      MetricPolicy policy = metrics.get(metric);
      if (policy.sources().isEmpty()) {
        book.addKnown(metric, policy, 0, List.of(), List.of());
      }
      for (int i = 0; i < policy.sources().size(); i++) {
        MetricSource source = policy.sources().get(i);
        if (source.series().isEmpty()) {
          book.addKnown(metric, policy, i, source.where(), source.failures());
        } else {
          book.addSource(metric, policy, i, source);
        }
      }
    }
    return book;
  }

  /** The rules for series of a name, best first. */
  List<SeriesRule> rules(String name) {
    return rules.getOrDefault(name, List.of());
  }

  /** Every name for which there is a rule. */
  Set<String> names() {
    return rules.keySet();
  }

  /**
   * The names that such series have where a Prometheus keeps them: fewer than {@link #names}, which
   * are compared with what any sender may have made of them, and those of buckets.
   */
  SortedSet<String> exposedNames() {
    return exposedNames;
  }

  private void addKnown(
      int metric,
      MetricPolicy policy,
      int source,
      List<LabelMatcher> where,
      List<LabelMatcher> failures) {
    boolean errors = policy.name().equals(ERROR_RATE) && policy.kind() == MetricKind.PROPORTION;
    boolean latency = policy.name().equals(LATENCY) && policy.kind() == MetricKind.DISTRIBUTION;
    if (!errors && !latency) {
      return;
    }
    int rank = 0;
    for (KnownSeries known : KnownSeries.IN_ORDER) {
      List<LabelMatcher> both = new ArrayList<>(known.where());
      both.addAll(where);
      SeriesRule rule =
          new SeriesRule(
              metric, source, rank++, known.unit(), both, failures, known.statuses(), Counts.ALL);
      if (errors) {
        addProportion(known.name(), rule);
        addProportion(known.name() + known.suffix(), rule);
        expose(known, known.histogram() ? List.of("_count") : List.of("", "_total"));
      } else if (known.histogram()) {
        add(known.name(), rule);
        add(known.name() + known.suffix(), rule);
        expose(known, List.of(BUCKET));
      }
    }
  }

  private void expose(KnownSeries known, List<String> endings) {
    for (String ending : endings) {
      exposedNames.add(known.name() + ending);
      exposedNames.add(known.name() + known.suffix() + ending);
    }
  }

  private void addSource(int metric, MetricPolicy policy, int place, MetricSource source) {
    String name = LabelNames.normal(source.series());
    SeriesRule rule =
        new SeriesRule(
            metric,
            place,
            0,
            "",
            source.where(),
            source.failures(),
            Statuses.HTTP,
            source.failureSeries().isEmpty() ? Counts.ALL : Counts.REQUESTS);
    for (String ending : UNIT_ENDINGS) {
      switch (policy.kind()) {
        case PROPORTION -> addExposedProportion(name + ending, rule);
        case DISTRIBUTION -> {
          add(name + ending, rule);
          List.of("", BUCKET).forEach(end -> exposedNames.add(name + ending + end));
        }
      }
    }
    if (!source.failureSeries().isEmpty()) {
      SeriesRule failures =
          new SeriesRule(metric, place, 0, "", source.where(), List.of(), null, Counts.FAILURES);
      addExposedProportion(LabelNames.normal(source.failureSeries()), failures);
    }
  }

  private void addExposedProportion(String name, SeriesRule rule) {
    addProportion(name, rule);
    List.of("", "_total", "_count").forEach(ending -> exposedNames.add(name + ending));
  }

  private void addProportion(String name, SeriesRule rule) {
    add(name, rule);
    add(name + "_total", rule);
    add(name + "_count", rule);
  }

  private void add(String name, SeriesRule rule) {
    List<SeriesRule> present = rules.computeIfAbsent(name, _ -> new ArrayList<>());
    if (!present.contains(rule)) {
      present.add(rule);
    }
  }
}
