package io.canaryjudge.analysis.verdict;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.aggregate.ProportionAggregate;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.MetricKind;
import java.util.function.Consumer;

/** A run that is fed window by window. */
final class TestRun {
  static final long START = 1_700_000_000_000L;

  final RunAnalysis analysis;
  private long next;

  TestRun(TestPolicy policy) {
    this.analysis = RunAnalysis.begin(policy.build(), START);
  }

  /** Seals a window with the given content. */
  Verdict window(Consumer<WindowAggregate> content) {
    WindowAggregate window = new WindowAggregate();
    content.accept(window);
    return analysis.apply(new LogEntry.WindowSealed(next++, window));
  }

  /** Seals up to so many windows with the same content, until the run is no longer open. */
  Verdict windows(int count, Consumer<WindowAggregate> content) {
    for (int i = 0; i < count && verdict().open(); i++) {
      window(content);
    }
    return verdict();
  }

  /** Seals windows with the same content until the judged decision is no longer WAIT. */
  Verdict untilDecided(int most, Consumer<WindowAggregate> content) {
    for (int i = 0; i < most && verdict().judgedDecision() == Decision.WAIT; i++) {
      window(content);
    }
    return verdict();
  }

  Verdict apply(LogEntry entry) {
    return analysis.apply(entry);
  }

  Verdict verdict() {
    return analysis.verdict();
  }

  /** Errors of metric 0, evenly over so many instances of each arm. */
  static Consumer<WindowAggregate> errors(
      int instances, long canaryTotal, long canaryErrors, long baselineTotal, long baselineErrors) {
    return window -> {
      for (int i = 0; i < instances; i++) {
        count(
            window,
            0,
            Arm.CANARY,
            "c" + i,
            part(canaryTotal, instances, i),
            part(canaryErrors, instances, i));
        count(
            window,
            0,
            Arm.BASELINE,
            "b" + i,
            part(baselineTotal, instances, i),
            part(baselineErrors, instances, i));
      }
    };
  }

  /** Errors of metric 0 in the baseline alone. */
  static Consumer<WindowAggregate> baselineAlone(int baselines, long baselineTotal) {
    return window -> {
      for (int i = 0; i < baselines; i++) {
        count(window, 0, Arm.BASELINE, "b" + i, part(baselineTotal, baselines, i), 0);
      }
    };
  }

  static void count(
      WindowAggregate window, int metric, Arm arm, String instance, long total, long events) {
    ((ProportionAggregate) window.at(metric, arm, instance, MetricKind.PROPORTION))
        .add(total, events);
  }

  static void count(
      WindowAggregate window, Arm arm, String stratum, String instance, long total, long events) {
    ((ProportionAggregate) window.at(0, arm, stratum, instance, MetricKind.PROPORTION))
        .add(total, events);
  }

  static void value(
      WindowAggregate window, int metric, Arm arm, String instance, double value, long times) {
    ((DistributionAggregate) window.at(metric, arm, instance, MetricKind.DISTRIBUTION))
        .addValue(value, times);
  }

  private static long part(long total, int parts, int i) {
    return total * (i + 1) / parts - total * i / parts;
  }
}
