package io.canaryjudge.server.store;

import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.MetricRole;
import io.canaryjudge.analysis.policy.StrataPolicy;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import io.canaryjudge.analysis.verdict.Caveat;
import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.CheckVerdict;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.HumanOverride;
import io.canaryjudge.analysis.verdict.Interval;
import io.canaryjudge.analysis.verdict.MetricVerdict;
import io.canaryjudge.analysis.verdict.Reason;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.analysis.verdict.ThresholdVerdict;
import io.canaryjudge.analysis.verdict.Verdict;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Verdicts that make no sense but use every form a value can take. */
final class RandomVerdicts {

  private static final double[] EDGES = {
    0.0,
    -0.0,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MIN_VALUE,
    Double.MAX_VALUE,
    Double.MIN_NORMAL,
    1.0 / 3,
    0.1
  };

  private final Random random;

  RandomVerdicts(long seed) {
    random = new Random(seed);
  }

  Verdict next(long revision) {
    return new Verdict(
        revision,
        constant(RunState.class),
        constant(Decision.class),
        constant(Reason.class),
        random.nextInt(3) == 0
            ? new HumanOverride(constant(Decision.class), text(), text(), random.nextLong())
            : null,
        random.nextLong(),
        random.nextLong(),
        random.nextInt(),
        number(),
        number(),
        number(),
        optionalLong(),
        some(this::metric),
        some(
            () ->
                new CheckVerdict(
                    text(),
                    random.nextBoolean(),
                    constant(CheckOutcome.class),
                    text(),
                    text(),
                    random.nextLong(),
                    random.nextInt(),
                    random.nextLong())),
        some(() -> constant(Caveat.class)).stream().collect(Collectors.toSet()),
        random.nextBoolean());
  }

  private MetricVerdict metric() {
    return new MetricVerdict(
        new MetricPolicy(
            text(),
            constant(MetricKind.class),
            text(),
            constant(HarmfulDirection.class),
            constant(MetricRole.class),
            number(),
            random.nextBoolean(),
            random.nextInt(),
            some(this::threshold),
            List.of(),
            random.nextBoolean() ? new StrataPolicy(text(), random.nextInt()) : null),
        constant(Decision.class),
        constant(Reason.class),
        random.nextLong(),
        random.nextLong(),
        random.nextInt(),
        random.nextInt(),
        number(),
        some(this::thresholdVerdict));
  }

  private ThresholdVerdict thresholdVerdict() {
    return new ThresholdVerdict(
        threshold(),
        constant(Decision.class),
        constant(Reason.class),
        number(),
        number(),
        interval(),
        interval(),
        number(),
        interval(),
        number(),
        number(),
        number(),
        number(),
        number(),
        number(),
        number(),
        optionalDouble(),
        optionalLong(),
        random.nextBoolean() ? text() : null,
        random.nextBoolean() ? text() : null);
  }

  private Threshold threshold() {
    return new Threshold(optionalDouble(), tolerance(), tolerance(), random.nextLong());
  }

  private Tolerance tolerance() {
    return random.nextBoolean()
        ? new Tolerance.Limit(number())
        : new Tolerance.Change(number(), number(), number());
  }

  private Interval interval() {
    return random.nextBoolean() ? new Interval(number(), number(), number()) : null;
  }

  private double number() {
    return random.nextInt(4) == 0
        ? EDGES[random.nextInt(EDGES.length)]
        : Double.longBitsToDouble(random.nextLong());
  }

  private OptionalDouble optionalDouble() {
    return random.nextBoolean() ? OptionalDouble.of(number()) : OptionalDouble.empty();
  }

  private OptionalLong optionalLong() {
    return random.nextBoolean() ? OptionalLong.of(random.nextLong()) : OptionalLong.empty();
  }

  private String text() {
    return switch (random.nextInt(4)) {
      case 0 -> "";
      case 1 -> "instance-" + random.nextInt(100);
      case 2 -> "\"quoted\" \\ \n\t\u0001 { } ' ; --";
      default -> "grüße 語 \ud83d\udc26";
    };
  }

  private <E extends Enum<E>> E constant(Class<E> type) {
    E[] constants = type.getEnumConstants();
    return constants[random.nextInt(constants.length)];
  }

  private <T> List<T> some(Supplier<T> item) {
    return Stream.generate(item).limit(random.nextInt(4)).toList();
  }
}
