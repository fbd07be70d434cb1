package io.canaryjudge.server.ingest.series;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.StrataPolicy;
import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.IngestSession;
import io.canaryjudge.server.run.Note;
import io.canaryjudge.server.run.Refusal;
import io.canaryjudge.server.run.RunSeries;
import io.canaryjudge.server.run.RunTerms;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the series of one run: their arms, the processes they come from, the metrics
 * they feed, and how far each was counted. What a run knew before a restart is found in its notes.
 *
 * <p>Guarded by its feed.
 */
final class FeedBook {

  private static final String PROCESS_START = "process_start_time_seconds";
  private static final String UP = "up";
  private static final int MAX_STRATUM_LENGTH = 200;

  /** Processes by all doors and in both arms, as a multiple of the instances of an arm. */
  private static final int KEPT_TARGETS = 8;

  /** Names of series that say something about the process they come from. */
  static final Set<String> COMPANIONS = Set.of(PROCESS_START, UP);

  private final RunTerms terms;
  private final ArmMatcher matcher;
  private final RuleBook rules;

  private final Map<Labels, List<Known>> series = new HashMap<>();
  private final Map<TargetKey, Target> targets = new HashMap<>();
  private final Map<SourceKey, SourceChoice> choices = new HashMap<>();
  private final Map<String, Integer> bucketsByName = new HashMap<>();
  private final Map<FailuresKey, FailureCount> failures = new HashMap<>();
  private long rounds;

  /** What tells a series from others with its labels: most have none beside them. */
  private record SeriesKey(Door door, String form, String name) {}

  private record Known(SeriesKey key, Found.Feeds found) {}

  /** What the run counts from a series for one metric. */
  private record Use(SeriesRule rule, boolean failed, Units.Factor factor) {}

  private record TargetKey(Door door, Arm arm, String instance) {}

  /** What is to be counted from one kind of series only. */
  private record SourceKey(int metric, int source, boolean failures, Arm arm, String instance) {

    static SourceKey of(SeriesRule rule, Target target) {
      return new SourceKey(
          rule.metric(),
          rule.source(),
          rule.counts() == SeriesRule.Counts.FAILURES,
          target.arm(),
          target.instance());
    }

    String noteKey() {
      String which = source == 0 && !failures ? "" : "/" + source + (failures ? "f" : "");
      return "s/" + hash(metric + "/" + arm + "/" + instance + which);
    }
  }

  /** Failures that are counted apart from requests. */
  private record FailuresKey(int metric, int source) {

    String noteKey() {
      return "f/" + metric + "/" + source;
    }
  }

  /** What a point is to the run. */
  sealed interface Found {

    /** It feeds these; none if it is not of the run. */
    record Feeds(List<FedSeries> series) implements Found {}

    /** It says something about its process. */
    record Companion(Target target, long startNanos) implements Found {}

    /** It cannot be used. */
    record Unusable(Refusal reason, String example) implements Found {}
  }

  private static final PointValue DOWN = new PointValue.Gauge(0);
  private static final Found NOTHING = new Found.Feeds(List.of());

  FeedBook(RunTerms terms, ArmMatcher matcher, RuleBook rules) {
    this.terms = terms;
    this.matcher = matcher;
    this.rules = rules;
  }

  /** What a point is to the run. */
  Found find(SeriesPoint point, Door door, IngestSession session) {
    String form = form(point.value());
    List<Known> known = series.getOrDefault(point.labels(), List.of());
    for (Known one : known) {
      if (one.key.door == door && one.key.form.equals(form) && one.key.name.equals(point.name())) {
        return one.found;
      }
    }
    SeriesKey key = new SeriesKey(door, form, point.name());
    return switch (matcher.side(point.labels())) {
      case NEITHER -> NOTHING;
      case BOTH ->
          new Found.Unusable(
              Refusal.UNKNOWN_ARM,
              point.name() + point.labels() + ": matches both arms (expected: one)");
      case BASELINE -> make(point, key, Arm.BASELINE, session);
      case CANARY -> make(point, key, Arm.CANARY, session);
    };
  }

  private Found make(SeriesPoint point, SeriesKey key, Arm arm, IngestSession session) {
    if (point.name().equals(UP) && point.value().equals(DOWN)) {
      return NOTHING; // nothing was scraped, so that no series can be told to be missing from it
    }
    TargetKey whose = new TargetKey(key.door(), arm, matcher.instance(point.labels()));
    Target target = targets.get(whose);
    if (target == null) {
      target = target(whose, session);
    }
    if (COMPANIONS.contains(point.name())) {
      Found companion = companion(point, target);
      return companion.equals(NOTHING) || keep(whose, target, session)
          ? companion
          : tooMany(session);
    }
    List<Use> uses = new ArrayList<>();
    Found.Unusable unusable = findUses(point, uses);
    if (unusable != null) {
      return unusable;
    }
    return uses.isEmpty() ? NOTHING : make(point, key, whose, target, uses, session);
  }

