package io.canaryjudge.analysis.aggregate;

import io.canaryjudge.analysis.policy.MetricKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Everything that was reported for one window of one run: an {@link Aggregate} for each metric,
 * arm, stratum and instance, and when instances started, where that is known.
 *
 * <p>A stratum is a part of the traffic with its own rates, such as a route or a zone; what has
 * none is in the stratum without a name, {@code ""}. Windows form a commutative monoid under {@link
 * #merge}, like the aggregates in them. Mutable, with a single owner. How many metrics and
 * instances there may be is for the owner to bound.
 */
public final class WindowAggregate {
  private static final int ENTRY_BYTES = 48; // of a map, with the name shared

  private final Side baseline = new Side();
  private final Side canary = new Side();

  /** A window in which nothing was reported. */
  public WindowAggregate() {}

  /** The aggregate of a metric in one instance, of what belongs to no stratum. */
  public Aggregate at(int metric, Arm arm, String instance, MetricKind kind) {
    return at(metric, arm, "", instance, kind);
  }

  /**
   * The aggregate of a metric in one stratum of one instance, created empty if there is none yet.
   *
   * @param metric index of the metric in the policy, at least 0
   * @param stratum name of the stratum; empty for none
   * @throws IllegalArgumentException if the one present is of another kind
   */
  public Aggregate at(int metric, Arm arm, String stratum, String instance, MetricKind kind) {
    if (metric < 0) {
      throw new IllegalArgumentException("metric: " + metric + " (expected: >= 0)");
    }
    Map<String, Aggregate> instances = side(arm).instances(metric, stratum);
    Aggregate present = instances.get(instance);
    if (present == null) {
      present = Aggregate.empty(kind);
      instances.put(instance, present);
    } else if (present.kind() != kind) {
      throw new IllegalArgumentException(
          "metric " + metric + ": " + kind + " (expected: " + present.kind() + ")");
    }
    return present;
  }

  /** The aggregate of a metric in one instance without a stratum, or null if there is none. */
  public @Nullable Aggregate find(int metric, Arm arm, String instance) {
    List<Map<String, Aggregate>> metrics = side(arm).metrics;
    return metric < metrics.size() ? metrics.get(metric).get(instance) : null;
  }

  /** The aggregate of a metric in one stratum of one instance, or null if there is none. */
  public @Nullable Aggregate find(int metric, Arm arm, String stratum, String instance) {
    if (stratum.isEmpty()) {
      return find(metric, arm, instance);
    }
    Map<String, Aggregate> instances = side(arm).strata(metric).get(stratum);
    return instances == null ? null : instances.get(instance);
  }

  /** The strata of a metric that have a name and hold anything, in either arm, ordered. */
  public List<String> strata(int metric) {
    if (metric >= baseline.strata.size() && metric >= canary.strata.size()) {
      return List.of();
    }
    TreeSet<String> names = new TreeSet<>();
    for (Side side : List.of(baseline, canary)) {
      side.strata(metric)
          .forEach(
              (name, instances) -> {
                if (!Side.isEmpty(instances)) {
                  names.add(name);
                }
              });
    }
    return List.copyOf(names);
  }

  /** Notes when an instance started; of several times the earliest counts. */
  public void started(Arm arm, String instance, long epochMillis) {
    side(arm).starts.merge(instance, epochMillis, Math::min);
  }

  /** When an instance started, in milliseconds since the epoch, if that is known. */
  public OptionalLong startMillis(Arm arm, String instance) {
    Long start = side(arm).starts.get(instance);
    return start == null ? OptionalLong.empty() : OptionalLong.of(start);
  }

  /**
   * Adds everything that {@code other} holds; {@code other} is left as it is, and shares nothing
   * with this window afterwards.
   *
   * @throws IllegalArgumentException if kinds differ or a bound is passed; what was merged by then
   *     stays merged
   */
  public void merge(WindowAggregate other) {
    for (Entry entry : other.entries()) {
      Aggregate aggregate = entry.aggregate();
      at(entry.metric(), entry.arm(), entry.stratum(), entry.instance(), aggregate.kind())
          .merge(aggregate);
    }
    for (Start start : other.starts()) {
      started(start.arm(), start.instance(), start.epochMillis());
    }
  }

  /** An independent window with the same content. */
  public WindowAggregate copy() {
    WindowAggregate copy = new WindowAggregate();
    copy.merge(this);
    return copy;
  }

  /** Whether there is no aggregate that holds anything, and no start time. */
  public boolean isEmpty() {
    return baseline.isEmpty() && canary.isEmpty();
  }

  /** About how much memory this needs, in bytes. */
  public long heapBytes() {
    return baseline.heapBytes() + canary.heapBytes();
  }

  /** All aggregates, ordered by metric, arm, stratum and instance name. */
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    int metrics = Math.max(baseline.metrics(), canary.metrics());
    for (int metric = 0; metric < metrics; metric++) {
      for (Arm arm : Arm.values()) {
        addEntries(metric, arm, entries);
      }
    }
    return entries;
  }

  /** The aggregates of one metric and arm, ordered by stratum and instance name. */
  public List<Entry> entries(int metric, Arm arm) {
    List<Entry> entries = new ArrayList<>();
    addEntries(metric, arm, entries);
    return entries;
  }

  /** All start times, ordered by arm and instance name. */
  public List<Start> starts() {
    List<Start> all = new ArrayList<>();
    for (Arm arm : Arm.values()) {
      new TreeMap<>(side(arm).starts)
          .forEach((instance, epochMillis) -> all.add(new Start(arm, instance, epochMillis)));
    }
    return all;
  }

  /** The instances of an arm that reported any metric, ordered by name. */
  public List<String> instances(Arm arm) {
    Set<String> names = new HashSet<>();
    Side side = side(arm);
    for (Map<String, Aggregate> instances : side.metrics) {
      names.addAll(instances.keySet());
    }
    for (Map<String, Map<String, Aggregate>> strata : side.strata) {
      strata.values().forEach(instances -> names.addAll(instances.keySet()));
    }
    String[] sorted = names.toArray(String[]::new);
    Arrays.sort(sorted);
    return List.of(sorted);
  }

  private void addEntries(int metric, Arm arm, List<Entry> entries) {
    Side side = side(arm);
    if (metric < side.metrics.size()) {
      addEntries(metric, arm, "", side.metrics.get(metric), entries);
    }
    if (metric < side.strata.size()) {
      new TreeMap<>(side.strata.get(metric))
          .forEach((stratum, instances) -> addEntries(metric, arm, stratum, instances, entries));
    }
  }

  private static void addEntries(
      int metric, Arm arm, String stratum, Map<String, Aggregate> instances, List<Entry> entries) {
    new TreeMap<>(instances)
        .forEach(
            (instance, aggregate) ->
                entries.add(new Entry(metric, arm, stratum, instance, aggregate)));
  }

  private Side side(Arm arm) {
    return switch (arm) {
      case BASELINE -> baseline;
      case CANARY -> canary;
    };
  }

  /** What one arm reported. */
  private static final class Side {
    /** By index of the metric, then by name of the instance: what belongs to no stratum. */
    final List<Map<String, Aggregate>> metrics = new ArrayList<>();

    /** By index of the metric, then by name of the stratum and of the instance. */
    final List<Map<String, Map<String, Aggregate>>> strata = new ArrayList<>();

    final Map<String, Long> starts = new HashMap<>();

    int metrics() {
      return Math.max(metrics.size(), strata.size());
    }

    Map<String, Map<String, Aggregate>> strata(int metric) {
      return metric < strata.size() ? strata.get(metric) : Map.of();
    }

    /** Those of a stratum, created if there are none yet. */
    Map<String, Aggregate> instances(int metric, String stratum) {
      if (stratum.isEmpty()) {
        while (metrics.size() <= metric) {
          metrics.add(new HashMap<>());
        }
        return metrics.get(metric);
      }
      while (strata.size() <= metric) {
        strata.add(new HashMap<>());
      }
      return strata.get(metric).computeIfAbsent(stratum, _ -> new HashMap<>());
    }

    long heapBytes() {
      long bytes = (long) ENTRY_BYTES * starts.size();
      for (Map<String, Aggregate> instances : metrics) {
        bytes += heapBytes(instances);
      }
      for (Map<String, Map<String, Aggregate>> all : strata) {
        for (Map<String, Aggregate> instances : all.values()) {
          bytes += ENTRY_BYTES + heapBytes(instances);
        }
      }
      return bytes;
    }

    boolean isEmpty() {
      return starts.isEmpty()
          && metrics.stream().allMatch(Side::isEmpty)
          && strata.stream().allMatch(all -> all.values().stream().allMatch(Side::isEmpty));
    }

    private static long heapBytes(Map<String, Aggregate> instances) {
      long bytes = 0;
      for (Aggregate aggregate : instances.values()) {
        bytes += ENTRY_BYTES + aggregate.heapBytes();
      }
      return bytes;
    }

    private static boolean isEmpty(Map<String, Aggregate> instances) {
      return instances.values().stream().allMatch(Aggregate::isEmpty);
    }
  }

  /**
   * An aggregate and what it belongs to.
   *
   * @param metric index of the metric in the policy
   * @param arm the arm that the instance belongs to
   * @param stratum name of the stratum; empty for none
   * @param instance name of the instance
   * @param aggregate what it reported; the window's own, not a copy
   */
  public record Entry(int metric, Arm arm, String stratum, String instance, Aggregate aggregate) {}

  /**
   * When an instance started.
   *
   * @param arm the arm that the instance belongs to
   * @param instance name of the instance
   * @param epochMillis milliseconds since the epoch
   */
  public record Start(Arm arm, String instance, long epochMillis) {}
}
