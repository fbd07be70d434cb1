package io.canaryjudge.server.ingest.series;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import io.canaryjudge.server.store.ArmSelection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the metrics of a policy would be made of: takes points as a run would, and says what it
 * would do with them. Points come in the order of time. Used by one thread.
 */
public final class SourceSurvey {

  private static final int MAX_FOUND = 40;
  private static final int MAX_PROBLEMS = 20;
  private static final int MAX_INSTANCES = 20;
  private static final int MAX_BOUNDS = 200;

  private final List<MetricPolicy> metrics;
  private final ArmSelection arms;
  private final String service;
  private final ArmMatcher matcher;
  private final RuleBook rules;
  private final List<SortedMap<String, Found>> found = new ArrayList<>();
  private final List<Set<String>> problems = new ArrayList<>();
  private final Set<String> general = new LinkedHashSet<>();
  private final Set<String> strays = new HashSet<>();
  private long points;

  /** Begins without any point; the texts are those of a run. */
  public SourceSurvey(
      Policy policy,
      String service,
      String baselineVersion,
      String canaryVersion,
      ArmSelection arms) {
    this.metrics = policy.metrics();
    this.arms = arms;
    this.service = service;
    this.matcher = new ArmMatcher(service, baselineVersion, canaryVersion, arms);
    this.rules = RuleBook.of(metrics);
    for (int i = 0; i < metrics.size(); i++) {
      found.add(new TreeMap<>());
      problems.add(new LinkedHashSet<>());
    }
  }

  /** What to ask for. */
  public SeriesWishes wishes() {
    SortedSet<String> names = new TreeSet<>(rules.exposedNames());
    return new SeriesWishes("", false, 0, names, arms.scope(), service);
  }

  /** Whether series of a name are of use, in one spelling. */
  public boolean wants(String name) {
    return rules.names().contains(name);
  }

  /** Says something that is wrong with all of it. */
  public void problem(String text) {
    general.add(text);
  }

  /** Takes a point. */
  public void take(SeriesPoint point) {
    points++;
    switch (matcher.side(point.labels())) {
      case NEITHER -> stray("neither arm", point);
      case BOTH -> stray("both arms", point);
      case BASELINE -> take(point, Arm.BASELINE);
      case CANARY -> take(point, Arm.CANARY);
    }
  }

  /** Says so once, with the first one as an example. */
  private void stray(String side, SeriesPoint point) {
    if (strays.add(side)) {
      general.add("some series match " + side + ", such as " + point.name() + point.labels());
    }
  }

  private void take(SeriesPoint point, Arm arm) {
    Set<Integer> done = new HashSet<>();
    for (SeriesRule rule : rules.rules(point.name())) {
      if (rule.matches(point.labels()) && done.add(rule.metric())) {
        take(point, arm, rule);
      }
    }
  }

  private void take(SeriesPoint point, Arm arm, SeriesRule rule) {
    MetricPolicy metric = metrics.get(rule.metric());
    boolean proportion = metric.kind() == MetricKind.PROPORTION;
    if (!FeedBook.fits(metric.kind(), point.value()) || FeedBook.isQuantile(point)) {
      return;
    }
    String unit = FeedBook.unit(point, rule);
    Units.Factor factor = proportion ? Units.Factor.NONE : Units.between(unit, metric.unit());
    if (factor == null) {
      problem(
          rule.metric(),
          point.name() + ": in " + unit + " (expected: " + metric.unit() + ", as the metric)");
      return;
    }
    Boolean failed = proportion ? rule.failed(point.labels()) : Boolean.FALSE;
    if (failed == null) {
      problem(rule.metric(), point.name() + ": nothing says which of these requests failed");
      return;
    }
    SortedMap<String, Found> ofMetric = found.get(rule.metric());
    String key = String.format("%06d %s %s", rule.rank(), point.name(), arm);
    if (ofMetric.size() >= MAX_FOUND && !ofMetric.containsKey(key)) {
      problem(rule.metric(), "series of more names (shown: " + MAX_FOUND + ")");
      return;
    }
    ofMetric
        .computeIfAbsent(key, _ -> new Found(point.name(), arm, proportion ? "" : unit))
        .take(point, matcher.instance(point.labels()), failed, factor);
  }

  private void problem(int metric, String text) {
    Set<String> own = problems.get(metric);
    if (own.size() < MAX_PROBLEMS) {
      own.add(text);
    }
  }

  /** What became of it. */
  public Result result() {
    if (points == 0 && general.isEmpty()) {
      general.add("no series of these names for service " + service + " in this time");
    }
    List<Metric> all = new ArrayList<>();
    for (int i = 0; i < metrics.size(); i++) {
      all.add(metric(i));
    }
    return new Result(all, List.copyOf(general));
  }

  private Metric metric(int index) {
    MetricPolicy metric = metrics.get(index);
    List<Series> series = new ArrayList<>();
    for (Found each : found.get(index).values()) {
      List<Integer> unresolved = each.unresolved(metric);
      unresolved.forEach(
          place ->
              problem(
                  index,
                  each.name
                      + " ("
                      + each.arm
                      + "): threshold "
                      + place
                      + " lies within one bucket (expected: a bound at it, or finer buckets)"));
      series.add(each.series(unresolved));
    }
    for (Arm arm : Arm.values()) {
      if (series.stream().noneMatch(each -> each.arm() == arm)) {
        problem(index, "no series of the " + arm + " arm");
      }
    }
    if (series.stream().map(Series::name).distinct().count() > 1) {
      problem(
          index, "series of several names: of those that are alternatives, each instance uses one");
    }
    return new Metric(metric.name(), series, List.copyOf(problems.get(index)));
  }

