package io.canaryjudge.analysis.policy;

/**
 * How far a canary may go. In the harmful direction of its metric; a {@code DECREASE} mirrors it.
 */
public sealed interface Tolerance {

  /**
   * A limit on the canary alone, whatever the baseline does.
   *
   * @param limit for a proportion a share in (0, 1); for a quantile a value in the unit of the
   *     metric, above 0. The canary is beyond it when it is above (harmful direction INCREASE) or
   *     below (DECREASE)
   */
  record Limit(double limit) implements Tolerance {}

  /**
   * A limit on the change against the baseline. With {@code b} the baseline's proportion or
   * quantile, the canary is within tolerance up to {@code (1 + relative) b + absolute} (INCREASE),
   * or down to {@code (1 - relative) b - absolute} (DECREASE). Beyond the floor too, or it does not
   * count: a difference of at most {@code floor} is always within tolerance.
   *
   * @param relative fraction of the baseline, at least 0 (0.5 is 50 %); below 1 when DECREASE
   * @param absolute absolute change, at least 0, in the unit of the metric (a share for a
   *     proportion)
   * @param floor absolute change that is always acceptable, at least 0, same unit; 0 means none. A
   *     relative tolerance of a proportion needs one, or a service without errors could never be
   *     promoted: with no event in either arm the ratio is not identified
   */
  record Change(double relative, double absolute, double floor) implements Tolerance {}
}
