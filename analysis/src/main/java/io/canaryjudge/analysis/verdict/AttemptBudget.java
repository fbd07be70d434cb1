package io.canaryjudge.analysis.verdict;

/**
 * How attempts at the same artifact share one chance of a false GO.
 *
 * <p>Attempt k may say GO falsely with the chance {@code beta * share(k)}. The shares are fixed in
 * advance and sum to 1, so by the union bound (Boole's inequality) a bad artifact that is tried any
 * number of times, for as long as it takes, gets a GO with a chance of at most {@code beta}. This
 * is alpha spending over a sequence of hypotheses (Foster and Stine 2008) with nothing ever earned
 * back.
 */
public final class AttemptBudget {
  /** As the number of an attempt: of a run that is not linked to others. */
  public static final int NOT_LINKED = 0;

  private static final double FIRST = 0.8;
  private static final double LATER = 0.2;

  private AttemptBudget() {}

  /**
   * The share of beta that an attempt has: 0.8 for the first, {@code 0.2 / (k (k - 1))} for each
   * later one, and 1 for a run that is not linked.
   *
   * @param attempt number of the attempt, from 1; {@link #NOT_LINKED} for none
   * @return in (0, 1]
   */
  public static double share(int attempt) {
    if (!(attempt >= 0)) {
      throw new IllegalArgumentException("attempt: " + attempt + " (expected: at least 0)");
    }
    if (attempt == NOT_LINKED) {
      return 1;
    }
    return attempt == 1 ? FIRST : LATER / ((double) attempt * (attempt - 1));
  }

  /** ln(1 + 1/beta) of an attempt: the line that each threshold's evidence has to reach for GO. */
  static double safeLine(double beta, int attempt) {
    return StrictMath.log1p(1 / (beta * share(attempt)));
  }
}
