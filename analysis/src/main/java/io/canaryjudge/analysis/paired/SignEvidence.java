package io.canaryjudge.analysis.paired;

import io.canaryjudge.analysis.inference.LogSpace;

/**
 * An e-value against "an event happens in a share of the pairs of at most p0".
 *
 * <p>Each pair multiplies a capital of 1 by the likelihood ratio of an alternative {@code p > p0}
 * to {@code p0}: {@code p / p0} with the event, {@code (1 - p) / (1 - p0)} without. Where the
 * chance of the event, given all pairs before, is at most {@code p0}, the expectation of that
 * factor is at most 1, so the capital is a test supermartingale (Shafer 2021, Journal of the Royal
 * Statistical Society A 184(2), section 2) and the chance of ever exceeding {@code 1/alpha} is at
 * most {@code alpha} (Ville 1939). The mean over all alternatives, uniform on (p0, 1), is one too
 * (Robbins 1970, Annals of Mathematical Statistics 41(5), the method of mixtures). With {@code p0 =
 * 1/2} and the event "the canary is higher" it is the sequential form of the sign test.
 */
final class SignEvidence {

  private SignEvidence() {}

  /**
   * ln of the e-value: with {@code B} the beta function and {@code I} its regularized incomplete
   * form, of {@code B(k+1, n-k+1) (1 - I_p0(k+1, n-k+1)) / ((1 - p0) p0^k (1 - p0)^(n-k))}. The
   * second factor of the numerator is the chance of at most k events in n + 1 pairs at {@code p0}
   * (NIST DLMF 8.17.5), which is summed.
   *
   * @param events pairs with the event, in [0, pairs]
   * @param pairs all pairs, at least 0
   * @param p0 share that is claimed not to be exceeded, in (0, 1)
   */
  static double logE(int events, int pairs, double p0) {
    if (!(p0 > 0 && p0 < 1)) {
      throw new IllegalArgumentException("p0: " + p0 + " (expected: in (0, 1))");
    }
    if (events < 0 || events > pairs) {
      throw new IllegalArgumentException(
          "events: " + events + " (expected: in [0, " + pairs + "])");
    }
    double logP = StrictMath.log(p0);
    double logQ = StrictMath.log1p(-p0);
    double[] tail = new double[events + 1];
    double logChoose = 0;
    for (int i = 0; i <= events; i++) {
      tail[i] = logChoose + i * logP + (pairs + 1 - i) * logQ;
      logChoose += StrictMath.log(pairs + 1.0 - i) - StrictMath.log(i + 1.0);
    }
    // ln B(k+1, n-k+1) is -ln((n+1) C(n, k)), and C(n, k) is C(n+1, k) (n+1-k) / (n+1).
    double logBeta = -logChooseOf(pairs, events) - StrictMath.log(pairs + 1.0);
    return logBeta
        + Math.min(0, LogSpace.logSumExp(tail))
        - logQ
        - events * logP
        - (pairs - events) * logQ;
  }

  private static double logChooseOf(int n, int k) {
    double log = 0;
    for (int i = 0; i < Math.min(k, n - k); i++) {
      log += StrictMath.log(n - (double) i) - StrictMath.log(i + 1.0);
    }
    return log;
  }
}
