package io.canaryjudge.server.policy;

import io.canaryjudge.analysis.policy.DeadlineFrom;
import io.canaryjudge.analysis.policy.DeploymentWindow;
import io.canaryjudge.analysis.policy.Freeze;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.InconclusiveAction;
import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.MetricRole;
import io.canaryjudge.analysis.policy.MetricSource;
import io.canaryjudge.analysis.policy.MissingDataAction;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.PolicySetting;
import io.canaryjudge.analysis.policy.PolicyValidator;
import io.canaryjudge.analysis.policy.ReleaseRules;
import io.canaryjudge.analysis.policy.RequiredCheck;
import io.canaryjudge.analysis.policy.RequiredGo;
import io.canaryjudge.analysis.policy.StrataPolicy;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import io.canaryjudge.analysis.policy.TrafficPlan;
import java.time.DayOfWeek;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Valid policies of any shape. */
public final class ValidPolicies {

  private static final String NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789-";
  private static final String[] DESCRIPTIONS = {
    "",
    "plain",
    "yes",
    "0x1F",
    "12",
    "~",
    "- not a list",
    "a: b # c",
    "\"quoted\"",
    "two\nlines\n\nand\ttabs ",
    " é😀\u2028",
    "'",
    "*alias",
    "!!tag",
    "x".repeat(1_000)
  };

  private ValidPolicies() {}

  /**
   * Always the same ones.
   *
   * @param number how many
   */
  public static List<Policy> some(int number) {
    Random random = new Random(11);
    return Stream.generate(() -> policy(random))
        .filter(policy -> PolicyValidator.violations(policy).isEmpty())
        .limit(number)
        .toList();
  }

  private static Policy policy(Random random) {
    long window = 1_000L * (1 + random.nextInt(3_600));
    List<MetricPolicy> metrics =
        IntStream.rangeClosed(0, random.nextInt(5)).mapToObj(i -> metric(random, i)).toList();
    List<RequiredCheck> checks =
        IntStream.range(0, random.nextInt(4))
            .mapToObj(i -> check(random, name(random) + i))
            .toList();
    return new Policy(
        name(random),
        DESCRIPTIONS[random.nextInt(DESCRIPTIONS.length)],
        0.5 * positive(random),
        0.5 * positive(random),
        window,
        random.nextInt(3_600_001),
        span(random),
        span(random),
        span(random),
        span(random),
        window + random.nextInt(100_000),
        random.nextBoolean() ? 0.8 : random.nextDouble(),
        10 * random.nextDouble(),
        pick(random, MissingDataAction.values()),
        pick(random, InconclusiveAction.values()),
        metrics,
        checks,
        new TrafficPlan(weights(random), random.nextBoolean()),
        settings(random),
        random.nextBoolean() ? ReleaseRules.NONE : releaseRules(random));
  }

  private static ReleaseRules releaseRules(Random random) {
    long from = random.nextInt();
    return new ReleaseRules(
        random.nextBoolean()
            ? Optional.empty()
            : Optional.of(new RequiredGo(name(random), span(random), random.nextBoolean())),
        List.of(
            new DeploymentWindow(
                Set.of(pick(random, DayOfWeek.values())),
                random.nextInt(700),
                700 + random.nextInt(741),
                random.nextBoolean() ? "UTC" : "Asia/Tokyo")),
        List.of(new Freeze(from, from + 1 + random.nextInt(1_000_000), "ä\"b")));
  }

  private static RequiredCheck check(Random random, String name) {
    if (random.nextBoolean()) {
      return new RequiredCheck(name, random.nextBoolean());
    }
    int beforeStep = random.nextInt(32);
    return new RequiredCheck(
        name,
        random.nextBoolean(),
        random.nextBoolean(),
        beforeStep,
        1 + random.nextInt(100_000),
        beforeStep == 0 ? DeadlineFrom.RUN : pick(random, DeadlineFrom.values()));
  }

  private static MetricPolicy metric(Random random, int index) {
    MetricKind kind = pick(random, MetricKind.values());
    HarmfulDirection direction = pick(random, HarmfulDirection.values());
    List<Threshold> thresholds =
        IntStream.rangeClosed(0, random.nextInt(8))
            .mapToObj(i -> threshold(random, kind, direction))
            .toList();
    return new MetricPolicy(
        "m" + index + "._x".repeat(random.nextInt(3)),
        kind,
        pick(random, "s", "By", "1", "{request}", "~", "no", "0x1"),
        direction,
        index == 0 ? MetricRole.DECIDES : pick(random, MetricRole.values()),
        100 * positive(random),
        random.nextBoolean(),
        random.nextInt(1_000),
        thresholds,
        sources(random, kind),
        random.nextInt(3) == 0
            ? new StrataPolicy(pick(random, "", "zone", "é"), 1 + random.nextInt(32))
            : null);
  }

