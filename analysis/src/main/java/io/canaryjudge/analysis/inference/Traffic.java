package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Aggregate;
import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.aggregate.ProportionAggregate;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many requests each arm had in a window, instances that are warming up included.
 *
 * <p>Samples do not name requests, they count them once for each metric. So the counts of one
 * metric are taken for both arms: of that which counted most until now, before this window, which
 * is the one that tells a silence soonest. Mutable, with a single owner.
 */
final class Traffic {
  private static final int FORMAT = 1;

  private final long[] totals; // of both arms, by metric
  private final long[] baselines; // of this window
  private final long[] canaries;
  private int chosen;

  Traffic(int metrics) {
    totals = new long[metrics];
    baselines = new long[metrics];
    canaries = new long[metrics];
  }

  void count(WindowAggregate window, Instances instances) {
    Arrays.fill(baselines, 0);
    Arrays.fill(canaries, 0);
    count(window, Arm.BASELINE, instances.of(Arm.BASELINE), baselines);
    count(window, Arm.CANARY, instances.of(Arm.CANARY), canaries);
    chosen = 0;
    for (int metric = 1; metric < totals.length; metric++) {
      if (totals[metric] > totals[chosen]
          || (totals[metric] == totals[chosen] && here(metric) > here(chosen))) {
        chosen = metric;
      }
    }
    for (int metric = 0; metric < totals.length; metric++) {
      totals[metric] += here(metric);
    }
  }

  /** Requests of the baseline in this window. */
  long baseline() {
    return baselines[chosen];
  }

  /** Requests of the canary in this window. */
  long canary() {
    return canaries[chosen];
  }

  void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    for (long total : totals) {
      out.writeLong(total);
    }
  }

  void read(DataInput in) throws IOException {
    StateFormat.check("traffic", FORMAT, in);
    for (int metric = 0; metric < totals.length; metric++) {
      totals[metric] = in.readLong();
    }
  }

  private long here(int metric) {
    return baselines[metric] + canaries[metric];
  }

  private static void count(
      WindowAggregate window, Arm arm, ArmInstances reporting, long[] counts) {
    for (int metric = 0; metric < counts.length; metric++) {
      List<String> strata = window.strata(metric);
      for (int i = 0; i < reporting.present(); i++) {
        counts[metric] += requests(window.find(metric, arm, reporting.name(i)));
        for (String stratum : strata) {
          counts[metric] += requests(window.find(metric, arm, stratum, reporting.name(i)));
        }
      }
    }
  }

  private static long requests(@Nullable Aggregate found) {
    return switch (found) {
      case null -> 0;
      case ProportionAggregate proportion -> proportion.total();
      case DistributionAggregate distribution -> distribution.count();
    };
  }
}