  /** Room is taken, and kept, only now that the series is known to be of use. */
  private Found make(
      SeriesPoint point,
      SeriesKey key,
      TargetKey whose,
      Target target,
      List<Use> uses,
      IngestSession session) {
    int most = session.limits().maxFedSeries();
    if (target.series() >= most) {
      return new Found.Unusable(
          Refusal.LIMIT,
          "instance "
              + target.instance()
              + ": one more series (expected: at most "
              + most
              + " of an instance)");
    }
    List<FedSeries> made = new ArrayList<>();
    for (Use use : uses) {
      int metric = use.rule.metric();
      String stratum = stratum(terms.metrics().get(metric), point.labels());
      RunSeries samples = target.samples(metric, session.stratum(metric, stratum), session);
      if (samples == null) {
        return new Found.Unusable(
            Refusal.LIMIT,
            "instance "
                + target.instance()
                + ": one more (expected: at most "
                + session.limits().maxInstancesPerArm()
                + " in an arm)");
      }
      FedSeries fed =
          keep(whose, target, session) ? make(point, key, target, use, samples, session) : null;
      if (fed == null) {
        return tooMany(session);
      }
      made.add(fed);
    }
    Found.Feeds all = new Found.Feeds(List.copyOf(made));
    series.computeIfAbsent(point.labels(), _ -> new ArrayList<>(1)).add(new Known(key, all));
    target.addSeries();
    return all;
  }

  private static Found companion(SeriesPoint point, Target target) {
    double value = point.value() instanceof PointValue.Gauge(double reading) ? reading : 0;
    if (point.name().equals(PROCESS_START)) {
      return new Found.Companion(target, (long) (value * 1e9));
    }
    // A scrape that failed says nothing: what comes with the next one is as old as the process.
    return value > 0 ? new Found.Companion(target, 0) : NOTHING;
  }

  /**
   * What the run is to count from a series: for each metric by the best rule; they come in that
   * order.
   *
   * @return why nothing of it can be used; null if that is not so
   */
  private Found.@Nullable Unusable findUses(SeriesPoint point, List<Use> uses) {
    Set<Integer> metrics = new HashSet<>();
    for (SeriesRule rule : rules.rules(point.name())) {
      if (metrics.contains(rule.metric()) || !rule.matches(point.labels())) {
        continue;
      }
      MetricPolicy metric = terms.metrics().get(rule.metric());
      if (!fits(metric.kind(), point.value()) || isQuantile(point)) {
        continue;
      }
      Boolean failed = Boolean.FALSE;
      Units.Factor factor = Units.Factor.NONE;
      if (metric.kind() == MetricKind.PROPORTION) {
        failed = rule.failed(point.labels());
      } else {
        Units.Factor found = Units.between(unit(point, rule), metric.unit());
        boolean exponential = point.value() instanceof PointValue.Exponential;
        if (found == null || (exponential && !found.isNone())) {
          return new Found.Unusable(
              Refusal.WRONG_UNIT, wrongUnit(point, rule, metric, exponential));
        }
        if (point.value() instanceof PointValue.Buckets buckets
            && buckets.upperBounds().length == 0) {
          return new Found.Unusable(
              Refusal.BAD_HISTOGRAM, point.name() + ": no bounds (expected: at least one)");
        }
        factor = found;
      }
      if (failed != null && metrics.add(rule.metric())) {
        uses.add(new Use(rule, failed, factor));
      }
    }
    return null;
  }

  /** Null if there is no room for its notes. */
  private @Nullable FedSeries make(
      SeriesPoint point,
      SeriesKey key,
      Target target,
      Use use,
      RunSeries samples,
      IngestSession session) {
    SeriesRule rule = use.rule;
    String source = key.door().label() + ":" + key.form() + ":" + point.name();
    String noteKey = "p/" + rule.metric() + "/" + hash(source + point.labels());
    boolean apart = rule.counts() != SeriesRule.Counts.ALL;
    SourceChoice choice = choice(rule, target, session);
    FailureCount failures = apart ? failures(rule, session) : null;
    Note note = session.note(noteKey);
    return choice == null || note == null || (apart && failures == null)
        ? null
        : new FedSeries(
            rule,
            source,
            use.failed,
            use.factor,
            target,
            choice,
            failures,
            note,
            samples,
            stored(noteKey, point, session));
  }

  /** Each series needs a note, and so does each instance, and what it is counted from. */
  private static Found tooMany(IngestSession session) {
    return new Found.Unusable(
        Refusal.LIMIT,
        "one more series (expected: at most "
            + session.limits().maxNotes()
            + " series, instances and sources in a run)");
  }