  /**
   * What was found.
   *
   * @param metrics in the order of the policy
   * @param problems what is wrong with all of it, in words
   */
  public record Result(List<Metric> metrics, List<String> problems) {}

  /**
   * What one metric would be made of.
   *
   * @param name of the metric
   * @param series the preferred ones first
   * @param problems what is wrong, in words
   */
  public record Metric(String name, List<Series> series, List<String> problems) {}

  /** What series are. */
  public enum Form {
    COUNTER,
    GAUGE,
    HISTOGRAM
  }

  /**
   * The series of one name in one arm.
   *
   * @param seriesCount how many; a histogram is one
   * @param instanceCount how many instances they come from
   * @param instances some of these
   * @param unit of the values; may be empty
   * @param upperBounds of buckets, in the unit of the metric, without infinity
   * @param unresolved places of thresholds whose margins lie within a bucket
   * @param lastValue sum over the series at the last moment
   * @param lastMillis that moment, epoch milliseconds
   * @param increase what all counted; of gauges the number of readings
   * @param failureIncrease what of that failed
   */
  public record Series(
      String name,
      Form form,
      Arm arm,
      int seriesCount,
      int instanceCount,
      List<String> instances,
      String unit,
      List<Double> upperBounds,
      List<Integer> unresolved,
      double lastValue,
      long lastMillis,
      double increase,
      double failureIncrease) {}

  private static final class Found {

    private final String name;
    private final Arm arm;
    private final String unit;
    private final Map<Labels, Double> last = new HashMap<>();
    private final SortedSet<String> instances = new TreeSet<>();
    private final SortedMap<Double, Double> cumulative = new TreeMap<>();
    private final Map<Labels, SortedMap<Double, Double>> buckets = new HashMap<>();
    private Form form = Form.COUNTER;
    private double lastValue;
    private long lastNanos;
    private double increase;
    private double failureIncrease;

    Found(String name, Arm arm, String unit) {
      this.name = name;
      this.arm = arm;
      this.unit = unit;
    }

    void take(SeriesPoint point, String instance, boolean failed, Units.Factor factor) {
      instances.add(instance);
      switch (point.value()) {
        case PointValue.Count(double value) -> count(point, value, failed);
        case PointValue.Gauge(double value) -> {
          form = Form.GAUGE;
          moment(point, factor.of(value));
          last.put(point.labels(), value);
          increase++;
        }
        case PointValue.ClassicBucket(double upperBound, double value) -> {
          form = Form.HISTOGRAM;
          double bound = Double.isInfinite(upperBound) ? upperBound : factor.of(upperBound);
          buckets.computeIfAbsent(point.labels(), _ -> new TreeMap<>()).put(bound, value);
          if (Double.isInfinite(upperBound)) {
            count(point, value, failed);
          }
        }
        case PointValue.Buckets _, PointValue.Exponential _ -> form = Form.HISTOGRAM;
      }
    }

    private void count(SeriesPoint point, double value, boolean failed) {
      moment(point, value);
      Double before = last.put(point.labels(), value);
      if (before != null) {
        double more = value >= before ? value - before : value; // it began again
        increase += more;
        failureIncrease += failed ? more : 0;
      }
    }

    private void moment(SeriesPoint point, double value) {
      lastValue = point.timeNanos() > lastNanos ? value : lastValue + value;
      lastNanos = Math.max(lastNanos, point.timeNanos());
    }

    /** Thresholds of a quantile whose two tolerances no bound tells apart. */
    List<Integer> unresolved(MetricPolicy metric) {
      List<Integer> places = new ArrayList<>();
      if (form != Form.HISTOGRAM || metric.kind() == MetricKind.PROPORTION) {
        return places;
      }
      cumulative.clear();
      buckets
          .values()
          .forEach(
              each -> each.forEach((bound, value) -> cumulative.merge(bound, value, Double::sum)));
      for (int i = 0; i < metric.thresholds().size(); i++) {
        if (!resolves(metric.thresholds().get(i), metric.harmfulDirection())) {
          places.add(i);
        }
      }
      return places;
    }

    private boolean resolves(Threshold threshold, HarmfulDirection direction) {
      boolean up = direction == HarmfulDirection.INCREASE;
      return switch (threshold.go()) {
        case Tolerance.Limit(double go) ->
            threshold.noGo() instanceof Tolerance.Limit(double noGo)
                && hasBound(Math.min(go, noGo), Math.max(go, noGo));
        case Tolerance.Change change -> {
          double total =
              cumulative.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
          double rank = total * threshold.quantile().orElse(1);
          double lower = 0;
          double upper = Double.POSITIVE_INFINITY;
          for (Map.Entry<Double, Double> bucket : cumulative.entrySet()) {
            upper = bucket.getKey();
            if (bucket.getValue() >= rank) {
              break;
            }
            lower = upper;
          }
          double margin = Math.max(change.relative() * lower + change.absolute(), change.floor());
          // The quantile is somewhere in its bucket; a change shows if it leaves it.
          yield total == 0 || (up ? lower + margin >= upper : upper - margin <= lower);
        }
      };
    }

    private boolean hasBound(double from, double to) {
      return cumulative.keySet().stream().anyMatch(bound -> bound >= from && bound <= to);
    }

    Series series(List<Integer> unresolved) {
      SortedSet<Double> bounds = new TreeSet<>();
      buckets.values().forEach(each -> bounds.addAll(each.keySet()));
      return new Series(
          name,
          form,
          arm,
          Math.max(last.size(), buckets.size()),
          instances.size(),
          instances.stream().limit(MAX_INSTANCES).toList(),
          unit,
          bounds.stream().filter(Double::isFinite).limit(MAX_BOUNDS).toList(),
          List.copyOf(unresolved),
          lastValue,
          lastNanos / 1_000_000,
          increase,
          failureIncrease);
    }
  }
}
