package io.canaryjudge.analysis.aggregate;

import io.canaryjudge.analysis.policy.MetricKind;

/**
 * Requests and failures: how many there were and how many of them failed.
 *
 * <p>Where failures are counted apart from requests, a failure may come before its request: what
 * has come of them is kept, and as many count as there are requests.
 */
public final class ProportionAggregate implements Aggregate {
  private long total;
  private long failures;

  /** An aggregate that holds nothing. */
  public ProportionAggregate() {}

  /** Number of requests, in [0, {@link #MAX_COUNT}]. */
  public long total() {
    return total;
  }

  /** Number of failed requests, in [0, {@link #total()}]. */
  public long failures() {
    return Math.min(failures, total);
  }

  /** Number of failures that came, also those whose requests have not come; at least 0. */
  long failuresSoFar() {
    return failures;
  }

  /**
   * Counts further requests.
   *
   * @param moreTotal number of requests, at least 0
   * @param moreFailures how many of them failed, in [0, moreTotal]
   * @throws IllegalArgumentException if the counts are out of range; nothing is counted then
   */
  public void add(long moreTotal, long moreFailures) {
    if (moreTotal < 0) {
      throw new IllegalArgumentException("total: " + moreTotal + " (expected: >= 0)");
    }
    if (moreFailures < 0 || moreFailures > moreTotal) {
      throw new IllegalArgumentException(
          "failures: " + moreFailures + " (expected: in [0, total = " + moreTotal + "])");
    }
    total = Counts.sum("total", total, moreTotal);
    failures = Counts.sum("failures", failures, moreFailures);
  }

  /**
   * Counts failures of requests that are counted apart.
   *
   * @param moreFailures at least 0
   * @throws IllegalArgumentException if the count is out of range; nothing is counted then
   */
  public void addFailures(long moreFailures) {
    if (moreFailures < 0) {
      throw new IllegalArgumentException("failures: " + moreFailures + " (expected: >= 0)");
    }
    failures = Counts.sum("failures", failures, moreFailures);
  }

  @Override
  public MetricKind kind() {
    return MetricKind.PROPORTION;
  }

  @Override
  public void merge(Aggregate other) {
    switch (other) {
      case ProportionAggregate proportion -> {
        long sum = Counts.sum("total", total, proportion.total);
        failures = Counts.sum("failures", failures, proportion.failures);
        total = sum;
      }
      case DistributionAggregate distribution -> throw Counts.kindMismatch(this, distribution);
    }
  }

  @Override
  public boolean isEmpty() {
    return total == 0 && failures == 0;
  }

  @Override
  public ProportionAggregate copy() {
    ProportionAggregate copy = new ProportionAggregate();
    copy.total = total;
    copy.failures = failures;
    return copy;
  }

  @Override
  public long heapBytes() {
    return 32;
  }

  @Override
  public double logChance() {
    LogChance chance = new LogChance();
    chance.add(failures());
    chance.add(total - failures());
    return chance.log();
  }

  @Override
  public String toString() {
    return failures() + " failures of " + total;
  }
}