  /** By the label that the policy names; one that is too long is among the others. */
  private static String stratum(MetricPolicy metric, Labels labels) {
    StrataPolicy strata = metric.strata();
    if (strata == null || strata.label().isEmpty()) {
      return "";
    }
    String name = labels.get(LabelNames.normal(strata.label()));
    return name == null ? "" : name.length() > MAX_STRATUM_LENGTH ? StrataPolicy.REST : name;
  }

  private static String wrongUnit(
      SeriesPoint point, SeriesRule rule, MetricPolicy metric, boolean exponential) {
    return point.name()
        + ": in "
        + unit(point, rule)
        + " (expected: "
        + metric.unit()
        + ", the unit of "
        + metric.name()
        + (exponential ? ", since exponential buckets cannot be converted)" : ")");
  }

  private static Notes.Series stored(String noteKey, SeriesPoint point, IngestSession session) {
    byte[] note = session.noted(noteKey);
    if (note != null) {
      return Notes.readSeries(note);
    }
    boolean classic = point.value() instanceof PointValue.ClassicBucket;
    return new Notes.Series(new SeriesState(), classic ? new ClassicHistogram() : null);
  }

  private static Target target(TargetKey key, IngestSession session) {
    String noteKey = "t/" + hash(key.door().label() + "/" + key.arm() + "/" + key.instance());
    Target target = new Target(key.arm(), key.instance(), noteKey);
    byte[] note = session.noted(noteKey);
    if (note != null) {
      Notes.read(note, target);
    }
    return target;
  }

  /** Remembers a process that says something to the run; false if there are too many. */
  private boolean keep(TargetKey key, Target target, IngestSession session) {
    if (targets.containsKey(key)) {
      return true;
    }
    int most = KEPT_TARGETS * session.limits().maxInstancesPerArm();
    if (targets.size() >= most || session.note(target.noteKey()) == null) {
      return false;
    }
    targets.put(key, target);
    return true;
  }

  /** Null if there is no room for its note. */
  private @Nullable SourceChoice choice(SeriesRule rule, Target target, IngestSession session) {
    SourceKey key = SourceKey.of(rule, target);
    SourceChoice known = choices.get(key);
    if (known != null) {
      return known;
    }
    String noteKey = key.noteKey();
    if (session.note(noteKey) == null) {
      return null;
    }
    byte[] note = session.noted(noteKey);
    SourceChoice choice =
        new SourceChoice(noteKey, note == null ? null : new String(note, StandardCharsets.UTF_8));
    choices.put(key, choice);
    return choice;
  }

  /** Null if there is no room for its note. */
  private @Nullable FailureCount failures(SeriesRule rule, IngestSession session) {
    FailuresKey key = new FailuresKey(rule.metric(), rule.source());
    FailureCount known = failures.get(key);
    if (known == null && session.note(key.noteKey()) != null) {
      known = new FailureCount(key.noteKey(), session.noted(key.noteKey()) != null);
      failures.put(key, known);
    }
    return known;
  }

  /** Numbers the rounds, from 1. */
  long nextRound() {
    return ++rounds;
  }

  /** How many buckets a classic histogram of a name usually has; 0 if not known. */
  int likelyBuckets(String name) {
    return bucketsByName.getOrDefault(name, 0);
  }

  /** Takes note of how many buckets a classic histogram has. */
  void sawBuckets(String name, int buckets) {
    bucketsByName.put(name, buckets);
  }

  private static String form(PointValue value) {
    return switch (value) {
      case PointValue.Count _ -> "count";
      case PointValue.Gauge _ -> "gauge";
      case PointValue.Buckets _ -> "explicit";
      case PointValue.ClassicBucket _ -> "classic";
      case PointValue.Exponential _ -> "exponential";
    };
  }

  /** A quantile of a summary: neither a count nor a value of a request. */
  static boolean isQuantile(SeriesPoint point) {
    return point.value() instanceof PointValue.Gauge && point.labels().get("quantile") != null;
  }

  static boolean fits(MetricKind kind, PointValue value) {
    return switch (value) {
      case PointValue.Count _ -> kind == MetricKind.PROPORTION;
      case PointValue.Gauge _ -> true; // without metadata a counter looks like one
      case PointValue.Buckets _, PointValue.Exponential _ -> true;
      case PointValue.ClassicBucket _ -> kind == MetricKind.DISTRIBUTION;
    };
  }

  static String unit(SeriesPoint point, SeriesRule rule) {
    if (!point.unit().isEmpty()) {
      return point.unit();
    }
    String name = point.name();
    if (name.endsWith("_milliseconds") || name.endsWith("_ms")) {
      return "ms";
    }
    return name.endsWith("_seconds") ? "s" : rule.unit();
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
