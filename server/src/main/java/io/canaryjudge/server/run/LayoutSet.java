package io.canaryjudge.server.run;

import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The explicit histogram layouts that one metric of one instance has used in a run. An aggregate
 * keeps only so many apart; deciding over the whole run, and not for each aggregate, keeps every
 * later merge possible.
 */
final class LayoutSet {

  private final List<double[]> layouts = new ArrayList<>();

  /** Whether a layout is known, or there is room for one more. */
  synchronized boolean admit(double[] upperBounds) {
    for (double[] layout : layouts) {
      if (Arrays.equals(layout, upperBounds)) {
        return true;
      }
    }
    if (layouts.size() == DistributionAggregate.MAX_LAYOUTS) {
      return false;
    }
    layouts.add(upperBounds.clone());
    return true;
  }
}
