package io.canaryjudge.analysis.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExponentialEdgesTest {
  @Test
  void anEdgeIsTheGreatestDoubleNotAboveTheTrueOne() {
    for (int cell = 0; cell <= 64; cell++) {
      double edge = ExponentialEdges.lowerEdge(cell, 6);
      BigDecimal truth = BigDecimal.TWO.pow(cell);
      assertThat(new BigDecimal(edge).pow(64)).isLessThanOrEqualTo(truth);
      assertThat(new BigDecimal(Math.nextUp(edge)).pow(64)).isGreaterThan(truth);
    }
  }

  @Test
  void aCellIncludesItsUpperEdgeOnly() {
    for (int cell = -700; cell <= 700; cell++) {
      double edge = ExponentialEdges.lowerEdge(cell, 6);
      assertThat(ExponentialEdges.index(edge)).isEqualTo(cell - 1);
      assertThat(ExponentialEdges.index(Math.nextUp(edge))).isEqualTo(cell);
    }
  }

  @Test
  void everyValueLiesInItsCell() {
    Random random = new Random(7);
    for (int i = 0; i < 200_000; i++) {
      double value = Math.abs(Double.longBitsToDouble(random.nextLong()));
      if (value >= Double.MIN_NORMAL && value <= Double.MAX_VALUE) {
        int cell = ExponentialEdges.index(value);
        assertThat(ExponentialEdges.lowerEdge(cell, 6)).isLessThan(value);
        assertThat(ExponentialEdges.lowerEdge(cell + 1, 6)).isGreaterThanOrEqualTo(value);
      }
    }
  }

  @Test
  void coarserScalesShareTheEdgesOfFinerOnes() {
    for (int scale = ExponentialEdges.COARSEST_SCALE; scale < 6; scale++) {
      for (int cell = -2; cell <= 2; cell++) {
        assertThat(ExponentialEdges.lowerEdge(cell, scale))
            .isEqualTo(ExponentialEdges.lowerEdge(2 * cell, scale + 1));
      }
    }
    assertThat(ExponentialEdges.lowerEdge(3, 0)).isEqualTo(8);
    assertThat(ExponentialEdges.lowerEdge(-1, -1)).isEqualTo(0.25);
  }

  @Test
  void theRangeOfDoublesIsCovered() {
    assertThat(ExponentialEdges.index(Double.MAX_VALUE)).isEqualTo(1024 * 64 - 1);
    assertThat(ExponentialEdges.lowerEdge(1024 * 64, 6)).isInfinite();
    assertThat(ExponentialEdges.index(Double.MIN_VALUE)).isEqualTo(-1074 * 64 - 1);
    assertThat(ExponentialEdges.index(Double.MIN_NORMAL)).isEqualTo(-1022 * 64 - 1);
    assertThat(ExponentialEdges.lowerEdge(-1, ExponentialEdges.COARSEST_SCALE))
        .isEqualTo(0x1p-1024);
  }
}