  private static List<MetricSource> sources(Random random, MetricKind kind) {
    return IntStream.range(0, random.nextBoolean() ? 0 : random.nextInt(9))
        .mapToObj(
            i ->
                new MetricSource(
                    pick(random, "", "http.server.request.duration", "istio_requests_total", "no"),
                    matchers(random),
                    kind == MetricKind.PROPORTION ? matchers(random) : List.of()))
        .map(source -> random.nextBoolean() ? source : apart(source, kind))
        .toList();
  }

  /** The source with failures in a series of their own, where that is possible. */
  private static MetricSource apart(MetricSource source, MetricKind kind) {
    return kind == MetricKind.PROPORTION && !source.series().isEmpty()
        ? new MetricSource(source.series(), source.where(), List.of(), "é_failures")
        : source;
  }

  private static List<LabelMatcher> matchers(Random random) {
    return IntStream.range(0, random.nextInt(4))
        .mapToObj(
            i ->
                new LabelMatcher(
                    pick(random, "version", "http.route", "é", "on", "1"),
                    IntStream.range(0, random.nextInt(3))
                        .mapToObj(
                            j -> pick(random, "", "5*", "*", "500", "1.10", "yes", "a b", "~"))
                        .toList()))
        .toList();
  }

  private static Threshold threshold(Random random, MetricKind kind, HarmfulDirection direction) {
    OptionalDouble quantile =
        kind == MetricKind.PROPORTION
            ? OptionalDouble.empty()
            : OptionalDouble.of(positive(random) * 0.999);
    double scale = kind == MetricKind.PROPORTION ? 0.4 : 1e6;
    if (random.nextBoolean()) {
      double one = scale * positive(random);
      double other = scale * positive(random);
      boolean higherIsWider = direction == HarmfulDirection.INCREASE;
      double narrow = higherIsWider ? Math.min(one, other) : Math.max(one, other);
      double wide = higherIsWider ? Math.max(one, other) : Math.min(one, other);
      long sustained = random.nextBoolean() ? 0 : 60_000L * (1 + random.nextInt(60));
      return new Threshold(
          quantile,
          new Tolerance.Limit(narrow),
          new Tolerance.Limit(random.nextBoolean() ? narrow : wide),
          sustained);
    }
    Tolerance.Change noGo =
        new Tolerance.Change(
            0.45 * random.nextDouble(),
            random.nextBoolean() ? 0 : scale * random.nextDouble(),
            scale * positive(random));
    Tolerance.Change go =
        new Tolerance.Change(
            noGo.relative() * (1 + random.nextInt(2)),
            noGo.absolute() * 2,
            noGo.floor() * (1 + random.nextDouble()));
    return new Threshold(quantile, noGo, random.nextBoolean() ? noGo : go, 0);
  }

  private static List<Double> weights(Random random) {
    List<Double> weights = new ArrayList<>();
    double weight = 0;
    while (random.nextInt(4) != 0) {
      double next = random.nextBoolean() ? weight + random.nextInt(1, 20) : weight + 0.1;
      if (next > 100 || weights.size() == 32) {
        break;
      }
      weights.add(next);
      weight = next;
    }
    return weights;
  }

  private static Set<PolicySetting> settings(Random random) {
    Set<PolicySetting> settings = EnumSet.noneOf(PolicySetting.class);
    for (PolicySetting setting : PolicySetting.values()) {
      if (random.nextBoolean()) {
        settings.add(setting);
      }
    }
    return settings;
  }

  private static String name(Random random) {
    StringBuilder name = new StringBuilder();
    name.append((char) ('a' + random.nextInt(26)));
    for (int i = random.nextInt(60); i > 0; i--) {
      name.append(NAME_CHARACTERS.charAt(random.nextInt(NAME_CHARACTERS.length())));
    }
    return name.toString();
  }

  private static long span(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> 0;
      case 1 -> 60_000L * random.nextInt(44_641);
      default -> random.nextLong(PolicyValidator.MAX_SPAN_MILLIS);
    };
  }

  /** In (0, 1], of any magnitude. */
  private static double positive(Random random) {
    return random.nextBoolean()
        ? 1 - random.nextDouble()
        : Math.pow(10, -random.nextInt(9)) * (1 - 0.9 * random.nextDouble());
  }

  @SafeVarargs
  private static <T> T pick(Random random, T... values) {
    return values[random.nextInt(values.length)];
  }
}
