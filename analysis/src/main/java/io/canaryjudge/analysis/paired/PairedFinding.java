package io.canaryjudge.analysis.paired;

/**
 * What pairs say about one direction of change.
 *
 * @param outcome what follows
 * @param pairs how many there were
 * @param beyond pairs in which the canary is beyond the tolerance of NO_GO
 * @param inflation by which the evidence was tempered for the likeness of neighbouring pairs, at
 *     least 1
 * @param logHarm natural logarithm of the e-value against "within the tolerance of NO_GO"
 * @param harmLine line at which that means NO_GO
 * @param logSafe natural logarithm of the e-value against "at or beyond the tolerance of GO"
 * @param safeLine line at which that means GO
 */
public record PairedFinding(
    Outcome outcome,
    int pairs,
    int beyond,
    double inflation,
    double logHarm,
    double harmLine,
    double logSafe,
    double safeLine) {

  /** What follows from the evidence. */
  public enum Outcome {
    /** It excludes that the canary is within the tolerance of NO_GO. */
    HARMFUL,

    /** It excludes that the canary is beyond the tolerance of GO. */
    SAFE,

    /** It excludes neither: the pairs are too few, too alike, or at the edge. */
    UNDECIDED
  }
}
