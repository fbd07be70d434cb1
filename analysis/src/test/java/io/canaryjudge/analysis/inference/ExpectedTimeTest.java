package io.canaryjudge.analysis.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ExpectedTimeTest {
  private final ExpectedTime time = new ExpectedTime();

  @Test
  void steadyGrowthIsExtrapolated() {
    for (int window = 1; window <= 1000; window++) {
      time.add(0.01 * window);
      double until = Math.max(0, 20 - 0.01 * window) / 0.01;
      assertThat(time.windowsUntil(20)).isCloseTo(until, within(1e-6));
    }
  }

  @Test
  void onlyTheSecondHalfCounts() {
    for (int window = 1; window <= 100; window++) {
      time.add(window <= 50 ? -1.0 : -1.0 + 0.1 * (window - 50));
    }
    assertThat(time.windowsUntil(9)).isCloseTo(50, within(1.0));
  }

  @Test
  void whatDoesNotGrowIsNeverReached() {
    assertThat(time.windowsUntil(1)).isInfinite();
    for (int window = 1; window <= 10; window++) {
      time.add(-0.1 * window);
    }
    assertThat(time.windowsUntil(1)).isInfinite();
  }

  @Test
  void whatIsReachedTakesNoTime() {
    time.add(5);
    assertThat(time.windowsUntil(4.6)).isZero();
  }
}
