package io.canaryjudge.analysis.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.aggregate.ProportionAggregate;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.MetricKind;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Honest arms, simulated with fixed seeds, and one series in both. */
class IdenticalArmsTest {
  private static final int RUNS = 40;
  private static final int WINDOWS = 2_000;
  private static final double[] COARSE = {0.005, 0.1};

  /** What an instance sends in a window. */
  enum Shape {
    /** A request in every second window. */
    NEARLY_NOTHING(1) {
      @Override
      void send(Series series, SplittableRandom random) {
        requests(series, random.nextInt(2), 0.01, random);
      }
    },

    /** The same without latencies, which might tell the arms apart. */
    NEARLY_NOTHING_BUT_FAILURES(1) {
      @Override
      void send(Series series, SplittableRandom random) {
        series.count(random.nextInt(2), 0);
      }
    },

    /** One of two requests fails: two arms are the same in half of all windows. */
    COIN(1) {
      @Override
      void send(Series series, SplittableRandom random) {
        series.count(2, binomial(2, 0.5, random));
      }
    },

    /** The same in three instances, of which it only counts how many sent what. */
    COINS(3) {
      @Override
      void send(Series series, SplittableRandom random) {
        series.count(2, binomial(2, 0.5, random));
      }
    },

    /** A perfectly regular load of 10 requests a second, as from a load generator. */
    REGULAR(3) {
      @Override
      void send(Series series, SplittableRandom random) {
        requests(series, 50, 0, random);
      }
    },

    /** The same, of which 1 of 100 fails, without latencies. */
    REGULAR_FAILURES(3) {
      @Override
      void send(Series series, SplittableRandom random) {
        series.count(50, binomial(50, 0.01, random));
      }
    },

    /** The same, all but 1 of 100 in the first of three buckets. */
    REGULAR_IN_COARSE_BUCKETS(1) {
      @Override
      void send(Series series, SplittableRandom random) {
        int slow = binomial(50, 0.01, random);
        series.values().addExplicit(COARSE, new long[] {50 - slow, slow, 0});
        series.count(50, 0);
      }
    },

    /** A burst now and then that fails as a whole, else nothing. */
    BURSTS(2) {
      @Override
      void send(Series series, SplittableRandom random) {
        if (random.nextInt(10) == 0) {
          series.count(20, random.nextBoolean() ? 20 : 0);
        }
      }
    };

    final int instances;

    Shape(int instances) {
      this.instances = instances;
    }

    /** Whether few outcomes besides the number of requests could differ: worth a word, no more. */
    boolean regularNumbers() {
      return this == REGULAR_FAILURES || this == REGULAR_IN_COARSE_BUCKETS;
    }

    abstract void send(Series series, SplittableRandom random);

    static void requests(Series series, int requests, double p, SplittableRandom random) {
      for (int i = 0; i < requests; i++) {
        series.values().addValue(0.05 * StrictMath.exp(0.5 * random.nextGaussian()), 1);
      }
      series.count(requests, binomial(requests, p, random));
    }

    static int binomial(int n, double p, SplittableRandom random) {
      int events = 0;
      for (int i = 0; i < n; i++) {
        events += random.nextDouble() < p ? 1 : 0;
      }
      return events;
    }
  }

  /** The two metrics of an instance: 0 failures, 1 latencies. */
  record Series(WindowAggregate window, Arm arm, String instance) {
    void count(int total, int failures) {
      ((ProportionAggregate) window.at(0, arm, instance, MetricKind.PROPORTION))
          .add(total, failures);
    }

    DistributionAggregate values() {
      return (DistributionAggregate) window.at(1, arm, instance, MetricKind.DISTRIBUTION);
    }
  }

  @ParameterizedTest
  @EnumSource
  void honestArmsAreNeverTheSameBeyondChance(Shape shape) {
    for (int run = 0; run < RUNS; run++) {
      SplittableRandom random = new SplittableRandom(7_000 + run);
      IdenticalArms identical = new IdenticalArms(2);
      for (int i = 0; i < WINDOWS; i++) {
        add(identical, window(shape, random, random));
        assertThat(identical.beyondChance()).as("run %d, window %d", run, i).isFalse();
        assertThat(identical.suspected() && !shape.regularNumbers())
            .as("run %d, window %d", run, i)
            .isFalse();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void oneSeriesInBothArmsIsNoticed(Shape shape) {
    IdenticalArms identical = new IdenticalArms(2);
    SplittableRandom random = new SplittableRandom(1);
    int beyond = 0;
    int suspected = 0;
    for (int i = 0; i < WINDOWS; i++) {
      long seed = random.nextLong();
      add(identical, window(shape, new SplittableRandom(seed), new SplittableRandom(seed)));
      beyond += identical.beyondChance() ? 0 : 1;
      suspected += identical.suspected() ? 0 : 1;
    }
    switch (shape) { // after how many windows
      case REGULAR -> assertThat(beyond).isEqualTo(3); // the first is compared with nothing
      case REGULAR_FAILURES, REGULAR_IN_COARSE_BUCKETS -> assertThat(beyond).isBetween(20, 200);
      case COIN, COINS -> assertThat(beyond).isBetween(40, 300);
      // What fared all alike could be so in both arms by itself.
      case NEARLY_NOTHING, NEARLY_NOTHING_BUT_FAILURES, BURSTS ->
          assertThat(beyond).isEqualTo(WINDOWS);
    }
    assertThat(suspected).isBetween(3, 300);
  }

  /** At the worst odds there are, half of all windows, a line of 1e-12 is 40 windows in a row. */
  @Test
  void aWindowSaysAtMostWhatIsSure() {
    IdenticalArms identical = new IdenticalArms(1);
    for (int i = 0; i < 41; i++) { // the first, which is compared with nothing, and 40
      assertThat(identical.beyondChance()).as("window " + i).isFalse();
      WindowAggregate window = new WindowAggregate();
      for (Arm arm : Arm.values()) {
        new Series(window, arm, "a").count(2, 1);
        new Series(window, arm, "b").count(100 + i, 0); // so that no window repeats another
      }
      identical.add(window, 102 + i, 102 + i);
    }
    assertThat(identical.beyondChance()).isTrue();
  }

  private static void add(IdenticalArms identical, WindowAggregate window) {
    identical.add(window, requests(window, Arm.BASELINE), requests(window, Arm.CANARY));
  }

  private static long requests(WindowAggregate window, Arm arm) {
    return window.entries(0, arm).stream()
        .mapToLong(entry -> ((ProportionAggregate) entry.aggregate()).total())
        .sum();
  }

  private static WindowAggregate window(
      Shape shape, SplittableRandom baseline, SplittableRandom canary) {
    WindowAggregate window = new WindowAggregate();
    for (int i = 0; i < shape.instances; i++) {
      shape.send(new Series(window, Arm.BASELINE, "pod-" + i), baseline);
    }
    for (int i = 0; i < shape.instances; i++) {
      shape.send(new Series(window, Arm.CANARY, "pod-" + (shape.instances - i)), canary);
    }
    return window;
  }
}
