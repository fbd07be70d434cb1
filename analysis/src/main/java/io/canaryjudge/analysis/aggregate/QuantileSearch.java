package io.canaryjudge.analysis.aggregate;

/** Finds the edges between which a value of given rank lies. */
final class QuantileSearch {
  private QuantileSearch() {}

  /** Rank, from 1, of the value that is the q-quantile of {@code count} values. */
  static long rank(double q, long count) {
    if (!(q >= 0 && q <= 1)) {
      throw new IllegalArgumentException("q: " + q + " (expected: in [0, 1])");
    }
    if (count == 0) {
      throw new IllegalStateException("a quantile of no values");
    }
    return Math.clamp((long) Math.ceil(q * count), 1, count);
  }

  static long checked(long rank, long count) {
    if (rank < 1 || rank > count) {
      throw new IllegalArgumentException("rank: " + rank + " (expected: in [1, " + count + "])");
    }
    return rank;
  }

  /** The smallest edge that certainly has {@code rank} values at or below it. */
  static double upper(DistributionAggregate values, long rank) {
    if (values.zeros() >= rank) {
      return 0;
    }
    double best = Double.POSITIVE_INFINITY;
    if (values.nearZeros() > 0 && certainlyUpTo(values, values.nearZeroThreshold()) >= rank) {
      best = values.nearZeroThreshold();
    }
    ExponentialCells cells = values.exponential();
    if (cells.total() > 0) {
      int low = cells.first();
      int high = cells.last() + 1;
      while (low < high) {
        int middle = (low + high) >> 1;
        if (certainlyUpTo(values, upperEdge(cells, middle)) >= rank) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      if (low <= cells.last()) {
        best = Math.min(best, upperEdge(cells, low));
      }
    }
    for (ExplicitCells layout : values.layouts()) {
      int low = 0;
      int high = layout.bounds().length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (certainlyUpTo(values, layout.bounds()[middle]) >= rank) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      if (low < layout.bounds().length) {
        best = Math.min(best, layout.bounds()[low]);
      }
    }
    return best;
  }

  /** The greatest edge that certainly has fewer than {@code rank} values at or below it. */
  static double lower(DistributionAggregate values, long rank) {
    double best = 0;
    ExponentialCells cells = values.exponential();
    if (cells.total() > 0) {
      int low = cells.first();
      int high = cells.last() + 1;
      while (low < high) {
        int middle = (low + high) >> 1;
        if (possiblyUpTo(values, lowerEdge(cells, middle)) < rank) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      if (low > cells.first()) {
        best = lowerEdge(cells, low - 1);
      }
    }
    for (ExplicitCells layout : values.layouts()) {
      int low = 0;
      int high = layout.bounds().length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (possiblyUpTo(values, layout.bounds()[middle]) < rank) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      if (low > 0) {
        best = Math.max(best, layout.bounds()[low - 1]);
      }
    }
    return best;
  }

  private static double lowerEdge(ExponentialCells cells, int cell) {
    return ExponentialEdges.lowerEdge(cell, cells.scale());
  }

  private static double upperEdge(ExponentialCells cells, int cell) {
    return lowerEdge(cells, cell + 1);
  }

  private static long certainlyUpTo(DistributionAggregate values, double y) {
    return values.count() - values.atMostAbove(y);
  }

  private static long possiblyUpTo(DistributionAggregate values, double y) {
    return values.count() - values.atLeastAbove(y);
  }
}
