package io.canaryjudge.analysis.verdict;

/** What a reader must know about how far the stated error bounds reach in this run. */
public enum Caveat {
  /** One canary instance: differences between instances cannot be told from the version. */
  SINGLE_CANARY_INSTANCE,

  /** Fewer than 3 instances in an arm: the bounds hold for independent requests only. */
  FEW_INSTANCES,

  /** An instance was ignored because an arm has more instances than can be told apart. */
  TOO_MANY_INSTANCES,

  /** Evidence of harm was interpolated within coarse buckets. */
  RESOLUTION_APPROX,

  /** Both arms carried the very same data in each of the last windows with traffic. */
  IDENTICAL_ARMS,

  /** A metric has more strata than the policy tells apart: the later ones were compared as one. */
  STRATA_POOLED,

  /**
   * Over a fifth of the canary's requests are in strata of which the baseline had none at the time:
   * they could not be compared, and GO is withheld.
   */
  STRATA_UNMATCHED
}
