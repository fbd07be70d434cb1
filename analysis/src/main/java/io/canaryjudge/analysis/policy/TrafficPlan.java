package io.canaryjudge.analysis.policy;

import java.util.List;

/**
 * The stages in which traffic moves to the canary.
 *
 * @param weights the canary's share of traffic at each step, in percent, rising, in (0, 100]; empty
 *     if the deploy tool keeps the plan to itself
 * @param verifySplit whether the observed share of requests is tested against the weight of the
 *     present step (a sample-ratio check that withholds GO); only sensible where the baseline
 *     receives the rest of the traffic
 */
public record TrafficPlan(List<Double> weights, boolean verifySplit) {

  /** Copies the list. */
  public TrafficPlan {
    weights = List.copyOf(weights);
  }
}
