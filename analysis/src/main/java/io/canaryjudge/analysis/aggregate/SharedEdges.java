package io.canaryjudge.analysis.aggregate;

import java.util.Arrays;

/** Finds thresholds at which the counts of a distribution are exact, or nearly all of them. */
final class SharedEdges {
  private SharedEdges() {}

  static double next(DistributionAggregate values, double y) {
    if (y == 0 || !hasCells(values)) {
      return y;
    }
    if (mostlyExponential(values)) {
      return y == Double.POSITIVE_INFINITY ? y : values.exponential().upperEdge(y);
    }
    ExplicitCells first = values.layouts()[0];
    for (int i = first.firstBoundAtOrAbove(y); i < first.bounds().length; i++) {
      if (isShared(values, first.bounds()[i])) {
        return first.bounds()[i];
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  static double previous(DistributionAggregate values, double y) {
    if (y == 0 || !hasCells(values)) {
      return y;
    }
    if (mostlyExponential(values)) {
      ExponentialCells cells = values.exponential();
      if (y == Double.POSITIVE_INFINITY || cells.upperEdge(y) == y) {
        return y;
      }
      return ExponentialEdges.lowerEdge(cells.cell(y), cells.scale());
    }
    ExplicitCells first = values.layouts()[0];
    int next = first.firstBoundAtOrAbove(y);
    if (next < first.bounds().length && first.bounds()[next] == y && isShared(values, y)) {
      return y;
    }
    for (int i = next - 1; i >= 0; i--) {
      if (isShared(values, first.bounds()[i])) {
        return first.bounds()[i];
      }
    }
    return 0;
  }

  private static boolean hasCells(DistributionAggregate values) {
    return values.exponential().total() > 0 || values.layouts().length > 0;
  }

  private static boolean mostlyExponential(DistributionAggregate values) {
    long explicit = 0;
    for (ExplicitCells cells : values.layouts()) {
      explicit += cells.total();
    }
    return values.exponential().total() >= explicit;
  }

  private static boolean isShared(DistributionAggregate values, double bound) {
    for (ExplicitCells cells : values.layouts()) {
      if (Arrays.binarySearch(cells.bounds(), bound) < 0) {
        return false;
      }
    }
    return true;
  }
}
