package io.canaryjudge.analysis.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ExponentialTest {
  @Test
  void agreesWithStrictMathToAFewUnitsInTheLastPlace() {
    Random random = new Random(5);
    for (int i = 0; i < 500_000; i++) {
      double x =
          i % 2 == 0 ? -700 * random.nextDouble() : -StrictMath.exp(-40 * random.nextDouble());
      double expected = StrictMath.exp(x);
      assertThat(Math.abs(Exponential.exp(x) - expected))
          .as("exp(%s)", x)
          .isLessThanOrEqualTo(2 * Math.ulp(expected));
    }
  }

  @Test
  void theEndsOfTheRange() {
    assertThat(Exponential.exp(0)).isEqualTo(1);
    assertThat(Exponential.exp(-0.0)).isEqualTo(1);
    assertThat(Exponential.exp(-Double.MIN_VALUE)).isEqualTo(1);
    assertThat(Exponential.exp(-700.0001)).isZero();
    assertThat(Exponential.exp(Double.NEGATIVE_INFINITY)).isZero();
    assertThat(Exponential.exp(Double.NaN)).isNaN();
  }
}
