package io.canaryjudge.analysis.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.analysis.aggregate.Aggregate;
import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.aggregate.ProportionAggregate;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.RequiredCheck;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import io.canaryjudge.analysis.policy.TrafficPlan;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The same log gives the same verdicts to the bit, from the start and from any checkpoint. */
class ReplayTest {
  private static final long START = 1_700_000_000_000L;
  private static final int ENTRIES = 600;

  @Test
  void theSameLogGivesTheSameBits() {
    List<LogEntry> log = log(1);
    assertThat(play(log)).isEqualTo(play(log));
  }

  @Test
  void aRunContinuesFromEveryCheckpointToTheSameBits() throws IOException {
    for (int seed = 2; seed < 4; seed++) {
      List<LogEntry> log = log(seed);
      List<Verdict> expected = play(log);
      RunAnalysis run = RunAnalysis.begin(policy(), START);
      for (int i = 0; i < log.size(); i++) {
        if (i % 7 == 0) { // an odd step: checkpoints within epochs and at their ends
          byte[] checkpoint = bytes(run);
          run = RunAnalysis.restore(policy(), START, in(checkpoint));
          assertThat(bytes(run)).isEqualTo(checkpoint);
          if (i > 0) {
            assertThat(run.verdict()).isEqualTo(expected.get(i - 1));
          }
        }
        assertThat(run.apply(log.get(i))).as("entry " + i).isEqualTo(expected.get(i));
      }
    }
  }

  @Test
  void howSamplesCameChangesNothing() {
    List<LogEntry> log = log(4);
    Random random = new Random(5);
    List<LogEntry> shuffled = new ArrayList<>();
    for (LogEntry entry : log) {
      shuffled.add(
          entry instanceof LogEntry.WindowSealed sealed
              ? new LogEntry.WindowSealed(
                  sealed.index(), byManyProducers(sealed.content(), random), sealed.interrupted())
              : entry);
    }
    assertThat(play(shuffled)).isEqualTo(play(log));
  }

