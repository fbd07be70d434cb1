package io.canaryjudge.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BehaviourTest {

  private static double[] sorted(Behaviour behaviour) {
    var random = new Random(3);
    return Stream.generate(() -> behaviour.next(random))
        .limit(100_000)
        .mapToDouble(Behaviour.Work::millis)
        .sorted()
        .toArray();
  }

  @Test
  void theSlowReleaseIsSlowInTheTailAndNotAtTheMedian() {
    double[] healthy = sorted(Demo.RELEASES.get(0).behaviour());
    double[] slow = sorted(Demo.RELEASES.get(2).behaviour());
    assertThat(healthy[50_000]).isCloseTo(100, within(1.0));
    assertThat(healthy[95_000]).isCloseTo(100 * Math.exp(0.4 * 1.645), within(2.0));
    assertThat(slow[50_000] / healthy[50_000]).isBetween(1.0, 1.1);
    assertThat(slow[95_000] / healthy[95_000]).isBetween(2.1, 2.6);
  }
}
