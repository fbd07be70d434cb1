package io.canaryjudge.analysis.inference;

/**
 * How much the event rates of one arm's instances differ over a stretch of time, beside what
 * independent requests would show. Reused between computations; not part of any state.
 *
 * <p>With counts N_i, K_i, rate p = sum K / sum N, E_i = N_i p and h_i = N_i / sum N: numerator =
 * sum (K_i - E_i)^2, denominator = sum E_i (1 - p)(1 - h_i), its expectation if all rates are
 * equal.
 */
final class InstanceSpread {
  double total;
  double events;

  /** sum h_i^2: one over the effective number of instances. */
  double concentration;

  double numerator;
  double denominator;

  /** sum E_i^2 (1 - h_i): turns an excess of the numerator into a relative variance of rates. */
  double denominator2;

  /** Instances with requests. */
  int active;

  /** Instances with requests, less one; 0 if nothing can be seen of their differences. */
  int degreesOfFreedom;

  /**
   * Computes the spread of the counts since a base.
   *
   * @param totals requests of each instance so far
   * @param counts events of each instance so far
   * @param instances how many instances there are
   * @param baseTotals requests at the base; instances beyond its length had none
   * @param baseCounts events at the base
   */
  void compute(
      double[] totals, double[] counts, int instances, double[] baseTotals, double[] baseCounts) {
    total = 0;
    events = 0;
    concentration = 0;
    numerator = 0;
    denominator = 0;
    denominator2 = 0;
    active = 0;
    degreesOfFreedom = 0;
    int base = Math.min(baseTotals.length, instances);
    for (int i = 0; i < instances; i++) {
      double n = i < base ? totals[i] - baseTotals[i] : totals[i];
      total += n;
      events += i < base ? counts[i] - baseCounts[i] : counts[i];
      active += n > 0 ? 1 : 0;
    }
    if (active == 0) {
      return;
    }
    double rate = events / total;
    double perRequest = 1 / total;
    for (int i = 0; i < instances; i++) {
      double n = i < base ? totals[i] - baseTotals[i] : totals[i];
      double k = i < base ? counts[i] - baseCounts[i] : counts[i];
      double expected = n * rate;
      double share = n * perRequest;
      double deviation = k - expected;
      concentration += share * share;
      numerator += deviation * deviation;
      denominator += expected * (1 - rate) * (1 - share);
      denominator2 += expected * expected * (1 - share);
    }
    degreesOfFreedom = denominator > 0 ? active - 1 : 0;
  }
}