  @Test
  void aCheckpointOfAnotherPolicyIsRefused() throws IOException {
    byte[] checkpoint = bytes(RunAnalysis.begin(policy(), START));
    Policy other = TestPolicy.errors().build();
    assertThatThrownBy(() -> RunAnalysis.restore(other, START, in(checkpoint)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("of another policy or start");
    assertThatThrownBy(() -> RunAnalysis.restore(policy(), START + 1, in(checkpoint)))
        .isInstanceOf(IOException.class);
    for (int length = 0; length < checkpoint.length; length += 13) {
      byte[] cut = Arrays.copyOf(checkpoint, length);
      assertThatThrownBy(() -> RunAnalysis.restore(policy(), START, in(cut)))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void anInstanceMayHaveAnyName() throws IOException {
    TestRun run = new TestRun(TestPolicy.errors());
    run.window(window -> TestRun.count(window, 0, Arm.CANARY, "ünï-☃ \n", 5, 0));
    RunAnalysis restored =
        RunAnalysis.restore(TestPolicy.errors().build(), TestRun.START, in(bytes(run.analysis)));
    assertThat(restored.verdict()).isEqualTo(run.verdict());
  }

  /** Everything that has state: all kinds of thresholds, steps, checks, warm-up, the split. */
  private static Policy policy() {
    TestPolicy policy = TestPolicy.latency();
    policy.warmUpMillis = 20_000;
    policy.minimumStepMillis = 120_000;
    policy.watchAfterGoMillis = 3_600_000;
    policy.deadlineMillis = 0;
    policy.instanceCv = 0.05;
    policy.checks = List.of(new RequiredCheck("smoke", false));
    policy.trafficPlan = new TrafficPlan(List.of(50.0), true);
    policy.with(TestPolicy.errorRate(TestPolicy.change(0.5, 0.001, 0.01)));
    policy.with(
        TestPolicy.metric(
            "sustained",
            MetricKind.PROPORTION,
            "1",
            HarmfulDirection.INCREASE,
            new Threshold(
                OptionalDouble.empty(),
                new Tolerance.Limit(0.2),
                new Tolerance.Limit(0.2),
                120_000)));
    policy.with(
        TestPolicy.warning(
            TestPolicy.metric(
                "free",
                MetricKind.DISTRIBUTION,
                "By",
                HarmfulDirection.DECREASE,
                TestPolicy.quantile(0.1, new Tolerance.Limit(0.5), new Tolerance.Limit(0.4)),
                TestPolicy.quantile(
                    0.1, TestPolicy.change(0.1, 0, 0), TestPolicy.change(0.2, 0, 0.1)))));
    policy.with(
        TestPolicy.split(
            TestPolicy.metric(
                "errors_by_route",
                MetricKind.PROPORTION,
                "1",
                HarmfulDirection.INCREASE,
                TestPolicy.errorRate(TestPolicy.change(0.5, 0, 0.01)).thresholds().getFirst()),
            2));
    policy.with(
        TestPolicy.split(
            TestPolicy.metric(
                "latency_by_route",
                MetricKind.DISTRIBUTION,
                "s",
                HarmfulDirection.INCREASE,
                TestPolicy.quantile(
                    0.9, TestPolicy.change(0.1, 0, 0), TestPolicy.change(0.5, 0, 0))),
            2));
    return policy.build();
  }

  private static List<LogEntry> log(int seed) {
    Random random = new Random(seed);
    List<LogEntry> log = new ArrayList<>();
    long index = 0;
    while (log.size() < ENTRIES) {
      switch (random.nextInt(60)) {
        case 0 -> log.add(new LogEntry.StepReported(index, (int) index / 100, 50));
        case 1 ->
            log.add(
                new LogEntry.CheckReported(
                    index,
                    "smoke",
                    random.nextBoolean() ? CheckOutcome.PASSED : CheckOutcome.FAILED,
                    "r",
                    "l"));
        case 2 -> log.add(new LogEntry.Overridden(index, Decision.GO, "ann", "known"));
        default -> {
          log.add(new LogEntry.WindowSealed(index, window(random, index), random.nextInt(20) == 0));
          index++;
        }
      }
    }
    return log;
  }

  private static WindowAggregate window(Random random, long index) {
    WindowAggregate window = new WindowAggregate();
    if (random.nextInt(10) == 0) {
      return window;
    }
    for (Arm arm : Arm.values()) {
      for (int i = 0; i < 3 + index / 200; i++) {
        String instance = arm + "-" + i;
        if (random.nextInt(50) == 0) {
          window.started(arm, instance, START + index * 5000);
        }
        for (int n = random.nextInt(12); n > 0; n--) {
          double value = StrictMath.exp(random.nextGaussian());
          ((DistributionAggregate) window.at(0, arm, instance, MetricKind.DISTRIBUTION))
              .addValue(value, 1);
          ((DistributionAggregate) window.at(3, arm, instance, MetricKind.DISTRIBUTION))
              .addExplicit(
                  new double[] {0.25, 0.5, 1, 2}, new long[] {1, random.nextInt(3), 1, 2, 1});
        }
        long total = random.nextInt(30);
        long failures = random.nextInt(20) == 0 ? total / 3 : 0;
        TestRun.count(window, 1, arm, instance, total, failures);
        TestRun.count(window, 2, arm, instance, total, failures);
        addRoutes(window, random, arm, instance, index);
      }
    }
    return window;
  }

  /** Five routes, more than are told apart, that begin one after the other. */
  private static void addRoutes(
      WindowAggregate window, Random random, Arm arm, String instance, long index) {
    for (int route = 0; route < Math.min(5, 1 + index / 50); route++) {
      String name = route == 0 ? "" : "/route-" + (9 - route);
      long total = random.nextInt(10);
      ((ProportionAggregate) window.at(4, arm, name, instance, MetricKind.PROPORTION))
          .add(total, random.nextInt(8) == 0 ? total / 2 : 0);
      for (int n = random.nextInt(5); n > 0; n--) {
        ((DistributionAggregate) window.at(5, arm, name, instance, MetricKind.DISTRIBUTION))
            .addValue(0.1 * (route + 1) * StrictMath.exp(random.nextGaussian()), 1);
      }
    }
  }

  /** The same content, in parts that arrive in another order. */
  private static WindowAggregate byManyProducers(WindowAggregate window, Random random) {
    List<WindowAggregate> parts = new ArrayList<>();
    for (WindowAggregate.Entry entry : window.entries()) {
      WindowAggregate part = new WindowAggregate();
      Aggregate into =
          part.at(
              entry.metric(),
              entry.arm(),
              entry.stratum(),
              entry.instance(),
              entry.aggregate().kind());
      if (entry.aggregate() instanceof ProportionAggregate counts && counts.total() > 1) {
        long first = random.nextLong(counts.total() - counts.failures() + 1);
        ((ProportionAggregate) into).add(first, 0);
        WindowAggregate rest = new WindowAggregate();
        ((ProportionAggregate)
                rest.at(
                    entry.metric(),
                    entry.arm(),
                    entry.stratum(),
                    entry.instance(),
                    MetricKind.PROPORTION))
            .add(counts.total() - first, counts.failures());
        parts.add(rest);
      } else {
        into.merge(entry.aggregate());
      }
      parts.add(part);
    }
    for (WindowAggregate.Start start : window.starts()) {
      WindowAggregate part = new WindowAggregate();
      part.started(start.arm(), start.instance(), start.epochMillis());
      parts.add(part);
    }
    Collections.shuffle(parts, random);
    WindowAggregate merged = new WindowAggregate();
    parts.forEach(merged::merge);
    return merged;
  }

  private static List<Verdict> play(List<LogEntry> log) {
    RunAnalysis run = RunAnalysis.begin(policy(), START);
    List<Verdict> verdicts = new ArrayList<>();
    for (LogEntry entry : log) {
      verdicts.add(run.apply(entry));
    }
    return verdicts;
  }

  private static byte[] bytes(RunAnalysis run) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    run.write(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static DataInputStream in(byte[] bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes));
  }
}
